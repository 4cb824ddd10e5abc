"""Listening tests: who hears what, the answers, the statistics, and who may see them."""

from __future__ import annotations

import csv
import io
import json
import math
import multiprocessing
import re
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from gateway.listening.assignment import assignment
from gateway.listening.faults import BadScenarios, BadStore
from gateway.listening.scenarios import FILE, Scenario, read_scenarios, without_parts
from gateway.listening.statistics import binomial_test, bootstrap, opinions, preference, results, wilson
from gateway.listening.store import MIGRATIONS, Answer, Full, Store
from gateway.settings import Settings, read_settings
from server import create_app
from tests.server.running import ROOT, ask, first_line, run_server

TOKEN = "a token of some length"  # noqa: S105
SHIPPED = ["customer-service", "audiobook", "assistant", "story", "voices"]
USERS = [str(uuid.UUID(int=value)) for value in range(1, 1001)]
AUTHORISED = {"authorization": f"Bearer {TOKEN}"}
CLIPS = """
format = 1
[[scenarios]]
id = "recorded"
name = { zh = "录音", en = "Recordings" }
task = { zh = "听一听", en = "Listen" }
trials = 1
systems = { old = { clips = "first" }, new = { clips = "second" } }
questions = []
items = [{ id = "hello", text = "你好。" }]
"""


@pytest.fixture
def scenarios() -> dict[str, Scenario]:
    return read_scenarios(FILE)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "answers.sqlite")


@pytest.fixture
def client(site: Path, tmp_path: Path) -> TestClient:
    settings = Settings(dist=site, listening=tmp_path / "answers.sqlite", listening_token=TOKEN)
    return TestClient(create_app(settings))


def test_the_shipped_scenarios(scenarios: dict[str, Scenario]) -> None:
    assert list(scenarios) == SHIPPED
    options = {
        frozenset(option for system in scenario.systems for option in (system.options or {}))
        for scenario in scenarios.values()
    }
    # Emotion, styles and voices, each against something else.
    assert options == {frozenset({"emotion", "style"}), frozenset({"emotion"}), frozenset({"voice"})}
    questions = [{question.id for question in scenario.questions} for scenario in scenarios.values()]
    assert questions[0] != questions[1] != questions[2]
    for scenario in scenarios.values():
        assert math.isclose(sum(question.weight for question in scenario.questions), 1)
        assert scenario.trials < len(scenario.items)


def test_a_listener_is_always_given_the_same(scenarios: dict[str, Scenario]) -> None:
    scenario = scenarios["audiobook"]
    assert assignment(USERS[0], scenario) == assignment(USERS[0], scenario)
    orders = {tuple((trial.item.id, trial.left.id) for trial in assignment(user, scenario)) for user in USERS}
    assert len(orders) > 500


@pytest.mark.parametrize("id_", SHIPPED)
def test_neither_side_nor_place_tells_a_system(scenarios: dict[str, Scenario], id_: str) -> None:
    scenario = scenarios[id_]
    first = scenario.systems[0].id
    sides: Counter[tuple[int, bool]] = Counter()
    items: Counter[str] = Counter()
    for user in USERS:
        trials = assignment(user, scenario)
        assert len({trial.item.id for trial in trials}) == len(trials) == scenario.trials
        # Within one session each system is as often on the left as on the right.
        heard = [trial for trial in trials if first in (trial.left.id, trial.right.id)]
        assert sum(trial.left.id == first for trial in heard) * 2 == len(heard)
        pairs = Counter(frozenset((trial.left.id, trial.right.id)) for trial in trials)
        assert len(set(pairs.values())) == 1
        sides.update((place, trial.left.id == first) for place, trial in enumerate(trials) if trial in heard)
        items.update(trial.item.id for trial in trials)
    # Five standard deviations of a fair coin.
    for place in range(scenario.trials):
        left, right = sides[place, True], sides[place, False]
        assert abs(left - right) < 5 * math.sqrt(left + right)
    assert min(items.values()) > 0.8 * len(USERS) * scenario.trials / len(scenario.items)


