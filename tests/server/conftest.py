from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts import manifest
from tests.conftest import PAGE
from tests.packs import make_silent_pack


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated test voice and its catalogue."""
    folder = tmp_path_factory.mktemp("voices")
    make_silent_pack.write(folder)
    return folder


@pytest.fixture
def speaking_site(site: Path, models: Path) -> Path:
    """The small site, with the test voice as its models."""
    shutil.rmtree(site / "models")
    shutil.copytree(models, site / "models")
    manifest.write(site, PAGE)
    return site
