"""The silent voice pack, in memory and on disk, and an engine that has loaded it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine
from tests.packs.make_silent_pack import pack_files, write

Pack = tuple[dict[str, object], dict[str, bytes]]


@pytest.fixture(scope="session")
def silent_pack() -> Pack:
    return pack_files()


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write(folder)
    return folder


@pytest.fixture
def engine(silent_pack: Pack) -> Engine:
    made = Engine(NativeRuntime())
    asyncio.run(made.load_voice(*silent_pack))
    return made
