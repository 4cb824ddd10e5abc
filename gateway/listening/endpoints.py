"""`/api/listening`: the trials of a listener, their answers, and the results for who has the token."""

from __future__ import annotations

import csv
import hmac
import io
import json
import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.listening.assignment import Trial, assignment
from gateway.listening.scenarios import Scenario, find_clip
from gateway.listening.statistics import results
from gateway.listening.store import Answer, Full, Store
from gateway.observation import Endpoint, named
from gateway.refusal import refusal
from gateway.site import MEDIA_TYPES
from gateway.telemetry import same_origin

# What `crypto.randomUUID` gives: nothing that could name a person.
USER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SIDES = ("left", "right")
PREFERENCES = (*SIDES, "none")
LONGEST = 86_400.0
COLUMNS = "scenario user item answered_at seconds left_system right_system preferred question system score".split()
NO_STORE = {"Cache-Control": "no-store"}
AUDIO = {".flac": "audio/flac", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4"}
AUDIO |= {".wav": MEDIA_TYPES[".wav"], ".webm": "audio/webm"}


LOG = logging.getLogger("qingsheng.listening")


class InvalidAnswer(Exception):
    """The message names the field and what was expected."""


def read_scores(given: object, scenario: Scenario, trial: Trial) -> dict[tuple[str, str], int]:
    """`{question: {left: 1..5, right: 1..5}}`, all questions, to scores by question and system."""
    questions = [question.id for question in scenario.questions]
    if not isinstance(given, dict) or set(given) != set(questions):
        raise InvalidAnswer(f"scores: expected {', '.join(questions) or 'none'}")
    found = {}
    for question in questions:
        for side in SIDES:
            score = given[question].get(side) if isinstance(given[question], dict) else None
            if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
                raise InvalidAnswer(f"scores.{question}.{side}: expected a whole number from 1 to 5")
            found[question, trial.side(side).id] = score
    return found


def read_answer(body: bytes, scenarios: Mapping[str, Scenario]) -> Answer:
    """Raises: InvalidAnswer."""
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer("expected JSON") from error
    fields = {"scenario", "user", "item", "preference", "scores", "seconds"}
    if not isinstance(given, dict) or set(given) != fields:
        raise InvalidAnswer(f"expected {', '.join(sorted(fields))}, and nothing else")
    scenario = scenarios.get(given["scenario"]) if isinstance(given["scenario"], str) else None
    if scenario is None:
        raise InvalidAnswer("scenario: expected one of the list")
    if not isinstance(given["user"], str) or not USER.fullmatch(given["user"]):
        raise InvalidAnswer("user: expected a random UUID")
    trial = next((each for each in assignment(given["user"], scenario) if each.item.id == given["item"]), None)
    if trial is None:
        raise InvalidAnswer("item: expected one of this listener's trials")
    if given["preference"] not in PREFERENCES:
        raise InvalidAnswer(f"preference: expected one of {', '.join(PREFERENCES)}")
    seconds = given["seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST:
        raise InvalidAnswer(f"seconds: expected a number from 0 to {LONGEST:g}")
    scores = read_scores(given["scores"], scenario, trial)
    systems = trial.left.id, trial.right.id
    return Answer(given["user"], scenario.id, trial.item.id, *systems, given["preference"], float(seconds), scores)


def as_csv(answers: Iterable[Answer]) -> str:
    """A row for each score, one with empty cells where nothing was rated. No cell is a listener's own words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for answer in answers:
        first = (answer.scenario, answer.user, answer.item, answer.answered_at, f"{answer.seconds:.1f}")
        row = (*first, answer.left, answer.right, answer.preferred)
        rated = [(*key, str(score)) for key, score in sorted(answer.scores.items())]
        for cells in rated or [("", "", "")]:
            writer.writerow((*row, *cells))
    return out.getvalue()


class Listening:
    def __init__(self, store: Store, scenarios: Mapping[str, Scenario], clips: Path | None, token: str) -> None:
        """token: what the results are asked for with; where it is empty nobody gets them."""
        self.store, self.scenarios, self.clips, self.token = store, scenarios, clips, token

    def routes(self) -> list[Route]:
        endpoints: dict[str, tuple[Endpoint, list[str]]] = {
            "": (self.list, ["GET"]),
            "/session": (self.session, ["GET"]),
            "/answers": (self.answer, ["POST"]),
            "/clip": (self.clip, ["GET"]),
            "/results": (self.results, ["GET"]),
            "/results.csv": (self.export, ["GET"]),
        }
        return [
            Route(f"/listening{path}", named("api_listening", endpoint), methods=methods)
            for path, (endpoint, methods) in endpoints.items()
        ]

    async def list(self, _request: Request) -> Response:
        listed = [
            {"id": each.id, "name": each.name, "task": each.task, "trials": each.trials}
            for each in self.scenarios.values()
        ]
        return JSONResponse({"scenarios": listed}, headers=NO_STORE)

    async def session(self, request: Request) -> Response:
        """The trials of `user` in `scenario`. Nothing in it names a system."""
        scenario, user = self.asked(request)
        if scenario is None or user is None:
            return refusal(request.scope, 400, "Expected a scenario of the list, and a random UUID as user.")
        done = await anyio.to_thread.run_sync(self.store.done, user, scenario.id)
        trials = [
            {"item": trial.item.id, "text": trial.item.text, "done": trial.item.id in done}
            | {side: self.side(trial, side) for side in SIDES}
            for trial in assignment(user, scenario)
        ]
        questions = [{"id": each.id, **each.text} for each in scenario.questions]
        return JSONResponse({"scenario": scenario.id, "trials": trials, "questions": questions}, headers=NO_STORE)

    def side(self, trial: Trial, side: str) -> dict[str, object]:
        system = trial.side(side)
        return {"clip": True} if system.clips else {"options": system.options}

    def asked(self, request: Request) -> tuple[Scenario | None, str | None]:
        user = request.query_params.get("user", "")
        return self.scenarios.get(request.query_params.get("scenario", "")), user if USER.fullmatch(user) else None

    async def clip(self, request: Request) -> Response:
        """A recording, under an address that does not tell whose it is."""
        scenario, user = self.asked(request)
        side, item = request.query_params.get("side"), request.query_params.get("item")
        trials = assignment(user, scenario) if scenario and user and side in SIDES else []
        trial = next((each for each in trials if each.item.id == item), None)
        place = find_clip(self.clips, trial.side(str(side)), trial.item) if trial else None
        if place is None:
            return refusal(request.scope, 404, "There is no such clip.")
        content = await anyio.to_thread.run_sync(place.read_bytes)
        return Response(content, media_type=AUDIO[place.suffix], headers=NO_STORE)

    async def answer(self, request: Request) -> Response:
        if not same_origin(request):
            return refusal(request.scope, 403, "Answers come from this site's own pages.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refusal(request.scope, 415, "An answer is application/json.")
        try:
            answer = read_answer(await request.body(), self.scenarios)
        except InvalidAnswer as error:
            return refusal(request.scope, 400, f"{error}.")
        try:
            await anyio.to_thread.run_sync(self.store.put, answer)
        except Full:
            LOG.error("the file of the answers has reached its limit of %d bytes", self.store.most_bytes)
            return refusal(request.scope, 503, "No more answers can be kept.", {"Retry-After": "3600"})
        return Response(status_code=204, headers=NO_STORE)

    def admitted(self, request: Request) -> bool:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self.token.encode())
        return bool(self.token) and kind.lower() == "bearer" and right

    async def results(self, request: Request) -> Response:
        if not self.admitted(request):
            return self.closed(request)
        answers = await anyio.to_thread.run_sync(self.store.answers)
        found = [await anyio.to_thread.run_sync(results, scenario, answers) for scenario in self.scenarios.values()]
        return JSONResponse({"scenarios": found}, headers=NO_STORE)

    async def export(self, request: Request) -> Response:
        if not self.admitted(request):
            return self.closed(request)
        answers = await anyio.to_thread.run_sync(self.store.answers)
        headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="listening.csv"'}
        return Response(as_csv(answers), media_type="text/csv; charset=utf-8", headers=headers)

    def closed(self, request: Request) -> Response:
        return refusal(request.scope, 401, "The results need the token.", {"WWW-Authenticate": "Bearer"})