@pytest.mark.parametrize(
    "change",
    [
        ("format = 1", "format = 2"),
        ("trials = 4", "trials = 40"),
        ("trials = 4", "trials = true"),
        ('id = "audiobook"', 'id = "../audiobook"'),
        ('id = "audiobook"', 'id = "assistant"'),
        ("weight = 0.45", "weight = 0"),
        ('en = "Audiobook"', 'fr = "Livre"'),
        ("flat.options", "flat.clips"),
        ("systems.flat.options", "systems.flat.clips = 'x'\nsystems.flat.options"),
        ('id = "plum"', 'id = "letter"'),
        ("[[scenarios]]", "[[scenario]]"),
        ("format = 1", "format = "),
    ],
)
def test_scenarios_that_cannot_be_used(tmp_path: Path, change: tuple[str, str]) -> None:
    text = FILE.read_text("utf-8")
    assert change[0] in text
    place = tmp_path / "scenarios.toml"
    place.write_text(text.replace(*change), "utf-8")
    with pytest.raises(BadScenarios, match=r"scenarios\.toml"):
        read_scenarios(place)


def test_scenarios_may_be_json_and_clips_must_be_there(tmp_path: Path) -> None:
    place = tmp_path / "scenarios.toml"
    place.write_text(CLIPS, "utf-8")
    with pytest.raises(BadScenarios, match="first/hello"):
        read_scenarios(place, tmp_path)
    given = {
        "format": 1,
        "scenarios": [
            {
                "id": "a",
                "name": {"zh": "甲", "en": "A"},
                "task": {"zh": "听", "en": "Listen"},
                "trials": 1,
                "systems": {"one": {"options": {}}, "two": {"options": {"speed": 1.2}}},
                "questions": [],
                "items": [{"id": "x", "text": "你好。"}],
            }
        ],
    }
    (tmp_path / "scenarios.json").write_text(json.dumps(given), "utf-8")
    assert read_scenarios(tmp_path / "scenarios.json")["a"].system("two").options == {"speed": 1.2}


# The store.


def answer(user: str, preferred: str = "left", item: str = "plum", **scores: int) -> Answer:
    rated = {("natural", "flat"): scores["flat"], ("natural", "feeling"): scores["feeling"]} if scores else {}
    return Answer(user, "audiobook", item, "flat", "feeling", preferred, 3.5, rated)


def test_the_later_answer_counts(store: Store) -> None:
    store.put(answer(USERS[0], flat=2, feeling=4))
    store.put(answer(USERS[0], "right", flat=1, feeling=5))
    (kept,) = store.answers()
    assert (kept.preferred, kept.scores) == ("feeling", {("natural", "flat"): 1, ("natural", "feeling"): 5})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", kept.answered_at)
    assert store.done(USERS[0], "audiobook") == {"plum"}
    assert store.done(USERS[1], "audiobook") == set()


def test_an_answer_is_kept_whole_or_not_at_all(store: Store) -> None:
    store.put(answer(USERS[0], flat=2, feeling=4))
    with pytest.raises(sqlite3.IntegrityError):
        store.put(answer(USERS[0], flat=2, feeling=9))
    assert store.answers()[0].scores["natural", "feeling"] == 4


def test_the_file_ends_somewhere(tmp_path: Path) -> None:
    """Anybody may send answers: what is kept of them is bounded, and what is there stays."""
    small = Store(tmp_path / "small.sqlite", most_bytes=64 << 10)
    kept = 0
    try:
        for user in USERS:
            small.put(answer(user, flat=3, feeling=4))
            kept += 1
    except Full:
        pass
    assert 50 < kept < len(USERS)
    assert len(small.answers()) == kept
    assert small.done(USERS[0], "audiobook") == {"plum"}


def test_a_full_file_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Store, _answer: Answer) -> None:
        raise Full

    monkeypatch.setattr(Store, "put", full)
    refused = client.post("/api/listening/answers", json=reply(session(client)))
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "api.unavailable")
    assert refused.headers["retry-after"] == "3600"


