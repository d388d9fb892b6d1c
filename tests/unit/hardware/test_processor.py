"""Which number formats are fast depends on the processor, and what was found holds for one only."""

from pathlib import Path

import pytest

from app.hardware.processor import processor_key, quick_types
from app.models.sizes import bits_per_weight


def test_the_key_is_the_same_each_time_and_names_the_processor():
    key = processor_key()
    assert key == processor_key() and len(key.split()) >= 2


def test_the_key_counts_only_what_is_computed_with(monkeypatch: pytest.MonkeyPatch):
    found = []
    for flags in ("fpu avx2 fma pti", "fpu avx2 fma ibrs_enhanced", "fpu avx2 fma avx_vnni"):
        monkeypatch.setattr(
            Path, "read_text", lambda *_, flags=flags, **__: f"model name\t: Some\nflags\t\t: {flags}\n"
        )
        found.append(processor_key.__wrapped__())
    assert found[0] == found[1] != found[2]


def test_types_that_only_arm_lays_out_anew_are_quick_only_there():
    assert {"Q4_0", "Q4_K_M", "Q8_0"} <= quick_types("x86_64") & quick_types("arm64")
    for slow in ("Q6_K", "Q5_K_M"):
        assert slow not in quick_types("AMD64") and slow in quick_types("aarch64")
    assert not {"Q4_1", "Q5_0", "Q5_1", "Q3_K_M"} & quick_types("arm64")
    assert all(bits_per_weight(kind) for kind in quick_types("arm64"))
