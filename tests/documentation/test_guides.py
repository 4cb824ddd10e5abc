"""What the guides tell people to do can be done: programs run, commands exist, TypeScript fits the sources."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import export
from gateway.listening.scenarios import read_scenarios
from gateway.settings import OPTIONS, read_settings
from gateway.styles import StyleFolder
from gateway.telemetry import read_report
from py_engine.__main__ import parser
from scripts import tools
from scripts.paths import CACHE, ROOT
from tests.documentation.blocks import Block, blocks, commands, titled
from tests.server.running import serving

COMMANDS = list(commands())
# Programs of the system that the guides use.
SYSTEM = {"aplay", "cat", "cd", "curl", "docker", "kubectl", "ln", "mkdir", "nginx", "pip", "uv"}
SCRIPTED = ("README.md", "docs/tutorial.md", "docs/embedding.md", "docs/styles.md")
# What the blocks take as given.
AMBIENT = """\
import type { Qingsheng as Engine } from "{root}/web/src/index.ts";
declare global {
  const tts: Engine;
  const source: string;
  function highlight(word: unknown): void;
}
"""
LIBRARY = {
    "qingsheng.js": "index.ts",
    "qingsheng-speech.js": "embed/speech.ts",
    "qingsheng-player.js": "embed/player.ts",
}


def named(words: list[str]) -> str:
    return " ".join(words)[:80]


@pytest.mark.parametrize(("file", "words"), COMMANDS, ids=[named(words) for _, words in COMMANDS])
def test_every_command_exists(file: str, words: list[str]) -> None:
    program, *rest = words
    if program == "make":
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        assert {word for word in rest if "=" not in word} <= targets
    elif program.rpartition("/")[2] in ("python", "python3"):
        check_python(rest)
    else:
        assert program.rpartition("/")[2] in SYSTEM, f"{file}: {program} is not known"


def check_python(words: list[str]) -> None:
    if words[0] == "server.py":
        check_server(words[1:])
    elif words[:2] == ["-m", "py_engine"]:
        parser().parse_args(words[2:])
    elif words[0] == "-m" and words[1].startswith(("models.", "scripts", "tests.")):
        place = ROOT.joinpath(*words[1].split("."))
        source = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
        # Options may be added by a module beside it, whose needs are not installed here.
        known = "".join(each.read_text("utf-8") for each in source.parent.glob("*.py"))
        assert source.is_file(), words[1]
        assert [word for word in words[2:] if word.startswith("--") and f'"{word}"' not in known] == []
    elif words[0] == "-m":
        assert words[1] in ("http.server", "pip"), words[1]
    else:
        assert words == ["say.py"], words


def check_server(words: list[str]) -> None:
    if words[:1] == ["export"]:
        flags = {word.replace("--no-", "--") for word in words if word.startswith("--")}
        source = Path(export.__file__).read_text("utf-8")
        assert [flag for flag in flags if f'"{flag}"' not in source] == []
    else:
        assert read_settings(words, {}).port >= 0


def test_guides_that_were_scanned_hold_commands() -> None:
    assert len(COMMANDS) > 30
    assert {"server.py", "-m"} <= {words[1] for _, words in COMMANDS if len(words) > 1}


def script(block: Block) -> str:
    text = re.sub(
        r"(from |import\()\"(?:[./]*/qingsheng|https://tts\.example)/([a-z-]+\.js)\"",
        lambda found: f'{found[1]}"{library(found[2])}"',
        block.text,
    )
    return text if re.search(r"^(import|export) ", text, re.MULTILINE) else f"{text}\nexport {{}};\n"


def library(name: str) -> str:
    return f"{ROOT}/web/src/{LIBRARY[name]}"


def modules_of(file: str) -> Iterator[tuple[str, str]]:
    """Name and text of each script, also of those inside a page."""
    for number, block in enumerate(blocks(file, "ts", "js", "html")):
        # A service worker has other globals than a page; the browser's tests run it.
        if block.title.endswith("sw.js"):
            continue
        name = f"{Path(file).stem.lower()}-{number}"
        if block.language == "html":
            for inside in re.findall(r"<script type=\"module\">\n(.*?)</script>", block.text, re.DOTALL):
                yield f"{name}.js", script(Block(file, "js", "", inside))
        else:
            yield f"{name}.{block.language}", script(block)


def test_scripts_fit_the_sources() -> None:
    """Inside the checkout, so that the types of its packages are found."""
    folder = CACHE / "documentation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "ambient.d.ts").write_text(AMBIENT.replace("{root}", str(ROOT)))
    written = [(folder / name).write_text(text, "utf-8") for file in SCRIPTED for name, text in modules_of(file)]
    assert len(written) >= 6
    settings = {
        "extends": str(ROOT / "tsconfig.json"),
        "compilerOptions": {"allowJs": True, "checkJs": True, "strict": False, "noUncheckedIndexedAccess": True}
        | {"exactOptionalPropertyTypes": False, "noUnusedLocals": False, "verbatimModuleSyntax": False},
        "include": ["./*", str(ROOT / "web" / "src" / "vite-env.d.ts")],
    }
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    command = ["npx", "tsc", "--noEmit", "-p", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=tools.environment(), capture_output=True, text=True, check=False)
    ours = [line for line in done.stdout.splitlines() if ".cache/documentation" in line or line.startswith("error")]
    assert ours == []


def test_the_program_of_the_tutorial_speaks(tmp_path: Path, models: Path) -> None:
    (tmp_path / "say.py").write_text(titled("docs/tutorial.md", "say.py").text, "utf-8")
    (tmp_path / "models").symlink_to(models)
    done = subprocess.run(
        [sys.executable, "say.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "你好" in done.stdout
    with wave.open(str(tmp_path / "say.wav")) as file:
        assert file.getnframes() > 0


def test_the_server_answers_what_the_tutorial_asks(tmp_path: Path, speaking_site: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    asked = titled("docs/tutorial.md", "in another terminal").text
    with serving("--dist", str(speaking_site), "--synthesis") as port:
        said = subprocess.run(
            ["sh", "-e"],
            input=asked.replace(":8080", f":{port}").replace("curl -s", "curl -sSf"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stderr) == (0, "")
    assert '"voices"' in said.stdout
    assert '"styles"' in said.stdout
    assert (tmp_path / "hello.wav").read_bytes()[:4] == b"RIFF"


def test_the_style_of_the_guide_is_listed_by_the_server(tmp_path: Path) -> None:
    (block,) = blocks("docs/styles.md", "python")
    (tmp_path / "whisper.py").write_text(block.text, "utf-8")
    assert list(StyleFolder(tmp_path).styles()) == ["whisper"]


def test_the_report_of_the_guide_is_one() -> None:
    (block,) = blocks("docs/deploy.md", "json")
    assert {event["kind"] for event in read_report(block.text.encode())} == {"boot", "stream", "error", "memory"}


def test_the_scenario_of_the_guide_is_one(tmp_path: Path) -> None:
    (block,) = blocks("docs/deploy.md", "toml")
    place = tmp_path / "scenarios.toml"
    place.write_text(block.text, "utf-8")
    assert read_scenarios(place, None)


def test_the_guide_of_the_player_names_its_attributes() -> None:
    source = (ROOT / "web" / "src" / "embed" / "player.ts").read_text("utf-8")
    for block in blocks("docs/embedding.md", "html"):
        for inside in re.findall(r"<qingsheng-player([^>]*)>", block.text):
            attributes = re.findall(r"([a-z-]+)(?==|\s|$)", re.sub(r"\"[^\"]*\"", "", inside))
            assert [name for name in attributes if f'"{name}"' not in source] == []


def test_the_guide_of_the_server_names_its_defaults() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `--([a-z-]+)`(?:, `--[a-z-]+`)* \| ([^|]*) \|", text, re.MULTILINE))
    settings = read_settings([], {})
    for name in ("workers", "connections", "request-seconds", "stall-seconds", "idle-seconds", "grace-seconds"):
        assert float(rows[name]) == getattr(settings, name.replace("-", "_")), name
    assert name in {option.replace("_", "-") for option in OPTIONS}
