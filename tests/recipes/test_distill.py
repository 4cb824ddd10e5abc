"""The small voice's lessons: where training goes on from, what it is shown, what the teacher's answer costs.

Needs the `train` extra.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from torch import Tensor, nn

torch = pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from models.recipes.qingsheng.distill import (  # noqa: E402
    PSEUDO_ROWS,
    Row,
    Student,
    Unrecorded,
    go_on,
    planned_frames,
    raw_distance,
    trained_student,
)
from models.recipes.qingsheng.export import save_float_weights  # noqa: E402
from models.recipes.qingsheng.networks import N_BINS, Vocoder, build, shape_excitation  # noqa: E402
from models.recipes.qingsheng.pseudo import chosen  # noqa: E402
from models.recipes.qingsheng.sentences import row_text  # noqa: E402
from models.recipes.qingsheng.train_acoustic import ROW  # noqa: E402
from models.recipes.qingsheng.train_vocoder import BATCH, CROP, excitation, spectral_loss  # noqa: E402
from models.recipes.qingsheng.training import Trainer  # noqa: E402


def student(seed: int) -> Student:
    torch.manual_seed(seed)
    return Student(build("prosody", "lite"), 96, 192)


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_training_goes_on_from_released_weights(tmp_path: Path) -> None:
    released, untouched, mine = student(1), student(2), student(2)
    released.network.half().float()
    save_float_weights({"prosody": released.network, "acoustic": build("acoustic", "lite")}, tmp_path / "w.npz")
    go_on(mine, None, "prosody")
    assert same(mine, untouched)
    go_on(mine, tmp_path / "w.npz", "prosody")
    assert same(mine.network, released.network)
    # only training needs the image, so that it is not released
    assert same(mine.image, untouched.image)


def trained(of: Student, path: Path, steps: int) -> Trainer:
    trainer = Trainer(of, path, steps=20, rate=0.01, warmup=2)
    for _ in range(steps):
        trainer.update({"size": sum(p.square().mean() for p in of.parameters())})
    return trainer


def test_training_goes_on_from_a_checkpoint_and_then_from_its_own(tmp_path: Path) -> None:
    earlier = trained(student(1), tmp_path / "earlier.pt", 3)
    earlier.save()
    mine = student(2)
    go_on(mine, tmp_path / "earlier.pt", "prosody")
    assert same(mine, earlier.average)
    own = trained(mine, tmp_path / "lite_prosody.pt", 4)
    own.save()
    again = student(2)
    go_on(again, tmp_path / "earlier.pt", "prosody")
    resumed = Trainer(again, tmp_path / "lite_prosody.pt", steps=20, rate=0.01, warmup=2)
    assert resumed.step == 4
    assert same(again, mine)
    assert same(trained_student("prosody", tmp_path), own.average.network)


def row(speaker: int, frames: int, random: np.random.Generator) -> Row:
    phones = 5
    return {
        "phones": random.integers(3, 40, phones), "tones": random.integers(0, 6, phones),
        "frame_phone": np.arange(frames) * phones // frames, "speaker": np.array(speaker),
        **{k: random.random(frames).astype(np.float32) for k in ("frame_position", "voicing", "energy")},
        "log_f0": 5 + 0.1 * np.arange(frames, dtype=np.float32) / frames,
    }  # fmt: skip


def test_a_speaker_is_heard_as_long_as_there_is_of_him_however_short_the_texts() -> None:
    random = np.random.default_rng(1)
    unrecorded = Unrecorded([row(0, 500, random)] * 9 + [row(1, 50, random)] * 90)
    heard = np.concatenate([unrecorded.batch(random)["speaker"].numpy() for _ in range(100)])
    assert heard.mean() == pytest.approx(0.5, abs=0.1)


def echo(log_f0: Tensor, **_: Tensor) -> Tensor:
    """An acoustic model whose mel is its pitch."""
    return log_f0.unsqueeze(-1).expand(-1, -1, 80)


def test_planned_frames_are_crops_of_one_place_in_all_three() -> None:
    random = np.random.default_rng(2)
    rows = Unrecorded([row(0, ROW, random), row(1, 90, random)])
    mel, f0, voicing = planned_frames(echo, rows, random)
    assert mel.shape == (BATCH, CROP, 80)
    assert f0.shape == voicing.shape == (BATCH, CROP)
    torch.testing.assert_close(mel[..., 0], f0.log())
    assert len({tuple(x.tolist()) for x in voicing}) > PSEUDO_ROWS


def test_the_teacher_itself_makes_no_mistake_and_another_does() -> None:
    torch.manual_seed(3)
    teacher, other = Vocoder(16, 16, 1), Vocoder(16, 16, 1)
    torch.nn.init.normal_(other.outlet.bias, std=0.2)
    mel, log_f0, voicing = torch.randn(2, CROP, 80) - 4, torch.full((2, CROP), 5.2), torch.ones(2, CROP)
    excited = excitation(log_f0.exp(), voicing)

    def sound(vocoder: Vocoder) -> Tensor:
        return shape_excitation(vocoder.filters(mel, vocoder.raw(mel, log_f0, voicing)), *excited)

    with torch.no_grad():
        assert {x.item() for x in spectral_loss(sound(teacher), sound(teacher)).values()} == {0.0}
        assert all(x > 0.01 for x in spectral_loss(sound(other), sound(teacher)).values())
        for a, b in zip(
            teacher(mel, log_f0, voicing), teacher.filters(mel, teacher.raw(mel, log_f0, voicing)), strict=True
        ):
            torch.testing.assert_close(a, b)


def test_phase_weighs_half_of_a_gain() -> None:
    goal = torch.zeros(1, 2, 3 * N_BINS)
    found = []
    for part in range(3):
        made = goal.clone()
        made[..., part * N_BINS : (part + 1) * N_BINS] = -1
        found.append(raw_distance(made, goal).item())
    assert found == [1.0, 0.5, 1.0]


def test_words_are_read_in_both_ways_and_sentences_by_all() -> None:
    sentences, words = [f"句子{n}" for n in range(60)], [f"词{n}" for n in range(60)]
    read = chosen(sentences, words)
    assert [text for text, _ in read] == sentences + words
    assert {voice for _, voice in read[:60]} == {"yue", "reader-f", "reader-m"}
    assert {voice for _, voice in read[60:]} == {"yue", "yue-word"}
    assert chosen(sentences[5:], [])[0] == read[5]


def test_stops_of_a_recording_are_commas() -> None:
    assert row_text("一_也_") == "一，也"
