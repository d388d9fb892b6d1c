"""`alcove models quantize`, `attach` and `detach`, with the real engine."""

import io

import pytest

from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from app.models.records import Records
from tests.fixtures.architectures import Size
from tests.fixtures.half_precision import write_adapter, write_half_model
from tests.fixtures.tiny_model import write_tiny_model

WIDE = Size(width=256, feed=512, heads=4, kv_heads=2, head=64)


class Terminal(io.StringIO):
    """Standard input on which a person has typed."""

    def isatty(self) -> bool:
        return True


def files_in(folder):
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith(".alcove-models"))


def test_a_model_becomes_smaller_as_was_said_before(models, paths, monkeypatch):
    source = write_half_model(paths.models / "Half-F16.gguf", size=WIDE)
    code, out, err = models("quantize", "half-f16", "--type", "q4_0")
    assert code == 1 and out == "" and "Needs" in err and "--yes" in err
    assert files_in(paths.models) == ["Half-F16.gguf"]

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    code, out, err = models("quantize", "half-f16", "--type", "q4_0", "--json")
    made = paths.models / "Half-Q4_0.gguf"
    size = made.stat().st_size
    assert code == 0 and f"{size / 1000:.1f} kB" in err
    assert out["model"] | {"sha256": ""} == {
        "name": "Half-Q4_0",
        "file": str(made),
        "bytes": size,
        "sha256": "",
    }
    assert out["fits"] == "fits" and out["memory"]["weights"] == read_facts(made).tensor_bytes
    assert size < source.stat().st_size / 3

    (record,) = Records(paths.models).all()
    assert (record.source, record.owned, record.parts[0].sha256) == (
        "quantised:Half-F16",
        True,
        out["model"]["sha256"],
    )
    assert files_in(paths.models) == ["Half-F16.gguf", "Half-Q4_0.gguf", "alcove-models.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((starter_chat_model().stem, "--type", "Q4_0"), "quantised already"),
        (("half", "--type", "Q9_9"), "no type"),
        (("none",), "no model"),
        (("strange", "--type", "Q8_0"), "could not quantise"),
    ],
)
def test_what_cannot_be_quantised_is_one_sentence(models, paths, arguments, said):
    write_half_model(paths.models / "half.gguf")
    write_tiny_model(paths.models / "strange.gguf", architecture="notyetknown")
    code, out, err = models("quantize", *arguments, "--yes")
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1
    assert files_in(paths.models) == ["half.gguf", "strange.gguf"]


def test_an_adapter_is_attached_and_detached(models, paths, tmp_path):
    write_half_model(paths.models / "base.gguf", size=Size(head=8))
    adapter = write_adapter(tmp_path / "style.gguf")
    code, out, err = models("import", adapter)
    assert code == 1 and "adapter" in err and "alcove models attach" in err
    code, out, err = models("attach", "base", adapter, "--scale", "0.5", "--json")
    assert code == 0 and err == ""
    assert out == {"model": "base", "adapters": [{"file": str(adapter), "scale": 0.5}], "bytes": out["bytes"]}
    assert 0 < out["bytes"] < adapter.stat().st_size
    (record,) = Records(paths.models).all()
    assert (record.source, record.owned, record.adapters[0].scale) == ("found", False, 0.5)

    assert "does not have an adapter “other”" in models("detach", "base", "other")[2]
    code, out, err = models("detach", "base", "Style")
    assert code == 0 and out == "“base” answers without “style.gguf” from now on.\n"
    assert "any adapter" in models("detach", "base")[2]
    assert adapter.exists()


def test_an_adapter_of_another_model_is_refused(models, paths, tmp_path):
    write_half_model(paths.models / "base.gguf")
    other = write_adapter(tmp_path / "other.gguf", architecture="qwen3")
    wide = write_adapter(tmp_path / "wide.gguf", width=64)
    for file, said in (
        (other, "of the kind qwen3"),
        (wide, "does not load"),
        (paths.models / "base.gguf", "no adapter"),
    ):
        code, out, err = models("attach", "base", file)
        assert (code, out) == (1, "") and said in err and "Traceback" not in err
    assert Records(paths.models).all() == []
