"""`make test`: build, then every check and test. All of them run; the summary says which failed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from scripts import build, chromium, documentation, groups, tools
from scripts.console import Failure, paint, run, say, step
from scripts.lock import exclusive
from scripts.paths import PYTHON, ROOT

Action = Callable[[], None]


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


def checks() -> Mapping[str, Action]:
    python = str(PYTHON)
    listed: dict[str, Action] = {
        "voice catalogue": command(python, "-m", "scripts.catalog", "--check"),
        "ruff": command(python, "-m", "ruff", "check", "."),
        "ruff format": command(python, "-m", "ruff", "format", "--check", "."),
        "mypy": command(python, "-m", "mypy"),
        "yamllint": command("yamllint", "--strict", "-c", "deploy/.yamllint", "deploy"),
        "hadolint": command("hadolint", "deploy/Dockerfile"),
        "kubernetes-validate": kubernetes,
        "biome": command("npx", "biome", "check", "--error-on-warnings"),
        "tsc": command("npx", "tsc"),
        "vitest": command("npx", "vitest", "run", "--passWithNoTests"),
        # Before the tests, which look into what it built.
        "documentation": documentation.build,
        "pytest": command(python, "-m", "pytest", "-q"),
    }
    if (ROOT / "playwright.config.ts").exists():
        listed["browser"] = browser
    return listed


def attempt(name: str, action: Action) -> Outcome:
    start = time.monotonic()
    try:
        with step(name):
            action()
    except Failure as failure:
        say(f"{paint('✗', '31')} {name}: {failure}")
        return Outcome(name, time.monotonic() - start, str(failure))
    return Outcome(name, time.monotonic() - start)


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
    outcomes = [attempt(name, action) for name, action in checks().items()]
    say(summary(outcomes))
    return 1 if any(outcome.error for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
