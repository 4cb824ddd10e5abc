"""The site's types for TypeScript: a program compiles against them that has nothing else, and a wrong one does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import declarations, tools
from scripts.paths import DIST, NODE_MODULES
from tests.documentation.blocks import blocks

PROGRAM = """
import {{ EMOTIONS, Qingsheng, QingshengError, type Chunk, type SpeechOptions }} from "{qingsheng}";
import type {{ PlayerEvents }} from "{player}";
import {{ installSpeechSynthesis, QingshengUtterance }} from "{speech}";

const options: SpeechOptions = {{ speed: 1.1, emotion: {{ joy: 0.7 }}, style: null }};

export async function speak(text: string): Promise<number> {{
  const tts = await Qingsheng.load({{ onProgress: (event) => event.kind === "bytes" && event.loaded / event.total }});
  const playback = tts.speak(text, options);
  playback.on("word", (word) => word?.text.length);
  await playback.finished.catch((error: QingshengError) => error.code === "text.empty");
  let chunks: Chunk[] = [];
  for await (const chunk of tts.stream(text)) chunks = [...chunks, chunk];
  return chunks.length + EMOTIONS.length + (await tts.toWav(text)).byteLength;
}}

export function embed(player: HTMLElementTagNameMap["qingsheng-player"]): () => void {{
  player.addEventListener("qingsheng-boundary", (event) => event.detail.start);
  const told: keyof PlayerEvents = "qingsheng-end";
  player.dispatchEvent(new Event(told));
  new QingshengUtterance("好").emotion = "joy";
  return installSpeechSynthesis();
}}
"""
MODULES = {name.removeprefix("qingsheng-"): f"./site/{name}.js" for name in declarations.ENTRIES}
SETTINGS = {
    "a bundler's": ("--module", "esnext", "--moduleResolution", "bundler"),
    "Node's": ("--module", "nodenext", "--moduleResolution", "nodenext", "--exactOptionalPropertyTypes"),
}

Compile = Callable[..., subprocess.CompletedProcess[str]]


def tsc(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(NODE_MODULES / ".bin" / "tsc"), *words]
    return subprocess.run(command, cwd=folder, env=tools.environment(), capture_output=True, text=True, check=False)


@pytest.fixture
def compiled(tmp_path: Path) -> Compile:
    """Compiles a module beside a copy of what the site has of types, scripts and nothing else."""
    site = tmp_path / "site"
    shutil.copytree(DIST / declarations.FOLDER, site / declarations.FOLDER)
    for name in declarations.ENTRIES:
        for ending in (".js", declarations.ENDING):
            shutil.copy2(DIST / f"{name}{ending}", site)
    (tmp_path / "package.json").write_text('{"type": "module"}')

    def compile_module(source: str, *settings: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.ts").write_text(source, encoding="utf-8")
        own = ("--noEmit", "--strict", "--target", "es2022", "--types", "")
        return tsc(tmp_path, *own, *settings, "program.ts")

    return compile_module


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_program_compiles_against_them(compiled: Compile, settings: tuple[str, ...]) -> None:
    done = compiled(PROGRAM.format(**MODULES), *settings)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('options: SpeechOptions = { speed: "fast" }', "'string' is not assignable to type 'number'"),
        ("tts: Qingsheng = {} as Qingsheng; void tts.shout()", "Property 'shout' does not exist"),
    ],
)
def test_a_mistake_is_found(compiled: Compile, wrong: str, said: str) -> None:
    imports = f'import type {{ Qingsheng, SpeechOptions }} from "{MODULES["qingsheng"]}";\n'
    assert said in compiled(f"{imports}export const {wrong};", *SETTINGS["a bundler's"]).stdout


@pytest.mark.usefixtures("compiled")
def test_the_guide_says_how_they_are_found(tmp_path: Path) -> None:
    (block,) = blocks("docs/embedding.md", "json")
    settings = json.loads(block.text)
    settings["compilerOptions"] |= {"noEmit": True, "strict": True, "target": "es2022", "module": "esnext", "types": []}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    shutil.move(tmp_path / "site", tmp_path / "public" / "qingsheng")
    addresses = ("/qingsheng/qingsheng.js", "https://tts.example/qingsheng.js")
    for address in addresses:
        text = f'import {{ Qingsheng }} from "{address}";\nexport const tts: number = await Qingsheng.load();\n'
        (tmp_path / "program.ts").write_text(text)
        said = tsc(tmp_path, "-p", ".").stdout
        assert "Type 'Qingsheng' is not assignable to type 'number'" in said


@pytest.mark.parametrize("name", declarations.ENTRIES)
def test_everything_that_a_script_exports_has_a_type(compiled: Compile, name: str) -> None:
    script = (DIST / f"{name}.js").read_text("utf-8")
    exported = [one for group in re.findall(r"export\s*\{([^}]*)\}", script) for one in group.split(",")]
    names = [one.split(" as ")[-1].strip() for one in exported]
    assert names
    program = f'import {{ {", ".join(names)} }} from "./site/{name}.js";\nexport const all = [{", ".join(names)}];\n'
    assert compiled(program, *SETTINGS["a bundler's"]).stdout == ""


def test_what_no_public_module_leads_to_stays_away(tmp_path: Path) -> None:
    for path, source in {
        "index": 'export { A } from "./a/a.ts";\n',
        "a/a": 'import type { B } from "../b.ts";\nexport declare const A: B | import("./c.ts").C;\n',
        "a/c": "export type C = 1;\n",
        "b": "export type B = 1;\n",
        "secret": "export {};\n",
        "embed/player": "export {};\n",
        "embed/speech": "export {};\n",
    }.items():
        file = tmp_path / "in" / f"{path}.d.ts"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    declarations.place(tmp_path / "in", tmp_path / "out")
    types = tmp_path / "out" / "types"
    found = {file.relative_to(types).as_posix() for file in types.rglob("*.ts")}
    assert found == {"index.d.ts", "a/a.d.ts", "a/c.d.ts", "b.d.ts", "embed/player.d.ts", "embed/speech.d.ts"}
    assert (types / "a" / "a.d.ts").read_text() == (
        'import type { B } from "../b.js";\nexport declare const A: B | import("./c.js").C;\n'
    )
