from __future__ import annotations

import sys

import pytest

from scripts import console
from scripts.verify import Outcome, attempt, attempt_beside, command, summary


def program(source: str) -> tuple[str, ...]:
    return (sys.executable, "-c", source)


def test_what_fails_is_said_and_the_rest_goes_on(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "COLOUR", False)
    outcomes = [
        attempt("good", command(*program("pass"))),
        attempt("bad", command(*program("raise SystemExit(3)"))),
        attempt_beside("good beside", program("print('its output')")),
        attempt_beside("bad beside", program("print('its output too'); raise SystemExit(4)")),
    ]
    assert [bool(outcome.error) for outcome in outcomes] == [False, True, False, True]
    assert all(outcome.seconds > 0 for outcome in outcomes)
    lines = capfd.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("✗")] == [f"✗ {one.name}: {one.error}" for one in outcomes[1::2]]
    # Of those beside, what they said comes with how they ended.
    assert lines[lines.index("its output") + 1].startswith("✓ good beside: ")
    assert lines[lines.index("its output too") + 1].startswith("✗ bad beside: ")


def test_the_summary_names_what_failed() -> None:
    said = summary([Outcome("good", 1.0), Outcome("bad", 2.0, "exit 1"), Outcome("worse", 3.0, "exit 2")])
    assert said.splitlines()[-1] == "FAILED: bad, worse"
    assert summary([Outcome("good", 1.0)]).splitlines()[-1] == "All checks and tests passed."
