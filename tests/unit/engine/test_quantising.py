"""llama.cpp's quantiser in a process of its own: what was planned is what is written, and Stop ends it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.quantising import Quantiser
from app.engine.worker.made_up_model import Dimensions, write_model
from app.models.gguf import read_facts
from app.models.quantised import QUANTISATIONS, quantised, read_source
from tests.fixtures.architectures import Size
from tests.fixtures.half_precision import split_model, write_half_model

WIDE = Size(width=256, feed=512, heads=4, kv_heads=2, head=64)  # rows that every type can round


@pytest.fixture
def quantiser(paths: DataPaths) -> Iterator[Quantiser]:
    quantiser = Quantiser(paths)
    yield quantiser
    quantiser.close()


@pytest.mark.parametrize(
    ("architecture", "size"),
    [("llama", WIDE), ("llama", Size(width=96, feed=128, head=24)), ("qwen3", WIDE), ("gpt-oss", WIDE)],
    ids=["llama", "odd rows", "tied", "experts"],
)
def test_what_is_planned_is_written(quantiser: Quantiser, tmp_path: Path, architecture: str, size: Size):
    """To the byte, tensor by tensor, also where llama.cpp takes another type because rows are no whole blocks."""
    source = read_source(write_half_model(tmp_path / "half.gguf", architecture, size))
    for kind in QUANTISATIONS if architecture == "llama" else ("Q4_K_M", "Q8_0"):
        target = tmp_path / f"{kind}.gguf"
        planned = quantised(source, kind, quantiser.tensor_types(source.file, kind, CancelToken()))
        assert not target.exists()
        told = list(quantiser.write(source.file, target, kind, CancelToken()))
        facts = read_facts(target)
        assert (planned.bytes, planned.bytes) == (target.stat().st_size, told[-1])
        assert planned.shape.weight_bytes == facts.tensor_bytes < source.facts.tensor_bytes
        assert planned.shape.read_bytes == facts.shape.read_bytes
        assert planned.shape.name == facts.shape.name


def test_several_files_become_one(quantiser: Quantiser, tmp_path: Path):
    files = split_model(write_half_model(tmp_path / "half.gguf", size=WIDE), 8)
    assert len(files) == 3
    source, target = read_source(files[0]), tmp_path / "out.gguf"
    planned = quantised(source, "Q4_K_M", quantiser.tensor_types(source.file, "Q4_K_M", CancelToken()))
    written = list(quantiser.write(source.file, target, "Q4_K_M", CancelToken()))[-1]
    assert written <= planned.bytes < written + 1000
    facts = read_facts(target)
    assert (facts.parts, facts.tensor_bytes) == (1, planned.shape.weight_bytes)


def test_without_its_log_the_usual_bits_count(quantiser: Quantiser, tmp_path: Path):
    source = read_source(write_half_model(tmp_path / "half.gguf", size=WIDE))
    for kind in QUANTISATIONS:
        planned = quantised(source, kind, quantiser.tensor_types(source.file, kind, CancelToken()))
        guessed = quantised(source, kind, {})
        assert guessed.bytes == pytest.approx(planned.bytes, rel=0.03)
        assert guessed.shape.weight_bytes == pytest.approx(planned.shape.weight_bytes, rel=0.03)
        assert (
            max(planned.shape.read_bytes, key=planned.shape.read_bytes.__getitem__)
            in guessed.shape.read_bytes
        )


def test_stop_ends_the_process_at_once(quantiser: Quantiser, tmp_path: Path):
    file = tmp_path / "large.gguf"  # a file of zeros, which takes seconds all the same
    write_model(file, Dimensions(2048, 5632, 32, 8, 6), "F16")
    cancel = CancelToken()
    writing = quantiser.write(file, tmp_path / "out.gguf", "Q3_K_M", cancel)
    next(writing)
    pid = quantiser._worker.pid
    assert pid is not None
    threading.Timer(0.1, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(writing)
    assert time.monotonic() - began < 3
    assert not psutil.pid_exists(pid)


def test_what_llama_cpp_refuses_is_a_sentence(quantiser: Quantiser, tmp_path: Path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(AppError, match="could not quantise"):
        quantiser.tensor_types(tmp_path / "bad.gguf", "Q8_0", CancelToken())
    file = write_half_model(tmp_path / "half.gguf")
    with pytest.raises(AppError, match="could not quantise"):
        list(quantiser.write(file, tmp_path / "none" / "out.gguf", "Q8_0", CancelToken()))
