from __future__ import annotations

import pytest

from py_engine.synthesis.spans import Utf16Offsets


@pytest.mark.parametrize("text", ["", "今天天气真好。", "😀今天", "今😀天𠮷好", "𠮷", "a\ud800b", "👩‍👩‍👧好"])
def test_every_offset_counts_code_units(text: str) -> None:
    offsets = Utf16Offsets(text)
    for offset in range(len(text) + 1):
        assert offsets.code_point(offsets(offset)) == offset
        assert offsets(offset) == len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
