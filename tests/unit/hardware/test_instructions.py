from pathlib import Path

import pytest

from app.hardware.instructions import missing_instructions

NEW = "fpu vme sse4_2 fma f16c avx avx2 bmi1 bmi2"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (f"processor\t: 0\nflags\t\t: {NEW}\n", ()),
        ("processor\t: 0\nflags\t\t: fpu vme sse4_2 avx f16c\n", ("avx2", "fma", "bmi2")),
        ("processor\t: 0\nFeatures\t: fp asimd\n", ()),  # another kind of processor
        ("", ()),
    ],
)
def test_what_a_processor_lacks(tmp_path: Path, text: str, missing: tuple[str, ...]) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    assert missing_instructions(tmp_path / "cpuinfo") == missing


def test_where_nothing_can_be_told_nothing_is_refused(tmp_path: Path) -> None:
    assert missing_instructions(tmp_path / "nothing") == ()
