from app.cli.main import run


def test_files_are_handed_to_the_window(tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pdf").touch()
    opened = []
    assert (
        run(["open", "a.pdf", str(tmp_path)], open_window=lambda paths, files: opened.append(files) or 0) == 0
    )
    assert opened == [[tmp_path / "a.pdf", tmp_path]]


def test_without_files_the_window_opens(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run(["open"], open_window=lambda paths, files: 7 if files == [] else 0) == 7


def test_a_file_that_is_not_there_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run(["open", str(tmp_path / "gone.pdf")], open_window=lambda paths, files: 0) == 1
    assert "gone.pdf" in capsys.readouterr().err


def test_without_a_display_nothing_opens(tmp_path, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert run(["open", str(tmp_path)], open_window=lambda paths, files: 0) == 1
    assert "no display" in capsys.readouterr().err
