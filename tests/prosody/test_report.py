"""The report on how feelings sound: what is written by hand outlives new figures."""

from __future__ import annotations

from pathlib import Path

from models.recipes.expression.report import BY_HAND, TEMPLATE, by_hand

REPORT = Path(__file__).resolve().parents[2] / "docs" / "expression.md"


def test_what_is_written_by_hand_is_kept() -> None:
    tail = f"\n{BY_HAND}\n- One thing.\n"
    assert by_hand(f"# Figures\n1\n{tail}") == tail
    assert by_hand("# Figures\n1\n") == ""


def test_the_report_has_such_a_part_and_its_template_has_none() -> None:
    assert len(by_hand(REPORT.read_text("utf-8"))) > 100
    assert BY_HAND not in TEMPLATE.read_text("utf-8")
