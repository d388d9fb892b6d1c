"""Looking for a newer version from the settings: only when the button is pressed, against a real server."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app import __version__
from tests.fixtures.release import LIST, Publisher, installer
from tests.fixtures.web_server import Page, WebServer

DATA = b"an installer" * 1000
NAME = "alcove_9.0.0_amd64.deb"


@pytest.fixture
def server():
    with WebServer() as running:
        yield running


@pytest.fixture
def publisher(server, backend, monkeypatch):
    """Its list is what this copy asks for; before `window`, as in the program."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("sys.platform", "linux")
    made = Publisher(server)
    made.set_in(backend.paths.config)
    return made


@pytest.fixture
def row(publisher, window):
    window.show_page("settings")
    return window.page("settings").updates


def publish(publisher, version="9.0.0", **more):
    files = [installer(NAME, DATA, f"{publisher.server.endpoint}/{NAME}"), *more.pop("others", [])]
    publisher.server.pages[f"/{NAME}"] = Page(DATA)
    publisher.publish(version=version, files=files, **more)


def check(row, qtbot):
    qtbot.mouseClick(row.check_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.check_button.text() == "Check now")


def test_nothing_is_asked_before_the_button_is_pressed(row, publisher, server, window, qtbot):
    publish(publisher)
    window.page("settings").refresh()
    qtbot.wait(100)
    assert server.requests == []
    assert row.state.text() == f"This is Alcove {__version__}." and not row.open_button.isVisible()
    assert "Asked only when you press the button" in row._note.text() and "127.0.0.1" in row._note.text()
    check(row, qtbot)
    assert len(server.requests) == 2


def test_a_newer_version_is_shown_with_what_can_be_done(row, publisher, qtbot, monkeypatch):
    publish(publisher)
    check(row, qtbot)
    assert row.state.text() == f"Alcove 9.0.0 of 2024-11-20 is available. You have {__version__}."
    assert row.news.lines == ["Reads 7z.", "Fewer words."]
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    row.open_button.click()
    assert opened == [f"{publisher.server.endpoint}/alcove"]
    row.copy_button.click()
    assert QGuiApplication.clipboard().text() == opened[0] and row.copy_button.text() == "Copied"
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    row.open_button.click()
    assert "No web browser" in row.state.text() and opened[0] in row.state.text()


def test_up_to_date(row, publisher, qtbot):
    publish(publisher)
    check(row, qtbot)
    publish(publisher, __version__, published="2024-11-21T00:00:00+00:00")
    check(row, qtbot)
    assert row.state.text() == f"Alcove {__version__} is the newest version, by the list of 2024-11-21."
    assert (
        not row.open_button.isVisible() and not row.news.isVisible() and not row.download.button.isVisible()
    )


def test_an_error_says_what_to_try_and_the_button_works_again(row, publisher, server, qtbot):
    publish(publisher)
    page = server.pages[LIST]
    server.pages[LIST] = Page(page.body.replace(b"9.0.0", b"9.0.1"), headers=page.headers)
    check(row, qtbot)
    assert "is not signed by the makers of Alcove" in row.state.text()
    assert row.state.property("role") == "failure" and not row.open_button.isVisible()
    server.pages[LIST] = page
    check(row, qtbot)
    assert "9.0.0" in row.state.text() and row.state.property("role") == ""


def test_a_check_can_be_stopped_with_the_keyboard(row, server, qtbot):
    server.pages[LIST] = Page(silent=True)
    row.check_button.setFocus()
    qtbot.keyClick(row.check_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(server.requests))
    assert row.check_button.text() == "Stop" and row.check_button.accessibleName() == "Stop the check"
    qtbot.waitUntil(lambda: row.state.text() == "Asking 127.0.0.1…")
    qtbot.keyClick(row.check_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: row.check_button.text() == "Check now")
    assert row.state.text().startswith("Stopped.")


def test_what_a_screen_reader_says(row, publisher, qtbot):
    publish(publisher)
    check(row, qtbot)
    button = row.check_button
    assert button.accessibleName() == "Check now for a newer version"
    assert "9.0.0" in button.accessibleDescription() and "Asked only when" in button.accessibleDescription()
    assert row.copy_button.accessibleName() == "Copy the address of the download page"


def test_a_copy_without_an_address_says_so_and_asks_nobody(window, backend, qtbot):
    window.show_page("settings")
    row = window.page("settings").updates
    assert not row.check_button.isEnabled()
    assert "was not told where to ask" in row._note.text() and "key" not in row._note.text()
    assert row.state.text() == f"This is Alcove {__version__}."


def test_an_address_that_is_set_meanwhile_can_be_asked(window, backend, server, qtbot):
    window.show_page("settings")
    row = window.page("settings").updates
    assert not row.check_button.isEnabled()
    Publisher(server).set_in(backend.paths.config)
    window.show_page("settings")
    assert row.check_button.isEnabled() and "Asked only when you press" in row._note.text()


def test_a_download_goes_to_the_chosen_folder_and_is_checked(row, publisher, qtbot, monkeypatch, tmp_path):
    publish(publisher)
    check(row, qtbot)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    shown = []
    monkeypatch.setattr("app.gui.settings.update_download.show_in_folder", shown.append)
    row.download.button.click()
    qtbot.waitUntil(row.download.show_button.isVisible)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert row.download.note.text() == (
        f"Saved and checked: {tmp_path / NAME}. Alcove does not start it. Quit Alcove, then open it with a double-click, "
        f"or type in a terminal: sudo apt install {tmp_path / NAME}"
    )
    assert row.download.button.isEnabled() and not row.download.bar.isVisible()
    row.download.show_button.click()
    assert shown == [str(tmp_path / NAME)]


def test_nothing_is_downloaded_without_a_folder(row, publisher, server, qtbot, monkeypatch):
    publish(publisher)
    check(row, qtbot)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    row.download.button.click()
    assert len(server.requests) == 2 and not row.download.isVisible()


def test_another_file_than_was_signed_is_not_called_done(
    row, publisher, server, qtbot, monkeypatch, tmp_path
):
    publish(publisher)
    check(row, qtbot)
    server.pages[f"/{NAME}"] = Page(DATA[:-1] + b"!")
    row.download.start(row.download._files[0], tmp_path)
    qtbot.waitUntil(lambda: "arrived damaged" in row.download.note.text())
    assert row.download.note.property("role") == "failure" and not row.download.show_button.isVisible()
    assert not (tmp_path / NAME).exists()


def test_a_download_can_be_stopped(row, publisher, server, qtbot, tmp_path):
    publish(publisher)
    check(row, qtbot)
    server.pages[f"/{NAME}"] = Page(silent=True)
    row.download.start(row.download._files[0], tmp_path)
    qtbot.waitUntil(lambda: len(server.requests) == 3)
    assert row.download.bar.isVisible() and not row.download.button.isEnabled()
    row.download.stop_button.click()
    qtbot.waitUntil(row.download.button.isEnabled)
    assert "What has arrived is kept" in row.download.note.text()


def test_of_several_files_one_is_chosen(row, publisher, qtbot, monkeypatch):
    other = installer("alcove-9.0.0-x86_64.run", DATA, f"{publisher.server.endpoint}/x", edition="run")
    publish(publisher, others=[other])
    check(row, qtbot)
    titles = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda _, title, __: titles.append(title) or "")
    actions = row.download.button.menu().actions()
    assert [each.text() for each in actions] == [f"{NAME} (12.0 kB)", "alcove-9.0.0-x86_64.run (12.0 kB)"]
    actions[1].trigger()
    assert titles == ["Folder to save alcove-9.0.0-x86_64.run in"]
