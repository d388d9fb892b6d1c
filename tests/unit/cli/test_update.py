"""`alcove update`, against a real server."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from app import __version__
from app.assistants import fetch_update as fetch_update_module
from app.backend import close_backend, open_backend
from app.base.errors import AppError
from app.base.settings import SettingsStore
from app.cli.main import run
from tests.fixtures.release import Publisher, installer
from tests.fixtures.web_server import Page, WebServer

DATA = b"an installer" * 1000


@pytest.fixture
def server():
    with WebServer() as running:
        yield running


@pytest.fixture
def publisher(server, paths, monkeypatch):
    """Its list is what this copy asks for; the machine is one that it has a file for."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    made = Publisher(server)
    made.set_in(paths.config)
    return made


@pytest.fixture
def update(capsys):
    def call(*arguments):
        code = run(["update", *map(str, arguments)], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        out = json.loads(shown.out) if "--json" in arguments and shown.out else shown.out
        return code, out, shown.err

    return call


def publish(publisher, version="9.0.0"):
    name = f"alcove_{version}_amd64.deb"
    url = f"{publisher.server.endpoint}/{name}"
    publisher.server.pages[f"/{name}"] = Page(DATA)
    publisher.publish(version=version, files=[installer(name, DATA, url)])
    return name


def test_a_newer_version(publisher, update):
    name = publish(publisher)
    code, out, _ = update("check")
    assert code == 0
    assert out.startswith(
        f"Alcove 9.0.0 of 2024-11-20 is available; this is {__version__}.\n- Reads 7z.\n- Fewer words.\n"
    )
    assert f"deb: {name} (12.0 kB)" in out and "SHA-256" in out and "alcove update download FOLDER" in out
    code, out, _ = update("check", "--json")
    assert code == 0 and (out["version"], out["newest"], out["newer"], out["date"]) == (
        __version__,
        "9.0.0",
        True,
        "2024-11-20",
    )
    assert out["news"] == ["Reads 7z.", "Fewer words."] and out["page"].endswith("/alcove")
    assert out["files"][0]["file"] == name and set(out["files"][0]) == {
        "file", "url", "system", "processor", "edition", "bytes", "sha256",
    }  # fmt: skip


def test_up_to_date(publisher, update):
    publish(publisher, __version__)
    code, out, _ = update("check")
    assert code == 0 and out == f"Alcove {__version__} is the newest version, by the list of 2024-11-20.\n"
    code, out, _ = update("check", "--json")
    assert code == 0 and not out["newer"] and out["files"] == []
    code, _, err = update("download", "anywhere")
    assert code == 1 and "no version newer" in err


def test_without_an_address(update, paths):
    code, out, err = update("check")
    assert (
        code == 1 and out == "" and "no address to ask" in err and str(paths.config / "updates.json") in err
    )


def test_offline(publisher, update, server):
    publish(publisher)
    server.close()
    code, out, err = update("check", "--json")
    assert code == 1 and out == "" and "cannot be reached" in err and "connection to the Internet" in err


def test_download(publisher, update, tmp_path):
    name = publish(publisher)
    code, out, _ = update("download", tmp_path, "--json")
    assert code == 0 and (tmp_path / name).read_bytes() == DATA
    assert (out["file"], out["version"], out["bytes"]) == (str(tmp_path / name), "9.0.0", len(DATA))
    code, out, _ = update("download", tmp_path)
    assert code == 0 and out == (
        f"Saved and checked: {tmp_path / name}\nAlcove does not start it. Quit Alcove, then open it with a double-click, "
        f"or type in a terminal: sudo apt install {tmp_path / name}\n"
    )
    code, _, err = update("download", tmp_path, "--edition", "appimage")
    assert code == 1 and "There are: deb." in err
    code, _, err = update("download", tmp_path / "nowhere")
    assert code == 1 and "does not exist" in err


def test_no_file_for_this_machine_names_the_page(publisher, update, tmp_path, monkeypatch):
    publish(publisher)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    code, _, err = update("download", tmp_path)
    assert code == 1 and "/alcove" in err


def newer(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 9999")


def overwritten(path):
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)


@pytest.mark.parametrize(("damage", "said"), [(overwritten, "damaged"), (newer, "newer version")])
def test_databases_that_cannot_be_opened_do_not_matter(publisher, update, paths, tmp_path, damage, said):
    close_backend(open_backend(paths))
    damage(paths.user_db)
    before = paths.user_db.read_bytes()
    with pytest.raises(AppError, match=said):
        open_backend(paths)
    name = publish(publisher)
    code, out, err = update("check")
    assert code == 0 and out.startswith("Alcove 9.0.0"), err
    code, _, err = update("download", tmp_path)
    assert code == 0 and (tmp_path / name).read_bytes() == DATA, err
    assert paths.user_db.read_bytes() == before


def test_nothing_but_what_was_seen_is_written_into_a_new_home(update, publisher, paths):
    shutil.rmtree(paths.data)
    publisher.set_in(paths.config)
    publish(publisher)
    assert update("check")[0] == 0
    assert {each.name for each in paths.data.iterdir()} == {"logs", "updates.json", "updates-seen.json"}


def test_the_limit_of_the_settings_counts(publisher, update, paths, tmp_path, monkeypatch):
    SettingsStore(paths.settings_file).change(download_limit=2.0)
    given = []
    fetch = fetch_update_module.fetch_file
    monkeypatch.setattr(
        fetch_update_module, "fetch_file", lambda *a, **k: given.append(k["limit"]) or fetch(*a, **k)
    )
    publish(publisher)
    assert update("download", tmp_path)[0] == 0
    assert given[0].bytes_per_s == 2 << 20


def test_help_lists_the_commands(update):
    code, out, _ = update()
    assert code == 0 and "check" in out and "download" in out
