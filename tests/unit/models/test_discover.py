import hashlib
import json
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.models import discover as discover_module
from app.models.discover import discover
from app.models.importing import import_model
from app.models.installed import find_model
from app.models.places import Place, default_places, places_here, pointers
from app.models.records import Records
from tests.fixtures.tiny_model import write_tiny_model
from tests.unit.models.test_gguf import split

MODEL = "application/vnd.ollama.image.model"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("weights") / "tiny.gguf").read_bytes()


def other(weights, seed):
    """Another model of the same size: only its last number differs."""
    return weights[:-1] + bytes([seed])


def put(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def look(*places):
    return list(discover([Place(*each) for each in places], CancelToken()))


def usable(found):
    return [(each.name, each.file) for each in found if each.usable]


def ollama(root, name, content, *, media=MODEL, extra=(), host="registry.ollama.ai", blob=True):
    """As Ollama lays it out: a manifest of layers, and blobs by their checksum."""
    digest = hashlib.sha256(content).hexdigest()
    layers = [{"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}, *extra]
    put(root / "manifests" / host / name, json.dumps({"schemaVersion": 2, "layers": layers}).encode())
    file = root / "blobs" / f"sha256-{digest}"
    return (put(file, content) if blob else file), digest


def test_ollama(tmp_path, weights):
    root = tmp_path / ".ollama" / "models"
    first, digest = ollama(root, "library/llama3.2/1b", weights, extra=[
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "1" * 64}])  # fmt: skip
    second, _ = ollama(root, "someone/tiny/latest", other(weights, 1))
    third, _ = ollama(root, "bartowski/tiny-GGUF/Q4_K_M", other(weights, 2), host="hf.co")
    gone, _ = ollama(root, "library/gone/latest", other(weights, 3), blob=False)
    ollama(root, "library/tuned/latest", other(weights, 4), extra=[
        {"mediaType": "application/vnd.ollama.image.adapter", "digest": "sha256:" + "2" * 64}])  # fmt: skip
    ollama(root, "library/other/mlx", other(weights, 5), media="application/vnd.ollama.image.tensor")
    put(root / "manifests/registry.ollama.ai/library/broken/latest", b'{"layers": [{')
    put(root / "manifests/registry.ollama.ai/library/evil/latest", json.dumps(
        {"layers": [{"mediaType": MODEL, "digest": "sha256:../../../etc/passwd"}]}).encode())  # fmt: skip
    put(root / "manifests/registry.ollama.ai/library/.DS_Store", b"x")
    found = look(("Ollama", root, "ollama"))
    assert sorted(usable(found)) == [
        ("hf.co/bartowski/tiny-GGUF:Q4_K_M", third), ("llama3.2:1b", first), ("someone/tiny:latest", second),
    ]  # fmt: skip
    (known,) = [each for each in found if each.name == "llama3.2:1b"]
    assert (known.app, known.sha256, known.bytes) == ("Ollama", digest, len(weights))
    reasons = {each.name: each.reason for each in found if not each.usable}
    assert str(gone) in reasons["gone:latest"] and "missing" in reasons["gone:latest"]
    assert "adapter" in reasons["tuned:latest"]
    assert "not kept as one GGUF file" in reasons["other:mlx"]
    assert "damaged" in reasons["broken:latest"]
    assert "not kept as one GGUF file" in reasons["evil:latest"]
    assert len(found) == 8


def test_one_blob_under_two_names_is_one_model(tmp_path, weights):
    ollama(tmp_path, "library/a/latest", weights)
    ollama(tmp_path, "library/a/1b", weights)
    assert len(look(("Ollama", tmp_path, "ollama"))) == 1


def test_the_hub_cache(tmp_path, weights):
    digest = hashlib.sha256(weights).hexdigest()
    repo = tmp_path / "models--someone--Tiny-GGUF"
    blob = put(repo / "blobs" / digest, weights)
    for commit in ("a" * 40, "b" * 40):
        file = repo / "snapshots" / commit / "quants" / "Tiny-Q8_0.gguf"
        file.parent.mkdir(parents=True)
        file.symlink_to(os.path.relpath(blob, file.parent))
    copied = put(tmp_path / "models--a--b" / "snapshots" / ("c" * 40) / "windows.gguf", other(weights, 1))
    put(tmp_path / "datasets--a--b" / "snapshots" / ("c" * 40) / "no.gguf", other(weights, 2))
    put(repo / "snapshots" / ("a" * 40) / "mmproj-Tiny-F16.gguf", other(weights, 3))
    (repo / "snapshots" / ("a" * 40) / "gone.gguf").symlink_to(tmp_path / "nowhere")
    found = look(("Hugging Face", tmp_path, "hub"))
    assert usable(found) == [
        ("windows", copied),
        ("Tiny-Q8_0", repo / "snapshots" / ("a" * 40) / "quants/Tiny-Q8_0.gguf"),
    ]
    assert [each.sha256 for each in found] == ["", digest]


def test_folders_of_files(tmp_path, weights):
    root = tmp_path / "models"
    file = put(root / "someone" / "Tiny-GGUF" / "Tiny.Q4_K_M.GGUF", weights)
    put(root / "someone" / "Tiny-GGUF" / "notes.txt", b"x")
    put(root / "someone" / "Tiny-GGUF" / "tiny.mmproj-f16.gguf", weights)
    put(root / ".hidden" / "x.gguf", weights)
    put(root / "web.gguf", b"<!doctype html>")
    put(root / "half.gguf", weights[:5000])
    encoder = write_tiny_model(root / "embed.gguf", architecture="nomic-bert")
    found = look(
        ("LM Studio", root, "files"), ("LM Studio", tmp_path / "none", "files"), ("x", file, "files")
    )
    assert usable(found) == [("Tiny.Q4_K_M", file)]
    reasons = {each.name: each.reason for each in found if not each.usable}
    assert set(reasons) == {"web", "half", "embed"}
    assert (
        "web page" in reasons["web"]
        and "incomplete" in reasons["half"]
        and "cannot write" in reasons["embed"]
    )
    assert encoder.exists()


def test_models_in_several_files_need_all_of_them(tmp_path):
    files = split(tmp_path, 3)
    (tmp_path / "whole.gguf").unlink()
    (found,) = look(("LM Studio", tmp_path, "files"))
    assert (found.name, found.file, found.usable) == ("m", files[0], True)
    assert found.bytes == sum(file.stat().st_size for file in files)
    files[1].unlink()
    (found,) = look(("LM Studio", tmp_path, "files"))
    assert not found.usable and "m-00002-of-00003.gguf” is missing" in found.reason


def test_jan(tmp_path, weights):
    data = tmp_path / "Jan" / "data"
    inside = put(data / "llamacpp/models/janhq/Jan-v1/model.gguf", weights)
    elsewhere = put(tmp_path / "my files" / "it's.gguf", other(weights, 1))
    digest = hashlib.sha256(weights).hexdigest()
    models = {
        "janhq/Jan-v1": f"model_path: llamacpp/models/janhq/Jan-v1/model.gguf\nname: Jan\nmodel_sha256: {digest}\n",
        "imported": f"embedding: false\nmodel_path: '{str(elsewhere).replace(chr(39), chr(39) * 2)}'\nsize_bytes: 3\n",
        "quoted": f"model_path: {json.dumps(str(tmp_path / 'gone.gguf'))}\n",
        "empty": "name: nothing\n",
        "bad": 'model_path: "\n',
    }
    for name, text in models.items():
        put(data / "llamacpp" / "models" / name / "model.yml", text.encode())
    put(data / "llamacpp" / "models" / "binary" / "model.yml", b"\xff\xfe")
    found = look(("Jan", data, "jan"))
    assert sorted(usable(found)) == [("imported", elsewhere), ("janhq/Jan-v1", inside)]
    assert {each.sha256 for each in found if each.name == "janhq/Jan-v1"} == {digest}
    reasons = {each.name: each.reason for each in found if not each.usable}
    assert set(reasons) == {"quoted", "empty", "bad", "binary"}
    assert "gone.gguf" in reasons["quoted"] and "does not say" in reasons["empty"]


def test_one_model_in_many_places_is_found_once(tmp_path, weights):
    blob, _ = ollama(tmp_path / "ollama", "library/tiny/latest", weights)
    (tmp_path / "lm" / "a").mkdir(parents=True)
    os.link(blob, tmp_path / "lm" / "a" / "hard.gguf")
    (tmp_path / "lm" / "a" / "soft.gguf").symlink_to(blob)
    (tmp_path / "lm" / "again").symlink_to(tmp_path / "lm" / "a")
    hub = tmp_path / "hub" / "models--a--b"
    file = hub / "snapshots" / "x" / "tiny.gguf"
    put(hub / "blobs" / hashlib.sha256(weights).hexdigest(), weights)
    file.parent.mkdir(parents=True)
    file.symlink_to(hub / "blobs" / hashlib.sha256(weights).hexdigest())
    found = look(("Ollama", tmp_path / "ollama", "ollama"), ("LM Studio", tmp_path / "lm", "files"),
                 ("Hugging Face", tmp_path / "hub", "hub"))  # fmt: skip
    assert [(each.app, each.name) for each in found] == [("Ollama", "tiny:latest")]


def test_circles_pipes_and_depth_end(tmp_path, weights):
    root = tmp_path / "models"
    file = put(root / "a" / "x.gguf", weights)
    for number in range(20):  # hundreds of thousands of ways through, were folders not looked at once only
        (root / "a" / f"up{number}").symlink_to(root)
    (root / "a" / "self.gguf").symlink_to(root / "a" / "self.gguf")
    os.mkfifo(root / "pipe.gguf")
    put(root.joinpath(*"123456789") / "deep.gguf", other(weights, 1))
    (found,) = look(("LM Studio", root, "files"))
    assert (found.name, found.file, found.usable) == ("x", file, True)


def test_a_huge_folder_is_looked_at_only_so_far_and_that_is_said(tmp_path, weights, monkeypatch):
    monkeypatch.setattr(discover_module, "_MAX_ENTRIES", 20)
    put(tmp_path / "a" / "x.gguf", weights)
    for number in range(30):
        put(tmp_path / "b" / f"{number}.txt", b"")
    *models, problem = look(("LM Studio", tmp_path, "files"))
    assert [each.name for each in models] == ["x"]
    assert not problem.usable and "more than 20 files" in problem.reason


def test_looking_can_be_stopped(tmp_path, weights):
    put(tmp_path / "a.gguf", weights)
    put(tmp_path / "b.gguf", other(weights, 1))
    cancel = CancelToken()
    running = discover([Place("LM Studio", tmp_path, "files")], cancel)
    next(running)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(running)


@contextmanager
def as_nobody():
    """Rights of an ordinary user for a moment: to root nothing is forbidden."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize(
    "closed", [".", "blobs", "manifests", "manifests/registry.ollama.ai/library/a/latest"]
)
def test_what_another_user_keeps_closed_is_named(weights, closed):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "models")
        blob, _ = ollama(root, "library/a/latest", weights)
        Path(folder).chmod(0o755)
        (root / closed).chmod(0)
        try:
            with as_nobody():
                (found,) = look(("Ollama", root, "ollama"))
        finally:
            (root / closed).chmod(0o755)
    assert not found.usable
    assert "no permission to open" in found.reason
    assert str(blob if closed == "blobs" else root / closed) in found.reason


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_folder_that_gives_only_its_names_is_named(weights):
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder, "models", "a", "x.gguf"), weights)
        Path(folder).chmod(0o755)
        Path(folder, "models", "a").chmod(0o744)
        with as_nobody():
            (found,) = look(("LM Studio", Path(folder, "models"), "files"))
    assert not found.usable and f"no permission to open {found.file}" in found.reason


def test_a_model_found_can_be_used_at_once_and_stays_untouched(tmp_path, weights):
    blob, digest = ollama(tmp_path / "ollama", "library/tiny/1b", weights)
    before = {file: file.stat() for file in (tmp_path / "ollama").rglob("*")}
    (found,) = look(("Ollama", tmp_path / "ollama", "ollama"))
    records = Records(tmp_path / "models")
    list(import_model(found.file, records, copy=False, cancel=CancelToken(), name=found.name,
                      source=f"place:{found.app}", sha256=found.sha256))  # fmt: skip
    assert find_model("tiny:1b", records.folder, None) == blob
    assert records.find(blob).parts[0].sha256 == digest
    after = {file: file.stat() for file in (tmp_path / "ollama").rglob("*")}
    assert {file: now.st_mtime_ns for file, now in after.items()} == {
        f: s.st_mtime_ns for f, s in before.items()
    }


def test_names_hold_no_tricks(tmp_path, weights):
    put(tmp_path / "x\x1b[31m\u202ered.gguf", weights)
    assert [each.name for each in look(("LM Studio", tmp_path, "files"))] == ["x[31mred"]


def folders(environment, system):
    return {(each.app, str(each.folder)) for each in default_places(environment, Path("/me"), system)}


def test_default_places_on_linux():
    assert folders({}, "Linux") == {
        ("Ollama", "/me/.ollama/models"), ("Ollama", "/usr/share/ollama/.ollama/models"),
        ("Hugging Face", "/me/.cache/huggingface/hub"), ("llama.cpp", "/me/.cache/llama.cpp"),
        ("LM Studio", "/me/.lmstudio/models"), ("LM Studio", "/me/.cache/lm-studio/models"),
        ("GPT4All", "/me/.local/share/nomic.ai/GPT4All"), ("GPT4All", "/me/.cache/gpt4all"),
        ("Jan", "/me/.local/share/Jan/data"), ("Jan", "/me/.config/Jan/data"),
    }  # fmt: skip
    moved = folders({"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/e"}, "Linux")
    assert {("Hugging Face", "/c/huggingface/hub"), ("llama.cpp", "/c/llama.cpp"), ("Jan", "/d/Jan/data"),
            ("GPT4All", "/d/nomic.ai/GPT4All"), ("Jan", "/e/Jan/data")} <= moved  # fmt: skip


def test_default_places_on_windows():
    found = folders({"APPDATA": "/me/AppData/Roaming", "LOCALAPPDATA": "/local"}, "Windows")
    assert found == {
        ("Ollama", "/me/.ollama/models"), ("Hugging Face", "/me/.cache/huggingface/hub"),
        ("llama.cpp", "/local/llama.cpp"), ("LM Studio", "/me/.lmstudio/models"),
        ("LM Studio", "/me/.cache/lm-studio/models"), ("GPT4All", "/local/nomic.ai/GPT4All"),
        ("GPT4All", "/me/.cache/gpt4all"), ("Jan", "/me/AppData/Roaming/Jan/data"),
    }  # fmt: skip
    assert ("GPT4All", "/me/AppData/Local/nomic.ai/GPT4All") in folders({}, "Windows")


def test_default_places_on_macos():
    support = "/me/Library/Application Support"
    assert folders({}, "Darwin") == {
        ("Ollama", "/me/.ollama/models"), ("Hugging Face", "/me/.cache/huggingface/hub"),
        ("llama.cpp", "/me/Library/Caches/llama.cpp"), ("LM Studio", "/me/.lmstudio/models"),
        ("LM Studio", "/me/.cache/lm-studio/models"), ("GPT4All", f"{support}/nomic.ai/GPT4All"),
        ("GPT4All", "/me/.cache/gpt4all"), ("Jan", f"{support}/Jan/data"),
    }  # fmt: skip


@pytest.mark.parametrize("system", ["Linux", "Windows", "Darwin"])
def test_places_the_environment_names(system):
    environment = {
        "OLLAMA_MODELS": "/big/ollama", "HF_HUB_CACHE": "/big/hub", "HF_HOME": "/big/hf",
        "HUGGINGFACE_HUB_CACHE": "/big/old", "LLAMA_CACHE": "/big/llama", "JAN_DATA_FOLDER": "/big/jan",
    }  # fmt: skip
    added = folders(environment, system) - folders({}, system)
    assert added == {
        ("Ollama", "/big/ollama"), ("Hugging Face", "/big/hub"), ("Hugging Face", "/big/hf/hub"),
        ("Hugging Face", "/big/old"), ("llama.cpp", "/big/llama"), ("Jan", "/big/jan"),
    }  # fmt: skip
    assert folders(
        {"OLLAMA_MODELS": "models", "HF_HOME": "", "LLAMA_CACHE": "~nobody-there/x"}, system
    ) == folders({}, system)


def test_places_the_apps_were_told_to_use(tmp_path, monkeypatch):
    home = tmp_path / "me"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    put(home / ".lmstudio-home-pointer", b"/big/lmstudio\n")
    put(home / ".lmstudio/settings.json", b'{"downloadsFolder": "/big/lm"}')
    put(home / ".config/nomic.ai/GPT4All.ini", b"[General]\nmodelPath=/big/gpt4all\nthreadCount=4\n")
    put(home / ".local/share/Jan/settings.json", b'{"data_folder": "/big/jan"}')
    put(home / ".config/Jan/settings.json", b'{"data_folder": "relative"')
    added = set(places_here()) - set(default_places(os.environ, home, "Linux"))
    assert added == {
        Place("LM Studio", Path("/big/lmstudio/models"), "files"), Place("LM Studio", Path("/big/lm"), "files"),
        Place("GPT4All", Path("/big/gpt4all"), "files"), Place("Jan", Path("/big/jan"), "jan"),
    }  # fmt: skip


def test_where_the_apps_say_it_on_other_systems():
    windows = {str(each.file) for each in pointers({}, Path("/me"), "Windows")}
    assert {"/me/AppData/Roaming/nomic.ai/GPT4All.ini", "/me/AppData/Roaming/Jan/settings.json"} <= windows
    macos = {str(each.file) for each in pointers({}, Path("/me"), "Darwin")}
    assert {
        "/me/.config/gpt4all.io/GPT4All.ini",
        "/me/Library/Application Support/Jan/settings.json",
    } <= macos
