import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.files import replace_folder, replacing, write_text, writing
from app.base.logs import write_crash_report
from app.base.paths import find_paths, is_there, person_path
from app.base.settings import SettingsStore


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(ValueError, match="half way"), replacing(path) as stream:
        stream.write(b"ne")
        raise ValueError("half way")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_the_place_of_another_or_nothing_changes(tmp_path):
    target, old, aside = (tmp_path / name for name in ("target", "old", "aside"))
    target.mkdir()
    (target / "first").touch()
    with pytest.raises(AppError, match="does not exist"), writing(target):
        replace_folder(aside, target, old)
    assert (target / "first").is_file() and not old.exists()
    aside.mkdir()
    replace_folder(aside, target, old)
    assert not any(target.iterdir()) and (old / "first").is_file() and not aside.exists()


def test_a_full_disk_is_a_sentence():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    code = """
import resource, sys
from pathlib import Path
from app.base.errors import AppError
from app.base.files import write_text
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_text(Path(sys.argv[1]), "x" * 100_000)
except AppError as error:
    print(error.what)
"""
    folder = os.environ["ALCOVE_HOME"]
    Path(folder).mkdir(parents=True)
    target = Path(folder, "a.txt")
    target.write_text("old")
    done = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True)
    assert "could not be" in done.stdout, done.stderr
    assert target.read_text() == "old"


def test_settings_are_kept_and_validated(tmp_path):
    path = tmp_path / "settings.json"
    SettingsStore(path).change(theme="dark", context_length=8192)
    again = SettingsStore(path)
    assert (again.current.theme, again.current.context_length) == ("dark", 8192)
    with pytest.raises(ValueError, match="theme"):
        again.change(theme="pink")
    assert SettingsStore(path).current.theme == "dark"


@pytest.mark.parametrize(
    ("setting", "value", "kept"),
    [
        ("mirror", "https://Mirror.example:8443/hub/", "https://Mirror.example:8443/hub"),
        ("mirror", "http://[::1]:80", "http://[::1]:80"),
        ("mirror", "", ""),
        *[("mirror", wrong, None) for wrong in (
            "mirror.example", "https://me:secret@mirror.example", "https://a?token=x", "ftp://a", "https://a:99999",
            "https://ä.example", "https://", "https://a b", 1, None,
        )],
        ("download_limit", 2, 2.0),
        *[("download_limit", wrong, None) for wrong in (0, -1.0, True, float("nan"), float("inf"), 10**400, "2")],
    ],
)  # fmt: skip
def test_where_models_come_from_and_how_fast(tmp_path, setting, value, kept):
    store = SettingsStore(tmp_path / "settings.json")
    if kept is None:
        with pytest.raises(ValueError, match="must be"):
            store.change(**{setting: value})
        return
    store.change(**{setting: value})
    assert getattr(SettingsStore(tmp_path / "settings.json").current, setting) == kept


def test_settings_of_a_newer_version_survive(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "from_the_future": 7}))
    SettingsStore(path).change(theme="dark")
    assert json.loads(path.read_text())["from_the_future"] == 7


def test_damaged_settings_are_put_aside_not_lost(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"theme": ')
    assert SettingsStore(path).current.theme == "system"
    assert (tmp_path / "settings.damaged.json").read_text() == '{"theme": '


def test_home_beats_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ALCOVE_HOME", str(tmp_path / "environment"))
    assert find_paths().data == tmp_path / "environment"
    assert find_paths(tmp_path / "option").data == tmp_path / "option"


def test_a_data_folder_that_cannot_be_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(AppError, match="cannot be created"):
        find_paths(tmp_path / "file").prepare()


def test_settings_that_cannot_be_read_are_no_damaged_ones(tmp_path):
    path = tmp_path / "settings.json"
    path.mkdir()  # reading it fails for root too
    with pytest.raises(AppError, match="cannot be read"):
        SettingsStore(path)
    assert list(tmp_path.iterdir()) == [path]


def test_damaged_settings_that_cannot_be_put_aside_are_no_bug(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("{")
    (tmp_path / "settings.damaged.json" / "in the way").mkdir(parents=True)
    assert SettingsStore(path).current.theme == "system"
    assert path.read_text() == "{"


@pytest.mark.parametrize(
    ("named", "expected"),
    [("../docs", "../docs"), ("x/../docs/./a", "docs/a"), ("~/docs", "~/docs"), (" a ", " a ")],
)
def test_a_folder_has_one_path(tmp_path, monkeypatch, named, expected):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    found = {"../docs": tmp_path.parent / "docs", "~/docs": tmp_path / "me" / "docs"}
    assert str(person_path(named)) == str(found.get(expected, tmp_path / expected))


@pytest.mark.parametrize("named", ["~nobody-of-that-name/x", "a\0b", "caf\udce9", "", "  "])
def test_what_can_be_no_path_is_a_sentence(named):
    with pytest.raises(AppError, match="names no file or folder") as caught:
        person_path(named)
    caught.value.what.encode()


def test_whether_something_is_there(tmp_path):
    (tmp_path / "file").write_text("x")
    assert is_there(tmp_path / "file") and is_there(tmp_path)
    assert not is_there(tmp_path / "none") and not is_there(tmp_path / "file" / "below")
    with pytest.raises(AppError, match="names no file or folder") as caught:
        is_there(tmp_path / ("x" * 5000))
    assert len(caught.value.what) < 400


def test_permission_is_told_from_absence(tmp_path, monkeypatch):
    def refuse(self, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(AppError, match="no permission"):
        is_there(tmp_path / "locked" / "x")


def test_only_a_packaged_build_looks_for_portable_data_beside_itself(tmp_path, monkeypatch):
    monkeypatch.delenv("ALCOVE_HOME")
    (tmp_path / "portable").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "alcove"))
    assert find_paths().data != tmp_path / "alcove-data"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert find_paths().data == tmp_path / "alcove-data"


def test_a_crash_report_finds_a_place(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    (tmp_path / "file").write_text("x")
    report = write_crash_report(tmp_path / "file" / "logs", ValueError("secret"))
    assert report.parent == tmp_path and "ValueError" in report.read_text()