def write_many(file: Path, first: int, count: int) -> None:
    store = Store(file)
    for user in USERS[first : first + count]:
        store.put(answer(user, flat=3, feeling=4))


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=write_many, args=(file, 20 * each, 20)) for each in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    answers = Store(file).answers()
    assert len(answers) == 60
    assert all(len(each.scores) == 2 for each in answers)


def test_an_older_file_is_brought_up_to_date_and_a_newer_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    database = sqlite3.connect(file)
    database.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    database.execute(
        "INSERT INTO answers (user, scenario, item, left_system, right_system, preference, seconds) "
        "VALUES ('u', 'audiobook', 'plum', 'plain', 'feeling', 'left', 1)"
    )
    database.commit()
    store = Store(file)
    assert [each.user for each in store.answers()] == ["u"]
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'answers_by%'"
    ).fetchone()
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(BadStore, match="99"):
        Store(file)
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(BadStore):
        Store(tmp_path / "text")


# Statistics.


def test_wilson_intervals_of_the_literature() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for successes, count, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson(successes, count) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) is None


def test_the_binomial_test_counts_all_outcomes() -> None:
    for count in range(1, 13):
        tosses = [sum(each) for each in product((0, 1), repeat=count)]
        for successes in range(count + 1):
            extreme = [each for each in tosses if abs(2 * each - count) >= abs(2 * successes - count)]
            assert binomial_test(successes, count) == pytest.approx(len(extreme) / len(tosses))
    assert binomial_test(8, 10) == pytest.approx(0.109375)
    assert binomial_test(5000, 10_000) == 1.0
    assert binomial_test(0, 0) is None


def test_the_bootstrap_draws_listeners() -> None:
    draw = np.random.default_rng(1)
    independent = [[float(score)] for score in draw.integers(1, 6, 200)]
    low, high = bootstrap(independent) or (0.0, 0.0)
    scores = np.array(independent).ravel()
    half = 1.96 * scores.std() / math.sqrt(len(scores))
    assert (low, high) == pytest.approx((scores.mean() - half, scores.mean() + half), abs=0.05)
    # Ten times the same from each listener says no more than once.
    assert bootstrap([each * 10 for each in independent]) == pytest.approx((low, high))
    assert bootstrap(independent) == (low, high)
    assert bootstrap([[1.0, 5.0]]) is None


def test_preferences_and_opinions(scenarios: dict[str, Scenario]) -> None:
    answers = [answer(user, "right", flat=2, feeling=4) for user in USERS[:8]]
    answers += [answer(USERS[8], "left", flat=5, feeling=1), answer(USERS[9], "none", flat=3, feeling=3)]
    answers.append(answer(USERS[8], "left", "letter", flat=5, feeling=1))
    found = preference(("flat", "feeling"), answers)
    assert (found["first_preferred"], found["second_preferred"], found["no_preference"]) == (2, 8, 1)
    assert found["share"] == pytest.approx(0.2)
    assert found["interval"] == wilson(2, 10)
    assert found["listeners"] == {"first": 1, "second": 8, "p": binomial_test(1, 9)}
    rated = {(each["system"], each["question"]): each for each in opinions(scenarios["audiobook"], answers)}
    assert rated["feeling", "natural"]["mean"] == pytest.approx((8 * 4 + 1 + 3 + 1) / 11)
    assert rated["feeling", "phrasing"]["mean"] is None
    # Only one question was rated: it is the whole of the weighted mean.
    assert rated["feeling", "overall"]["mean"] == rated["feeling", "natural"]["mean"]


def test_the_overall_score_is_weighted(scenarios: dict[str, Scenario]) -> None:
    scores = {(question, "flat"): value for question, value in [("expressive", 5), ("phrasing", 1), ("natural", 3)]}
    one = Answer(USERS[0], "audiobook", "plum", "flat", "feeling", "none", 1.0, scores)
    rated = {(each["system"], each["question"]): each for each in opinions(scenarios["audiobook"], [one])}
    assert rated["flat", "overall"]["mean"] == pytest.approx(0.45 * 5 + 0.3 * 1 + 0.25 * 3)


