from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.adapters import (
    adapters_of,
    check_match,
    detach,
    keep_adapters,
    read_adapter,
    set_scale,
    with_adapter,
)
from app.models.gguf import read_facts
from app.models.importing import import_model
from app.models.installed import installed_models
from app.models.records import Adapter, Records
from app.models.verifying import verify
from tests.fixtures.half_precision import write_adapter, write_half_model


def test_an_adapter_says_what_it_is_for(tmp_path):
    facts = read_adapter(write_adapter(tmp_path / "one.gguf", rank=2))
    assert (facts.architecture, facts.bytes) == ("llama", 2 * 2 * 2 * 32 * 4)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"general.type": "model"}, "no adapter"),
        ({"general.type": ""}, "no adapter"),
        ({"adapter.type": "control"}, r"cannot use \(control\)"),
        ({"adapter.type": ""}, r"cannot use \(unknown\)"),
        ({"adapter.alora.invocation_tokens": "1"}, r"cannot use \(aLoRA\)"),
    ],
)
def test_what_is_no_lora_is_refused(tmp_path, fields, said):
    with pytest.raises(AppError, match=said):
        read_adapter(write_adapter(tmp_path / "x.gguf", fields=fields))


def test_damaged_files_are_told_as_for_models(tmp_path):
    file = write_adapter(tmp_path / "cut.gguf")
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(AppError, match="incomplete"):
        read_adapter(file)
    with pytest.raises(AppError, match="no file"):
        read_adapter(tmp_path / "none.gguf")


def test_an_adapter_is_no_model(tmp_path):
    with pytest.raises(AppError, match="adapter") as refused:
        read_facts(write_adapter(tmp_path / "one.gguf"))
    assert "alcove models attach" in refused.value.remedy


def test_only_models_of_its_kind_take_it(tmp_path):
    (tmp_path / "a").mkdir()
    write_half_model(tmp_path / "qwen.gguf", "qwen3")
    model = installed_models(tmp_path)[0]
    check_match(read_adapter(write_adapter(tmp_path / "a" / "fits.gguf", architecture="qwen3")), model)
    with pytest.raises(AppError, match="of the kind llama, but “qwen” is qwen3"):
        check_match(read_adapter(write_adapter(tmp_path / "a" / "other.gguf")), model)


def test_one_file_counts_once():
    one, two = Adapter("/x/one.gguf", 1.0), Adapter("/x/two.gguf", 0.5)
    again = Path("/x/y/../one.gguf")
    assert with_adapter((one, two), again, 2.0) == (replace(one, scale=2.0), two)
    assert with_adapter((two,), again, 1.0) == (two, one)


def test_a_strength_is_changed_of_what_is_still_attached(tmp_path):
    records = Records(tmp_path / "models")
    records.folder.mkdir()
    write_half_model(records.folder / "base.gguf")
    model = installed_models(records.folder)[0]
    one, two = Adapter(str(tmp_path / "one.gguf"), 1.0), Adapter(str(tmp_path / "two.gguf"), 0.5)
    keep_adapters(model, [one, two], records)
    set_scale(model, replace(one, scale=0.3), records)
    assert adapters_of(model.file, records) == (replace(one, scale=0.3), two)
    detach(model, one.file, records)
    set_scale(model, one, records)
    assert adapters_of(model.file, records) == (two,)


def test_adapters_stay_with_their_model(tmp_path):
    """When its checksum is first kept, and when it is used in place; another model has none."""
    records = Records(tmp_path / "models")
    outside = write_half_model(tmp_path / "outside.gguf")
    list(import_model(outside, records, copy=False, cancel=CancelToken()))
    model = next(each for each in installed_models(records.folder) if each.file == outside)
    one, two = Adapter(str(tmp_path / "one.gguf"), 1.0), Adapter(str(tmp_path / "two.gguf"), 0.5)
    keep_adapters(model, [one, two], records)
    list(verify([model], records, CancelToken()))
    assert records.find(outside).parts[0].sha256
    assert adapters_of(outside, records) == (one, two)
    assert detach(model, str(tmp_path / "one.gguf"), records) == (one,)
    with pytest.raises(AppError, match=r"It has “two\.gguf”"):
        detach(model, "one", records)
    assert detach(model, None, records) == (two,)
    assert adapters_of(outside, records) == adapters_of(tmp_path / "other.gguf", records) == ()
    assert model in installed_models(records.folder)
