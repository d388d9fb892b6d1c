import pytest

from app.base.errors import AppError, Cancelled
from app.cli.main import home_first, run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["ask", "x", "--home", "D"], ["--home", "D", "ask", "x"]),
        (["ask", "--home=D", "x"], ["--home=D", "ask", "x"]),
        (["--home", "D", "ask"], ["--home", "D", "ask"]),
        (["ask", "--", "--home", "D"], ["ask", "--", "--home", "D"]),
        ([], []),
    ],
)
def test_home_may_stand_anywhere(given, expected):
    assert home_first(given) == expected


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AppError("No.", "Try."), 1),
        (Cancelled(), 130),
        (KeyboardInterrupt(), 130),
        (ValueError("secret words"), 70),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(monkeypatch, capsys, own_home, error, code):
    def window(paths):
        raise error

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run([], open_window=window) == code
    shown = capsys.readouterr().err
    assert "Traceback" not in shown and "secret words" not in shown
    if code == 70:
        (report,) = (own_home / "logs").glob("crash-*.txt")
        assert "ValueError" in report.read_text() and "secret words" not in report.read_text()


def test_without_a_subcommand_the_window_opens_on_the_chosen_data(monkeypatch, tmp_path):
    opened = []
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert (
        run(["--home", str(tmp_path / "data")], open_window=lambda paths: opened.append(paths.data) or 0) == 0
    )
    assert opened == [tmp_path / "data"]