def test_no_answer_is_no_result(scenarios: dict[str, Scenario]) -> None:
    found = results(scenarios["assistant"], [])
    assert found["preferences"][0]["interval"] is found["preferences"][0]["p"] is None
    assert json.dumps(found, allow_nan=False)


# Over the wire.


def session(client: TestClient, user: str = USERS[0], scenario: str = "audiobook") -> dict[str, Any]:
    answered = client.get("/api/listening/session", params={"scenario": scenario, "user": user})
    assert answered.status_code == 200
    return dict(answered.json())


def reply(given: dict[str, Any], trial: int = 0, user: str = USERS[0], **changed: object) -> dict[str, Any]:
    scores = {question["id"]: {"left": 2, "right": 4} for question in given["questions"]}
    return {
        "scenario": given["scenario"],
        "user": user,
        "item": given["trials"][trial]["item"],
        "preference": "right",
        "scores": scores,
        "seconds": 12.5,
    } | changed


def test_a_whole_session(client: TestClient) -> None:
    listed = client.get("/api/listening").json()["scenarios"]
    # Of the small site the voices are others.
    assert [each["id"] for each in listed] == SHIPPED[:-1]
    given = session(client)
    assert [trial["done"] for trial in given["trials"]] == [False] * 4
    # Blind: no system is named.
    assert not {"flat", "feeling"} & set(re.findall(r'"([^"]*)"', json.dumps(given)))
    for trial in range(4):
        assert client.post("/api/listening/answers", json=reply(given, trial)).status_code == 204
    assert [trial["done"] for trial in session(client)["trials"]] == [True] * 4
    found = client.get("/api/listening/results", headers=AUTHORISED).json()["scenarios"][1]
    assert (found["listeners"], found["answers"]) == (1, 4)
    # Always the right side: by the balance of the sides each system twice.
    assert (found["preferences"][0]["first_preferred"], found["preferences"][0]["second_preferred"]) == (2, 2)
    table = client.get("/api/listening/results.csv", headers=AUTHORISED)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert len(rows) == 4 * 3 * 2
    assert {row["system"] for row in rows} == {"flat", "feeling"}
    for row in rows:
        assert int(row["score"]) == (2 if row["system"] == row["left_system"] else 4)
        assert row["preferred"] == row["right_system"]


@pytest.mark.parametrize(
    "changed",
    [
        {"scenario": "none"},
        {"scenario": ["audiobook"]},
        {"user": "somebody@example.org"},
        {"user": USERS[0].upper().replace("0", "A")},
        {"item": "nothing"},
        {"item": None},
        {"preference": "flat"},
        {"preference": ["left"]},
        {"seconds": -1},
        {"seconds": True},
        {"seconds": float("inf")},
        {"scores": {}},
        {"scores": []},
        {"scores": {"natural": {"left": 6, "right": 1}, "phrasing": {}, "expressive": {}}},
        {"comment": "I am ..."},
    ],
)
def test_answers_that_are_none(client: TestClient, changed: dict[str, object]) -> None:
    body = json.dumps(reply(session(client)) | changed)
    answered = client.post("/api/listening/answers", content=body, headers={"content-type": "application/json"})
    assert answered.status_code == 400
    assert "somebody" not in answered.text
    assert client.get("/api/listening/results.csv", headers=AUTHORISED).text.count("\n") == 1


def test_an_item_of_another_listener_is_refused(client: TestClient) -> None:
    own = {trial["item"] for trial in session(client)["trials"]}
    (other, *_) = {"plum", "letter", "found", "door", "river", "quarrel"} - own
    assert client.post("/api/listening/answers", json=reply(session(client), item=other)).status_code == 400


