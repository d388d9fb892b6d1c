"""The commands of `alcove models` for models on a disk, with the real engine and the real file system."""

import io
import signal
import subprocess
import sys
import time

import pytest
from rich.console import Console

from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.cli.session import Session, Step
from app.models.importing import import_model
from app.models.records import Records
from tests.fixtures.tiny_model import write_tiny_model
from tests.unit.test_front_is_light import loaded_by


@pytest.fixture
def tiny(tmp_path):
    return write_tiny_model(tmp_path / "tiny.gguf")


@pytest.fixture
def library(paths, tiny):
    """A library that holds a copy of `tiny`."""
    records = Records(paths.models)
    list(import_model(tiny, records, copy=True, cancel=CancelToken()))
    return records


class Terminal(io.StringIO):
    """Standard input on which a person has typed."""

    def isatty(self) -> bool:
        return True


def files_in(folder):
    return sorted(file.name for file in folder.rglob("*") if not file.name.startswith(".alcove-models"))


def flip_last_byte(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_an_imported_model_is_copied_and_tested(models, paths, tiny):
    code, out, err = models("import", tiny, "--name", "my model.gguf", "--json")
    copy = paths.models / "my model.gguf"
    assert code == 0, err
    assert out["model"] == {"name": "my model", "file": str(copy), "bytes": tiny.stat().st_size}
    assert (out["outcome"], out["loads"]) == ("copied", True) and "was copied" in out["detail"]
    assert copy.read_bytes() == tiny.read_bytes() and err == ""
    code, out, _ = models("import", tiny)
    assert code == 0 and "already, as “my model”" in out and out.count("\n") == 1


def test_a_model_that_does_not_load_is_kept_and_said(models, paths, tmp_path):
    strange = write_tiny_model(tmp_path / "strange.gguf", architecture="notyetknown")
    code, out, err = models("import", strange, "--json")
    assert code == 1 and out["loads"] is False and out["outcome"] == "copied"
    assert "kept, but it cannot be loaded" in out["detail"] and "Traceback" not in err
    assert files_in(paths.models) == ["alcove-models.json", "strange.gguf"]


@pytest.mark.parametrize(
    ("given", "said"), [("page.gguf", "web page"), ("none.gguf", "no file"), ("", "names no file")]
)
def test_what_is_no_model_is_one_sentence(models, paths, tmp_path, given, said):
    (tmp_path / "page.gguf").write_text("<!doctype html><p>Sign in")
    code, out, err = models("import", tmp_path / given if given else "", "--json")
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1
    assert files_in(paths.models) == []


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The home of a person who has LM Studio, with a sound and a damaged model."""
    home = tmp_path / "person"
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.delenv(variable, raising=False)
    folder = home / ".lmstudio" / "models" / "who" / "what"
    folder.mkdir(parents=True)
    write_tiny_model(folder / "sound.gguf")
    (folder / "broken.gguf").write_bytes((folder / "sound.gguf").read_bytes()[:500])
    return folder


def test_models_of_other_apps_are_found_and_used_where_they_lie(models, paths, elsewhere):
    sound = elsewhere / "sound.gguf"
    before = {file.name: file.read_bytes() for file in elsewhere.iterdir()}
    code, out, err = models("discover", "--json")
    found = {each["name"]: each for each in out["models"] if each["app"] == "LM Studio"}
    assert code == 0 and err == "" and out["used"] == []
    assert found["sound"] == {
        "app": "LM Studio", "name": "sound", "file": str(sound), "bytes": sound.stat().st_size,
        "usable": True, "reason": "",
    }  # fmt: skip
    assert not found["broken"]["usable"] and "incomplete" in found["broken"]["reason"]

    code, out, _ = models("discover", "--use", "lm studio", "--use", "sound", "--json")
    (used,) = out["used"]
    assert code == 0 and (used["outcome"], used["model"]["file"]) == ("in place", str(sound))
    assert Records(paths.models).find(sound).source == "place:LM Studio"

    code, out, _ = models("remove", "sound", "--yes", "--json")
    assert (code, out["deleted"], out["freed"]) == (0, [], 0) and "LM Studio" in out["detail"]
    assert {file.name: file.read_bytes() for file in elsewhere.iterdir()} == before


def test_what_cannot_be_used_is_said(models, elsewhere):
    code, out, _ = models("discover")
    assert code == 0 and "LM Studio: sound" in out and "cannot be used: “broken.gguf” is incomplete" in out
    assert "--use NAME" in out
    for wanted, said in (("broken", "incomplete"), ("nothing", "“nothing”")):
        code, out, err = models("discover", "--use", wanted)
        assert (code, out) == (1, "") and said in err


def test_changed_bytes_are_found(models, library):
    code, out, _ = models("verify", "tiny", "--json")
    assert (code, [(each["name"], each["verdict"]) for each in out["models"]]) == (0, [("tiny", "ok")])
    flip_last_byte(library.folder / "tiny.gguf")
    code, out, err = models("verify", "TINY.gguf", "--json")
    assert code == 1 and out["models"][0]["verdict"] == "wrong" and err == ""
    code, out, _ = models("verify", "tiny")
    assert code == 1 and out.startswith("BAD  tiny: Its sha256 is ")


def test_without_a_name_every_model_is_checked_also_one_that_is_gone(models, library):
    (library.folder / "tiny.gguf").unlink()
    code, out, _ = models("verify", "--json")
    verdicts = {each["name"]: each for each in out["models"]}
    assert code == 1 and verdicts["tiny"]["verdict"] == "wrong" and "is gone" in verdicts["tiny"]["detail"]
    assert all(each["verdict"] != "wrong" for name, each in verdicts.items() if name != "tiny")


def test_removing_asks_first(models, library, monkeypatch):
    copy = library.folder / "tiny.gguf"
    size = copy.stat().st_size
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, _, err = models("remove", "tiny")
    assert code == 1 and "--yes" in err
    for answer in ("\n", "n\n", ""):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        code, _, err = models("remove", "tiny")
        assert code == 130 and "Delete “tiny” (" in err
    assert copy.is_file()
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    code, out, _ = models("remove", "tiny", "--json")
    assert (code, out["name"], out["deleted"], out["freed"]) == (0, "tiny", [str(copy)], size)
    assert not copy.exists() and library.all() == []


def test_a_removed_default_is_followed_by_the_starter(models, library, paths):
    SettingsStore(paths.settings_file).change(default_model=library.folder / "tiny.gguf")
    code, out, _ = models("remove", library.folder / "tiny.gguf", "--yes")
    assert code == 0 and "starter is the default again" in out and "are free again" in out
    assert SettingsStore(paths.settings_file).current.default_model is None


def test_names_that_mean_no_model_or_two(models, library, tiny):
    code, _, err = models("remove", "nothing", "--yes")
    assert code == 1 and "no model “nothing”" in err and "tiny" in err
    code, _, err = models("remove", tiny, "--yes")  # a file of the person that is not in the library
    assert code == 1 and "does not belong" in err and tiny.is_file()
    (library.folder / "sub").mkdir()
    write_tiny_model(library.folder / "sub" / "tiny.gguf", seed=2)
    code, _, err = models("remove", "tiny", "--yes")
    assert code == 1 and "2 models called “tiny”" in err
    assert models("remove", library.folder / "tiny.gguf", "--yes")[0] == 0
    assert files_in(library.folder) == ["alcove-models.json", "sub", "tiny.gguf"]


def test_a_kit_goes_to_another_machine(models, library, tmp_path):
    kit = tmp_path / "stick" / "kit"
    size = (library.folder / "tiny.gguf").stat().st_size
    code, out, err = models("export-kit", kit, "tiny", "tiny", "--json")
    (exported,) = out["models"]
    assert code == 0 and err == ""
    assert (exported["name"], exported["outcome"], exported["bytes"]) == ("tiny", "copied", size)
    assert "alcove models import-kit" in models("export-kit", kit, "tiny")[1]

    other = ("--home", tmp_path / "other")
    code, out, err = models("import-kit", kit, "--json", *other)
    assert code == 0 and out["models"][0]["outcome"] == "copied" and err == ""
    assert files_in(tmp_path / "other" / "models") == ["alcove-models.json", "tiny.gguf"]
    assert models("import-kit", kit, "--json", *other)[1]["models"][0]["outcome"] == "already there"

    flip_last_byte(kit / "tiny.gguf")
    code, out, _ = models("import-kit", kit, "--home", tmp_path / "third")
    assert code == 1 and out.startswith("BAD  ") and "checksum" in out
    assert files_in(tmp_path / "third" / "models") == []
    code, _, err = models("import-kit", tmp_path / "stick")
    assert code == 1 and "no kit" in err


def test_a_mistyped_command_is_usage(models):
    code, _, err = models("impotr")
    assert code == 2 and "Did you mean" in err and "import" in err
    assert models("verify", "--nothing")[0] == 2
    assert models("remove")[0] == 2


def test_without_a_command_they_are_listed(models):
    code, out, err = models()
    assert (code, err) == (0, "") and out == models("--help")[1]
    assert "import-kit" in out and "Find, get and look after models." in out


def test_ctrl_c_ends_an_import_and_leaves_nothing(paths, tiny):
    with tiny.open("r+b") as stream:
        stream.truncate(1 << 30)  # sparse: it takes no room, but seconds to copy
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "models", "import", str(tiny), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not list(paths.models.glob(".*.part")):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert out == "" and err.endswith("alcove: stopped\n") and "Traceback" not in err
    assert files_in(paths.models) == []


def test_results_are_printed_past_the_progress_bar(paths, capsys):
    session = Session(paths, lambda paths: 0)
    session.console = Console(file=io.StringIO(), force_terminal=True, width=80)
    steps = {1: Step("Reading [b]x", 1, 2), 3: Step("Reading y", 2, 2)}
    for event in session.with_bar([1, "two", 3, "four"], "Waiting", steps.get):
        print(event)
    assert capsys.readouterr().out == "two\nfour\n"
    shown = session.console.file.getvalue()
    assert "Reading" in shown and "50%" in shown and "two" not in shown


def test_the_commands_stay_light():
    loaded = loaded_by("import app.cli.main")
    assert not loaded & {"numpy", "httpx2", "huggingface_hub", "llama_cpp", "filelock"}
