"""A full-precision model becomes a smaller one that answers; stopped or failed, nothing is left of it."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.assistants.quantise_model import QuantisedReady, Quantising, Sized, quantise_model, sizes
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.client import Engine
from app.engine.protocol import LoadProgress, ModelSpec, Sampling, TokenText
from app.engine.sizing import Sizing
from app.engine.worker.made_up_model import Dimensions, write_model
from app.models.copying import FileProgress
from app.models.gguf import read_facts
from app.models.installed import installed_models
from app.models.records import Records
from tests.fixtures.half_precision import write_half_model

KINDS = ("Q8_0", "Q4_0")


@pytest.fixture
def sizing(paths: DataPaths) -> Iterator[Sizing]:
    sizing = Sizing(paths)
    yield sizing
    sizing.close()


@pytest.fixture
def quantise(paths: DataPaths, sizing: Sizing) -> Callable[..., Iterator[Any]]:
    """The use case for the one model of the library."""

    def run(quantisation: str, cancel: CancelToken) -> Iterator[Any]:
        return quantise_model(
            installed_models(paths.models)[0],
            quantisation,
            paths=paths,
            records=Records(paths.models),
            sizing=sizing,
            speed=None,
            cancel=cancel,
        )

    return run


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith(".alcove-models"))


def test_it_is_as_large_as_shown_first_and_it_writes(
    quantise: Callable[..., Iterator[Any]], paths: DataPaths, sizing: Sizing
):
    source = write_half_model(paths.models / "base-F16.gguf")
    shown = {
        each.quantisation: each
        for each in sizes(source, KINDS, paths=paths, sizing=sizing, speed=None, cancel=CancelToken())
    }
    with closing(Engine(paths)) as engine:
        for kind in KINDS:
            sized, *events, ready = quantise(kind, CancelToken())
            assert isinstance(sized, Sized) and isinstance(ready, QuantisedReady)
            stages = [type(each) for each in events]
            order = [Quantising, FileProgress, LoadProgress]
            assert sorted(stages, key=order.index) == stages and set(stages) == set(order)
            assert sized.bytes == shown[kind].bytes == ready.bytes == ready.file.stat().st_size
            facts = read_facts(ready.file)
            assert (ready.name, facts.quantisation) == (f"base-{kind}", kind)
            assert sized.fit.memory.exact and sized.fit.verdict == "fits"
            assert sized.fit.memory.weights == facts.tensor_bytes
            spec = ModelSpec(str(ready.file), 256)
            written = engine.complete(spec, "Hello", Sampling(temperature=0), 8, CancelToken())
            assert any(isinstance(event, TokenText) for event in written)


def test_stopped_it_leaves_nothing(quantise: Callable[..., Iterator[Any]], paths: DataPaths):
    write_model(paths.models / "large.gguf", Dimensions(2048, 5632, 32, 8, 6), "F16")
    killed = paths.models / ".Q4_0.0123abcd.part"  # left by a run that was killed two days ago
    killed.touch()
    os.utime(killed, times=(time.time() - 2 * 86_400,) * 2)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for event in quantise("Q3_K_M", cancel):
            if isinstance(event, Quantising) and event.done:
                assert event.done < event.total and len(files_in(paths.models)) == 2
                cancel.cancel()
    assert files_in(paths.models) == ["large.gguf"]
    leaving = quantise("Q3_K_M", CancelToken())
    assert isinstance(next(leaving), Sized) and isinstance(next(leaving), Quantising)
    leaving.close()  # type: ignore[attr-defined]
    assert files_in(paths.models) == ["large.gguf"]


def test_without_room_it_does_not_begin(
    quantise: Callable[..., Iterator[Any]], paths: DataPaths, monkeypatch: pytest.MonkeyPatch
):
    write_half_model(paths.models / "base.gguf")
    usage = shutil.disk_usage(paths.models)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    with pytest.raises(AppError, match="not enough room"):
        list(quantise("Q8_0", CancelToken()))
    assert files_in(paths.models) == ["base.gguf"]


def test_models_that_only_search_are_not_quantised(quantise: Callable[..., Iterator[Any]], paths: DataPaths):
    write_half_model(paths.models / "finder.gguf", "bert")
    with pytest.raises(AppError, match="only turns text into numbers"):
        list(quantise("Q8_0", CancelToken()))
