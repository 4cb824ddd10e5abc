"""What is compared: the scenarios of a TOML or JSON file, checked when the server starts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.listening.faults import BadScenarios

FILE = Path(__file__).resolve().parent / "scenarios.toml"
FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LANGUAGES = ("zh", "en")
CLIPS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".webm")
LONGEST_TEXT = 500

Texts = Mapping[str, str]


@dataclass(frozen=True)
class System:
    """Either `options` of speech made in the browser, or a folder of `clips` named `<item>.<ending>`."""

    id: str
    options: Mapping[str, object] | None
    clips: str | None


@dataclass(frozen=True)
class Question:
    """Rated 1 to 5 for each side; `weight` counts in the scenario's overall score."""

    id: str
    weight: float
    text: Texts


@dataclass(frozen=True)
class Item:
    id: str
    text: str


@dataclass(frozen=True)
class Scenario:
    id: str
    name: Texts
    task: Texts
    trials: int
    systems: tuple[System, ...]
    questions: tuple[Question, ...]
    items: tuple[Item, ...]

    def item(self, id_: str) -> Item | None:
        return next((item for item in self.items if item.id == id_), None)

    def system(self, id_: str) -> System:
        return next(system for system in self.systems if system.id == id_)


def need(fine: object, where: str, expected: str) -> None:
    if not fine:
        raise BadScenarios(f"{where}: expected {expected}.")


def name(value: object, where: str) -> str:
    need(isinstance(value, str) and NAME.fullmatch(value), where, f"a name such as {NAME.pattern}")
    return str(value)


def texts(value: Any, where: str) -> Texts:  # noqa: ANN401 - of the file
    fine = isinstance(value, dict) and all(isinstance(value.get(each), str) and value[each] for each in LANGUAGES)
    need(fine, where, f"a text for each of {', '.join(LANGUAGES)}")
    return {language: value[language] for language in LANGUAGES}


def distinct(found: list[str], where: str, least: int) -> None:
    need(len(found) == len(set(found)) >= least, where, f"{least} or more, each with a name of its own")


def read_system(id_: object, given: Any, where: str) -> System:  # noqa: ANN401
    fine = isinstance(given, dict) and len(given) == 1 and set(given) <= {"options", "clips"}
    need(fine, where, "options or clips")
    if "clips" in given:
        return System(name(id_, where), None, name(given["clips"], f"{where}.clips"))
    need(isinstance(given["options"], dict), f"{where}.options", "an object")
    return System(name(id_, where), given["options"], None)


def read_scenario(given: Any, where: str) -> Scenario:  # noqa: ANN401
    fields = {"id", "name", "task", "trials", "systems", "questions", "items"}
    need(isinstance(given, dict) and set(given) == fields, where, f"{', '.join(sorted(fields))}, and nothing else")
    need(isinstance(given["systems"], dict), f"{where}.systems", "an object")
    systems = tuple(read_system(id_, each, f"{where}.systems.{id_}") for id_, each in given["systems"].items())
    questions = tuple(read_question(each, f"{where}.questions[{at}]") for at, each in enumerate(given["questions"]))
    items = tuple(read_item(each, f"{where}.items[{at}]") for at, each in enumerate(given["items"]))
    distinct([system.id for system in systems], f"{where}.systems", 2)
    distinct([question.id for question in questions], f"{where}.questions", 0)
    distinct([item.id for item in items], f"{where}.items", 1)
    trials = given["trials"]
    fine = isinstance(trials, int) and not isinstance(trials, bool) and 1 <= trials <= len(items)
    need(fine, f"{where}.trials", f"a number from 1 to {len(items)}")
    titles = texts(given["name"], f"{where}.name"), texts(given["task"], f"{where}.task")
    return Scenario(name(given["id"], f"{where}.id"), *titles, trials, systems, questions, items)


def read_question(given: Any, where: str) -> Question:  # noqa: ANN401
    need(isinstance(given, dict) and set(given) == {"id", "weight", *LANGUAGES}, where, "id, weight, zh, en")
    weight = given["weight"]
    fine = isinstance(weight, int | float) and not isinstance(weight, bool) and 0 < weight <= 100
    need(fine, f"{where}.weight", "a number over 0")
    return Question(name(given["id"], where), float(weight), texts(given, where))


def read_item(given: Any, where: str) -> Item:  # noqa: ANN401
    need(isinstance(given, dict) and set(given) == {"id", "text"}, where, "id and text")
    text = given["text"]
    need(isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT, f"{where}.text", f"1 to {LONGEST_TEXT} characters")
    return Item(name(given["id"], where), text)


def read_scenarios(file: Path, clips: Path | None = None) -> dict[str, Scenario]:
    """The scenarios by id. Raises: BadScenarios, also where a clip is not there."""
    try:
        content = file.read_text("utf-8")
        given = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise BadScenarios(f"{file} cannot be read: {error}.") from error
    fine = isinstance(given, dict) and given.get("format") == FORMAT and isinstance(given.get("scenarios"), list)
    need(fine, str(file), f"format {FORMAT} and scenarios")
    try:
        scenarios = [read_scenario(each, f"{file.name} scenarios[{at}]") for at, each in enumerate(given["scenarios"])]
    except TypeError as error:
        raise BadScenarios(f"{file}: {error}.") from error
    distinct([scenario.id for scenario in scenarios], str(file), 1)
    for scenario in scenarios:
        for system in scenario.systems:
            for item in scenario.items if system.clips else ():
                need(find_clip(clips, system, item), str(file), f"a clip {system.clips}/{item.id} in --listening-clips")
    return {scenario.id: scenario for scenario in scenarios}


def without_parts(
    scenarios: Mapping[str, Scenario], voices: Collection[str], styles: Collection[str]
) -> tuple[dict[str, Scenario], list[str]]:
    """Those whose voices and styles the site has, and of the others what is missing: they could not be heard there."""
    kept, reasons = {}, []
    for scenario in scenarios.values():
        asked = [system.options or {} for system in scenario.systems]
        wanted = {str(each["voice"]).partition("/")[0] for each in asked if each.get("voice")} - set(voices)
        wanted |= {str(each["style"]) for each in asked if each.get("style")} - set(styles)
        if wanted:
            reasons.append(f"Listening test {scenario.id} is left out: the site has no {', '.join(sorted(wanted))}.")
        else:
            kept[scenario.id] = scenario
    return kept, reasons


def find_clip(folder: Path | None, system: System, item: Item) -> Path | None:
    if folder is None or system.clips is None:
        return None
    places = (folder / system.clips / f"{item.id}{ending}" for ending in CLIPS)
    return next((place for place in places if place.is_file()), None)
