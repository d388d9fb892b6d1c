"""Folders of search models: what is taken of them, and what is refused."""

import json
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.models.encoder_files import KINDS, check_files, wanted_files
from app.models.encoders import Encoders, Prefixes, prefixes_of


def write_folder(folder: Path, **files: object) -> Path:
    """A model as sentence-transformers writes it, with other contents of some files; None: without that file."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "modules.json": [{"type": "sentence_transformers.models.Transformer", "path": ""}],
        "config.json": {"architectures": ["XLMRobertaModel"]},
        "model.safetensors": "weights",
        **files,
    }
    for name, content in contents.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def test_only_safe_files_of_the_model_are_taken():
    names = [
        "1_Pooling/config.json", "README.md", "config.json", "model.safetensors", "modeling_own.py", "modules.json",
        "onnx/model.onnx", "openvino/config.json", "pytorch_model.bin", "sentencepiece.bpe.model", "vocab.txt",
        "../config.json", ".hidden.json",
    ]  # fmt: skip
    assert wanted_files(names) == (
        "1_Pooling/config.json", "README.md", "config.json", "model.safetensors", "modules.json",
        "sentencepiece.bpe.model", "vocab.txt",
    )  # fmt: skip
    with pytest.raises(AppError, match="can run programs"):
        wanted_files(["config.json", "modules.json", "pytorch_model.bin"])
    with pytest.raises(AppError, match="no weights"):
        wanted_files(["model.gguf"])


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({}, "embedding"),
        (
            {"modules.json": None, "config.json": {"architectures": ["BertForSequenceClassification"]}},
            "reranking",
        ),
        ({"config_sentence_transformers.json": {"model_type": "CrossEncoder"}}, "reranking"),
        (
            {"modules.json": None, "config.json": {"architectures": ["ElectraForQuestionAnswering"]}},
            "reading",
        ),
        ({"modules.json": None}, "is no sentence-transformers model"),
        ({"modules.json": [{"type": "modeling_own.Encoder"}]}, "program code of its own"),
        ({"modules.json": "{"}, "cannot be read"),
        ({"2_Dense/pytorch_model.bin": "a pickle"}, "can run programs"),
        ({"pytorch_model.bin": "beside safe weights"}, "embedding"),
        ({"model.safetensors": None}, "no weights"),
    ],
)
def test_what_a_folder_holds(tmp_path: Path, files: dict[str, object], kind: str):
    folder = write_folder(tmp_path / "m", **files)
    if kind in KINDS:
        assert check_files(folder) == kind
    else:
        with pytest.raises(AppError, match=kind):
            check_files(folder)


def test_models_are_installed_found_replaced_and_removed(tmp_path: Path):
    encoders = Encoders(tmp_path)
    assert encoders.installed() == ()
    with encoders.staging() as aside:
        write_folder(aside)
        first = encoders.put_in_place(aside, "E5 Small", "import", Prefixes("query: ", "passage: "))
    assert encoders.installed("embedding") == (first,) and encoders.installed("reranking") == ()
    assert encoders.find("e5 SMALL", "embedding") == first and first.bytes > 100
    assert prefixes_of(first.folder) == Prefixes("query: ", "passage: ")
    with encoders.staging() as aside:
        own = {"prompts": {"query": "ask: ", "document": ""}}
        write_folder(aside, **{"model.safetensors": "others", "config_sentence_transformers.json": own})
        second = encoders.put_in_place(aside, "E5 small", "import", Prefixes("query: ", "passage: "))
    assert second.folder == first.folder and second.card.weights != first.card.weights
    assert prefixes_of(second.folder) == Prefixes("ask: ", "")  # the model's own go first
    with pytest.raises(AppError, match="No search model “other”") as caught:
        encoders.find("other", "embedding")
    assert "Installed: e5 small." in caught.value.remedy
    with encoders.staging() as aside, pytest.raises(AppError):
        encoders.put_in_place(write_folder(aside, **{"modules.json": None}), "E5 small", "import")
    assert [each.name for each in encoders.folder.iterdir()] == ["e5 small"]
    killed = encoders.folder / ".new-999999999-cafe"  # while it was copied, and between two renames
    killed.mkdir()
    second.folder.rename(encoders.folder / ".e5 small-old")
    with encoders.staging() as aside:
        assert {each.name for each in encoders.folder.iterdir()} == {"e5 small", aside.name}
    encoders.remove(second)
    assert encoders.installed() == () and not second.folder.exists()
