"""`make test`: build, then every check and test. All of them run; the summary says which failed.

What computes on one processor for minutes runs beside what does so too. The browser's tests have the machine alone.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from scripts import build, chromium, documentation, groups, tools
from scripts.console import Failure, paint, run, say, step
from scripts.lock import exclusive
from scripts.paths import PYTHON, ROOT

Action = Callable[[], None]

# About as long together as the other tests, with the checkers of types before them.
TESTS_BESIDE = ("tests/text", "tests/emotion", "tests/prosody", "tests/recipes")


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    error: str = ""


def command(*words: str) -> Action:
    return partial(run, words, ROOT, tools.environment())


def kubernetes() -> None:
    """The manifests against the schemas of Kubernetes, unknown fields refused."""
    with exclusive():
        groups.install("deploy")
    command("kubernetes-validate", "--strict", "--quiet", "deploy/kubernetes.yaml")()


def browser() -> None:
    """The whole in Chromium; Playwright's configuration takes the browser from the environment."""
    run(["npx", "playwright", "test"], ROOT, {**tools.environment(), chromium.VARIABLE: str(chromium.ensure())})


def quick() -> Mapping[str, Action]:
    python = str(PYTHON)
    return {
        "voice catalogue": command(python, "-m", "scripts.catalog", "--check"),
        "ruff": command(python, "-m", "ruff", "check", "."),
        "ruff format": command(python, "-m", "ruff", "format", "--check", "."),
        "yamllint": command("yamllint", "--strict", "-c", "deploy/.yamllint", "deploy"),
        "hadolint": command("hadolint", "deploy/Dockerfile"),
        "kubernetes-validate": kubernetes,
        "biome": command("npx", "biome", "check", "--error-on-warnings"),
        # Before the tests, which look into what it built.
        "documentation": documentation.build,
    }


def beside() -> Mapping[str, tuple[str, ...]]:
    """Commands, whose output is shown when they are through."""
    python = str(PYTHON)
    return {
        "mypy": (python, "-m", "mypy"),
        "tsc": ("npx", "tsc"),
        "vitest": ("npx", "vitest", "run", "--passWithNoTests"),
        # Only one of the two keeps notes for the next run.
        "pytest beside": (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS_BESIDE),
    }


def pytest() -> Action:
    return command(str(PYTHON), "-m", "pytest", "-q", *(f"--ignore={folder}" for folder in TESTS_BESIDE))


def measured(name: str, action: Action) -> Outcome:
    start = time.monotonic()
    error = ""
    try:
        action()
    except Failure as failure:
        error = str(failure)
    return Outcome(name, time.monotonic() - start, error)


def failed(outcome: Outcome) -> str:
    return f"{paint('✗', '31')} {outcome.name}: {outcome.error}"


def attempt(name: str, action: Action) -> Outcome:
    def shown() -> None:
        with step(name):
            action()

    outcome = measured(name, shown)
    if outcome.error:
        say(failed(outcome))
    return outcome


def attempt_beside(name: str, words: tuple[str, ...]) -> Outcome:
    with tempfile.TemporaryFile("w+") as output:
        outcome = measured(name, lambda: run(words, ROOT, tools.environment(), output))
        output.seek(0)
        passed = f"{paint('✓', '32')} {name}: {outcome.seconds:.1f} s, beside"
        say(f"{output.read()}{failed(outcome) if outcome.error else passed}")
    return outcome


def attempt_all() -> list[Outcome]:
    outcomes = [attempt(name, action) for name, action in quick().items()]
    with ThreadPoolExecutor(1) as processor:
        others = [processor.submit(attempt_beside, name, words) for name, words in beside().items()]
        outcomes.append(attempt("pytest", pytest()))
        outcomes += [other.result() for other in others]
    if (ROOT / "playwright.config.ts").exists():
        outcomes.append(attempt("browser", browser))
    return outcomes


def summary(outcomes: list[Outcome]) -> str:
    lines = ["", "Summary"]
    for outcome in outcomes:
        mark = paint("failed", "31") if outcome.error else paint("passed", "32")
        lines.append(f"  {mark}  {outcome.name:<18} {outcome.seconds:7.1f} s")
    failed = [outcome.name for outcome in outcomes if outcome.error]
    lines.append(f"FAILED: {', '.join(failed)}" if failed else "All checks and tests passed.")
    return "\n".join(lines)


def main() -> int:
    try:
        build.build()
    except Failure as failure:
        say(f"Build failed: {failure}")
        return 1
    outcomes = attempt_all()
    say(summary(outcomes))
    return 1 if any(outcome.error for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
