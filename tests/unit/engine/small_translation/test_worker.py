"""Translating with the real engine in its real process, and what becomes of models that break it."""

import struct
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels


def translated(translation: SmallTranslation, models: SmallModels, *texts: str, to: str = "en") -> list[str]:
    route = [model.folder for model in models.route("de", to)]
    return list(translation.translate(route, texts, CancelToken()))


def test_texts_come_back_in_order_with_their_lines_and_blanks(
    translation: SmallTranslation, installed: SmallModels
):
    texts = ("eins zwei. haus.", "  zwei\n\neins haus\t\n", "", " \n", "12.5", "haus")
    assert translated(translation, installed, *texts) == [
        "one two. house.", "  two\n\none house\t\n", "", " \n", "12.5", "house",
    ]  # fmt: skip
    assert translated(translation, installed, "zwei haus. eins.", to="fr") == ["deux maison. un."]


def test_nothing_of_a_long_text_is_dropped(translation: SmallTranslation, installed: SmallModels):
    sentences, sentence = "eins zwei.\n" * 40, " ".join(["eins zwei haus"] * 90)
    assert translated(translation, installed, sentences, sentence) == [
        "one two.\n" * 40, " ".join(["one two house"] * 90),
    ]  # fmt: skip


def test_stopping_takes_effect_between_sentences_and_the_process_goes_on(
    translation: SmallTranslation, installed: SmallModels
):
    cancel, route = CancelToken(), [installed.installed()[0].folder]
    events = translation.translate(route, ["haus", "haus.\n" * 100_000], cancel)
    assert next(events) == "house"
    pid = translation.worker_pid
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(events)
    assert translated(translation, installed, "haus") == ["house"] and translation.worker_pid == pid


def rename(model: Path, old: bytes, new: bytes) -> None:
    model.write_bytes(model.read_bytes().replace(old + b"\0", new + b"\0"))


def test_models_that_break_the_engine_are_errors_that_say_so(
    translation: SmallTranslation, installed: SmallModels, paths: DataPaths
):
    german, french = (next(each.folder.glob("model.*")) for each in installed.installed())
    whole = german.read_bytes()
    german.write_bytes(whole[:-1000])
    with pytest.raises(AppError, match=r"“de-en” is damaged"):
        translated(translation, installed, "haus")
    pid = translation.worker_pid
    german.write_bytes(whole)
    rename(french, b"decoder_l1_rnn_Wf", b"decoder_l1_rnn_Xf")  # found out in the middle of a sentence
    with pytest.raises(AppError, match=r"“en-fr” is damaged"):
        translated(translation, installed, "Geheimnis haus", to="fr")
    assert translated(translation, installed, "haus") == ["house"] and translation.worker_pid == pid
    translation.close()
    logs = b"".join(file.read_bytes() for file in paths.logs.iterdir())
    assert b"Geheimnis" not in logs and b"panicked" not in logs


def test_a_model_that_aborts_the_process_does_not_touch_the_front(
    translation: SmallTranslation, installed: SmallModels
):
    folder = installed.installed()[0].folder
    model = next(folder.glob("model.*"))
    whole = model.read_bytes()
    model.write_bytes(whole[:8] + struct.pack("<Q", 1 << 50) + whole[16:])  # so many tensors
    with pytest.raises(AppError, match="crashed while it was loaded"):
        translation.try_out(folder, CancelToken())
    with pytest.raises(AppError, match="The small translation model stopped"):
        translated(translation, installed, "haus")
    model.write_bytes(whole)
    assert translated(translation, installed, "haus") == ["house"]


def test_a_model_that_is_gone(translation: SmallTranslation, installed: SmallModels):
    route = [installed.installed()[0].folder]
    installed.remove("de-en")
    with pytest.raises(AppError, match="is gone or not complete"):
        list(translation.translate(route, ["haus"], CancelToken()))
