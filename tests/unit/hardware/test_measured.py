from pathlib import Path

import pytest

from app.hardware.fit import Speed
from app.hardware.measured import Measurements, Pace, Race, Truth

SPEED = Speed({"Q4_K": 1e10}, 0.0001)


def test_everything_is_there_after_a_restart(tmp_path: Path):
    first = Measurements(tmp_path / "measured.json")
    assert first.speed is None
    first.keep_speed(SPEED)
    first.keep_load("model", 4096, "q8_0", 100, 110)
    first.keep_answer("model", 10.0, 8.0)
    again = Measurements(tmp_path / "measured.json")
    assert again.uncorrected_speed == SPEED
    assert again.truths == {"model": Truth(100, 110, 4096, "q8_0", ((10.0, 8.0),))}


def test_predictions_follow_the_median_of_what_really_happened(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    for real in (8.0, 0.1, 8.0):
        kept.keep_answer("model", 10.0, real)
    assert kept.speed is not None and kept.speed.corrections == {"model": 0.8}
    kept.keep_speed(SPEED)
    assert kept.uncorrected_speed == SPEED


def test_each_answer_is_compared_with_its_own_prediction(tmp_path: Path):
    """At another context length, say, another speed was predicted."""
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    for said, real in ((10.0, 8.0), (10.0, 8.0), (20.0, 16.0)):
        kept.keep_answer("model", said, real)
    assert kept.speed is not None and kept.speed.corrections == {"model": 0.8}


def test_models_that_never_ran_are_corrected_by_those_that_did(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    kept.keep_answer("one", 10.0, 5.0)
    assert kept.speed is not None and kept.speed.usual_correction == 1.0  # one may be an exception
    kept.keep_answer("two", 10.0, 6.0)
    assert kept.speed.usual_correction == 0.55


def test_what_another_process_wrote_is_kept(tmp_path: Path):
    one, other = Measurements(tmp_path / "measured.json"), Measurements(tmp_path / "measured.json")
    one.keep_speed(SPEED)
    other.keep_answer("model", 10.0, 9.0)
    one.keep_load("model", 4096, "f16", 100, 110)
    assert other.uncorrected_speed == SPEED
    assert other.truths["model"] == Truth(100, 110, 4096, "f16", ((10.0, 9.0),))


def test_wild_corrections_are_not_believed(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    kept.keep_answer("model", 10.0, 0.5)
    assert kept.speed is not None and kept.speed.corrections == {}


def test_only_the_last_answers_count(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    for real in range(1, 60):
        kept.keep_answer("model", 10.0, float(real))
    assert kept.truths["model"].answers == tuple((10.0, float(real)) for real in range(40, 60))


def test_a_new_calibration_starts_the_comparison_afresh(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    kept.keep_answer("model", 10.0, 5.0)
    kept.keep_speed(SPEED)
    assert kept.speed is not None and kept.speed.corrections == {}


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"models": {}, "speed": {"bytes_per_s": {}, "layer_s": 0, "row_s": 0}}',
        '{"models": {"a": {"predicted_bytes": 1, "real_bytes": 1, "context_length": 1, "kv_type": "f16", "answers": [[1, "x"]]}}, "speed": null}',
        "[]",
        '{"models": 3}',
        '{"models": {"a": {}}, "speed": null}',
    ],
)
def test_a_damaged_file_is_measured_again(tmp_path: Path, content: str):
    (tmp_path / "measured.json").write_text(content)
    assert Measurements(tmp_path / "measured.json").truths == {}


FAST, SLOW = Pace(1000.0, 50.0), Pace(100.0, 10.0)


def test_a_race_is_remembered_for_its_drivers(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_speed(SPEED)
    kept.keep_race("drivers 1", "model on card", FAST, SLOW)
    kept.keep_race("drivers 1", "other on card", SLOW, FAST)
    kept.keep_answer("model", 10.0, 8.0)
    again = Measurements(tmp_path / "measured.json")
    won, lost = again.race("drivers 1", "model on card"), again.race("drivers 1", "other on card")
    assert won == Race(FAST, SLOW) and won.card_wins
    assert lost is not None and not lost.card_wins
    assert again.race("drivers 2", "model on card") is None
    again.keep_race("drivers 2", "other on card", FAST, SLOW)
    assert again.race("drivers 1", "model on card") is None
    assert again.uncorrected_speed == SPEED and "model" in again.truths


def test_a_card_that_failed_is_remembered_for_its_drivers_and_can_be_forgotten(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    kept.keep_race("drivers 1", "model on card", FAST, SLOW)
    kept.keep_card_failure("drivers 1")
    assert kept.card_failed("drivers 1") and not kept.card_failed("drivers 2")
    kept.forget_cards()
    assert not kept.card_failed("drivers 1") and kept.race("drivers 1", "model on card") is None


def test_a_card_that_failed_with_one_model_may_be_used_for_others(tmp_path: Path):
    kept = Measurements(tmp_path / "measured.json")
    for model in ("a", "b"):
        kept.keep_card_failure("drivers 1", model)
    assert [kept.card_failed("drivers 1", model) for model in ("a", "b", "c", "")] == [
        True,
        True,
        False,
        False,
    ]
    assert not kept.card_failed("drivers 2", "a")
    kept.keep_card_failure("drivers 1")  # without any model
    assert kept.card_failed("drivers 1", "c")
    kept.forget_cards()
    assert not kept.card_failed("drivers 1", "a")


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path):
    (tmp_path / "measured.json").write_text('{"speed": null, "models": {}}')
    kept = Measurements(tmp_path / "measured.json")
    assert not kept.card_failed("drivers") and kept.race("drivers", "model") is None
    kept.keep_card_failure("drivers")
    assert kept.card_failed("drivers")


def test_what_counts_in_a_race_is_the_time_of_a_whole_answer():
    """A card that reads fast and writes a little slower still answers sooner."""
    assert Race(Pace(1000.0, 18.0), Pace(100.0, 20.0)).card_wins
    assert not Race(Pace(110.0, 5.0), Pace(100.0, 20.0)).card_wins