def test_answers_come_from_own_pages(client: TestClient) -> None:
    body = reply(session(client))
    assert client.post("/api/listening/answers", json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    plain = client.post("/api/listening/answers", content=json.dumps(body), headers={"content-type": "text/plain"})
    assert plain.status_code == 415


@pytest.mark.parametrize("path", ["/api/listening/results", "/api/listening/results.csv"])
def test_results_need_the_token(client: TestClient, site: Path, tmp_path: Path, path: str) -> None:
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
    ):
        answered = client.get(path, headers=headers)
        assert (answered.status_code, answered.headers["www-authenticate"]) == (401, "Bearer")
    assert client.get(path, headers=AUTHORISED).status_code == 200
    without = TestClient(create_app(Settings(dist=site, listening=tmp_path / "other.sqlite")))
    assert without.get(path, headers={"authorization": "Bearer "}).status_code == 401


def test_nothing_of_it_is_there_unless_asked_for(site: Path) -> None:
    client = TestClient(create_app(Settings(dist=site)))
    for path in ("/api/listening", "/api/listening/results", "/api/listening/session"):
        assert client.get(path).status_code == 404


def test_clips_do_not_tell_whose_they_are(site: Path, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / "clips" / folder).mkdir(parents=True)
        (tmp_path / "clips" / folder / "hello.wav").write_bytes(folder.encode())
    (tmp_path / "scenarios.toml").write_text(CLIPS, "utf-8")
    settings = Settings(
        dist=site,
        listening=tmp_path / "answers.sqlite",
        listening_scenarios=tmp_path / "scenarios.toml",
        listening_clips=tmp_path / "clips",
    )
    client = TestClient(create_app(settings))
    heard = set()
    for user in USERS[:20]:
        given = session(client, user, "recorded")
        assert given["trials"][0]["left"] == given["trials"][0]["right"] == {"clip": True}
        asked = {"scenario": "recorded", "user": user, "item": "hello"}
        sides = [client.get("/api/listening/clip", params={**asked, "side": side}) for side in ("left", "right")]
        assert sides[0].headers["content-type"] == "audio/wav"
        heard.add(tuple(side.content for side in sides))
        assert client.get("/api/listening/clip", params={**asked, "side": "middle"}).status_code == 404
        assert client.get("/api/listening/clip", params={**asked, "item": "../x", "side": "left"}).status_code == 404
    assert heard == {(b"first", b"second"), (b"second", b"first")}


def test_short_tokens_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--listening-token", "short"], {})
    assert "16" in capsys.readouterr().err


def test_several_workers_keep_one_account(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    arguments = ["--dist", str(site), "--listening", str(file), "--listening-token", TOKEN, "--workers", "2"]
    with run_server("--port", "0", *arguments) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        for user in USERS[:6]:
            target = f"/api/listening/session?scenario=assistant&user={user}"
            assert json.loads(ask(port, target).body)["trials"]
        found = json.loads(ask(port, "/api/listening/results", "GET", f"Authorization: Bearer {TOKEN}").body)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert [each["answers"] for each in found["scenarios"]] == [0, 0, 0, 0]


def test_what_the_site_cannot_speak_is_left_out_and_said(
    scenarios: dict[str, Scenario], site: Path, tmp_path: Path
) -> None:
    kept, reasons = without_parts(scenarios, ["qingsheng", "qingsheng-lite"], ["service", "assistant", "story"])
    assert list(kept) == ["customer-service", "audiobook", "assistant", "voices"]
    assert reasons == ["Listening test story is left out: the site has no audiobook."]
    assert list(without_parts(scenarios, [], [])[0]) == ["audiobook"]
    with run_server("--port", "0", "--dist", str(site), "--listening", str(tmp_path / "a.sqlite")) as process:
        assert first_line(process).startswith("Qingsheng is at")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert "Listening test voices is left out" in errors


def test_what_cannot_be_used_is_said_at_the_start(site: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 100)
    with run_server("--port", "0", "--dist", str(site), "--listening", str(tmp_path / "text")) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "cannot be used" in errors
    assert "Traceback" not in errors


def test_a_server_without_listening_tests_needs_no_database() -> None:
    code = "import sys, server; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
