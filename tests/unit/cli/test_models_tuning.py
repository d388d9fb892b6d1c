"""`alcove models tune`, and what the other commands make of a tuned copy."""

import json

import pytest

from app.assistants.tune_starter import SWITCH
from app.base.errors import AppError
from app.cli.main import run
from app.cli.models.tuning import in_figures
from app.engine.client import Engine
from app.engine.measuring_protocol import Judged
from app.engine.trial import Trial
from app.hardware.measured import Pace
from app.models.installed import starter_chat_model, starter_model
from app.models.tuned import Figures, Tunings
from tests.fixtures import paces
from tests.fixtures.half_precision import write_half_model


@pytest.fixture
def half(paths):
    return write_half_model(paths.models / "some-F16.gguf")


@pytest.fixture
def copies(monkeypatch):
    """Lets every copy be so fast beside originals, and foresee so well."""

    def run_at(pace, surprise=2.0):
        def judge(_, file, text, cancel):
            yield from (Judged(2.0 if file.suffix == ".gguf" else surprise, n, 4) for n in range(1, 5))

        paces.copies_run_at(monkeypatch, pace)
        monkeypatch.setattr(Trial, "judge", judge)

    return run_at


def test_a_model_is_tuned_listed_with_its_copy_and_removed_with_it(models, half, copies, paths):
    copies(Pace(260, 13))
    code, out, _ = models("tune", "some-F16")
    assert code == 0
    assert "Q8_0: reads 260 tokens a second (as it came: 100), writes 13 (10)." in out
    assert "some-F16 is tuned for this computer (Q8_0, " in out
    assert "Reads 2.6 times, writes 1.3 times as fast; answers as well (perplexity 7.39, was 7.39)." in out
    code, out, _ = models("list", "some-F16", "--json")
    (listed,) = out["installed"]
    assert listed["tuned"]["kind"] == "Q8_0" and listed["tuned"]["figures"]["reading"] == 2.6
    code, out, _ = models("list", "some-F16")
    assert out.count("some-F16") == 2 and "(tuned for this computer as Q8_0, " in out  # its name and its file
    code, out, _ = models("tune", "some-F16", "--json")
    assert out["tuned"]["kind"] == "Q8_0" and [each["kept"] for each in out["tried"]] == [True, False]


def test_a_worse_or_slower_copy_is_told_and_not_kept(models, half, copies, paths):
    copies(Pace(260, 13), surprise=2.2)
    code, out, _ = models("tune", "some-F16")
    assert code == 0 and "but answers noticeably worse" in out and "some-F16 stays as it came" in out
    copies(Pace(101, 10))
    code, out, _ = models("tune", "some-F16", "--json")
    assert out["tuned"]["kind"] == "" and out["tried"][0]["perplexity"] is None
    assert Tunings(paths.models).file(half) is None
    assert models("list", "some-F16", "--json")[1]["installed"][0]["tuned"] is None


def test_a_model_that_is_not_there_is_told(models):
    code, _, err = models("tune", "nothing")
    assert code == 1 and "nothing" in err


def test_the_starter_is_prepared_once_before_a_question(capsys, copies, monkeypatch, paths):
    copies(Pace(260, 13))
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 600.0)
    for prepared in (True, False):
        code = run(["chat", "--message", "Say hello.", "--json"], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        assert code == 0 and json.loads(shown.out)["model"] == starter_model().name
        assert ("prepared for this computer" in shown.err) is prepared


def test_a_copy_that_does_not_load_is_deleted_by_the_doctor_and_the_model_is_sound(
    capsys, copies, models, half, paths
):
    copies(Pace(260, 13))
    models("tune", "some-F16")
    copy = Tunings(paths.models).file(half)
    copy.write_bytes(bytes(copy.stat().st_size))  # as long as it was, and no model
    code = run(["doctor", "--json"], open_window=lambda paths: 0)
    checks = json.loads(capsys.readouterr().out)["checks"]
    told = [each for each in checks if "tuned" in each["detail"]]
    assert code == 0 and len(told) == 1 and told[0]["ok"] and "was deleted" in told[0]["detail"]
    assert not copy.exists() and half.exists() and starter_chat_model().exists()


def test_a_sound_copy_that_does_not_load_for_want_of_memory_stays(
    capsys, copies, models, half, paths, monkeypatch
):
    copies(Pace(260, 13))
    models("tune", "some-F16")
    copy = Tunings(paths.models).file(half)
    usual = Engine.load

    def load(engine, model, cancel):
        if model.file == str(copy):
            raise AppError("There is not enough memory.", "Close other programs.")
        return usual(engine, model, cancel)

    monkeypatch.setattr(Engine, "load", load)
    code = run(["doctor", "--json"], open_window=lambda paths: 0)
    checks = json.loads(capsys.readouterr().out)["checks"]
    (told,) = [each for each in checks if "tuned" in each["detail"]]
    assert code == 0 and told["ok"] and "did not (There is not enough memory.)" in told["detail"]
    assert copy.exists() and Tunings(paths.models).file(half) == copy


def test_a_damaged_copy_is_told_by_verify_and_deleted(models, copies, half, paths):
    copies(Pace(260, 13))
    models("tune", "some-F16")
    models("verify", "some-F16")
    copy = Tunings(paths.models).file(half)
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    code, out, _ = models("verify", "some-F16")
    assert code == 1 and "copy tuned for this computer was damaged" in out
    assert not copy.exists() and half.exists()


def test_figures_of_one_measurement_say_so():
    assert in_figures(Figures(2.6, 1.3, 7.0, 7.0, 1)).startswith(
        "Reads 2.6 times, writes 1.3 times as fast (measured once); "
    )
    assert "once" not in in_figures(Figures(2.6, 1.3, 7.0, 7.0, 3))


def test_a_type_left_out_for_want_of_memory_is_told(models, copies, half, monkeypatch):
    copies(Pace(260, 13))
    monkeypatch.setattr("app.assistants.tune_model._that_fit", lambda facts, kinds: kinds[1:])
    assert "Q8_0: not tried, because there is not enough free memory." in models("tune", "some-F16")[1]
    assert models("tune", "some-F16", "--json")[1]["left_out"] == ["Q8_0"]
