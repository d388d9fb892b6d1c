"""LoRA adapters at work: they change the answer, as much as they shall, and detached they leave no trace."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import Settings
from app.engine.choose import model_to_use
from app.engine.client import Engine
from app.engine.protocol import ModelSpec, Sampling, TokenText
from app.models.adapters import detach, keep_adapters
from app.models.installed import installed_models
from app.models.records import Adapter, Records
from tests.fixtures.half_precision import write_adapter, write_half_model


def written(engine: Engine, model: ModelSpec) -> str:
    events = engine.complete(
        model, "Once upon a time", Sampling(temperature=0, repeat_penalty=1), 24, CancelToken()
    )
    return "".join(event.text for event in events if isinstance(event, TokenText))


def test_an_adapter_changes_what_is_written(running: Engine, tmp_path: Path):
    base = ModelSpec(str(write_half_model(tmp_path / "base.gguf")), 512)
    one, two = (
        str(write_adapter(tmp_path / f"{name}.gguf", rank=rank)) for name, rank in (("one", 4), ("two", 2))
    )
    plain = written(running, base)
    texts = [
        written(running, replace(base, adapters=adapters))
        for adapters in (((one, 1.0),), ((one, 0.3),), ((one, 1.0), (two, 1.0)))
    ]
    assert len({plain, *texts}) == 4
    assert written(running, replace(base, adapters=((one, 0.0),))) == plain
    assert written(running, base) == plain


def test_what_is_attached_to_a_model_is_used_and_missed(running: Engine, paths):
    """Also to the starter, which no models folder holds."""
    write_half_model(paths.models / "base.gguf")
    adapter = write_adapter(paths.data / "style.gguf")
    records = Records(paths.models)
    (base, starter) = installed_models(paths.models)
    assert starter.starter
    for model in (base, starter):
        keep_adapters(model, [Adapter(str(adapter), 0.5)], records)
        assert model_to_use(Settings(), paths, model.name).adapters == ((str(adapter), 0.5),)
    assert [each.name for each in installed_models(paths.models)] == [base.name, starter.name]
    with pytest.raises(AppError, match=r"style.gguf. does not load with this model"):
        written(running, model_to_use(Settings(), paths))  # of another architecture's shape

    adapter.unlink()
    with pytest.raises(AppError, match=r"style.gguf of .base. is no longer there"):
        model_to_use(Settings(), paths, "base")
    with pytest.raises(AppError, match="does not load"):  # gone after it was chosen
        written(running, ModelSpec(str(base.file), 512, adapters=((str(adapter), 1.0),)))
    for model in (base, starter):
        detach(model, None, records)
    assert model_to_use(Settings(), paths, "base").adapters == ()
    assert written(running, model_to_use(Settings(), paths, "base"))
