"""Readers of every family, tiny ones: which scores belong to which words, in short passages and in long ones."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from app.base.errors import AppError
from app.models.encoders import Encoders
from app.retrieval.protocol import TryOut
from app.retrieval.readers.other_readers import OtherReader, knows_no_answer
from app.retrieval.readers.span_reader import Scores, SpanReader
from app.retrieval.serving import try_out
from tests.fixtures.tiny_encoder import write_tiny_reranker
from tests.fixtures.tiny_reader import Family, say_trained_on, write_tiny_reader

QUESTION = "When is the garden watered?"
PASSAGE = "The garden is watered on Monday, and  Friday.\nKeys: über noon."
LONG = " ".join(f"keys are handed over by noon on friday , rent {letter} ." for letter in "abcdefghij")
FAMILIES = get_args(Family)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("readers")
    return {family: write_tiny_reader(place / family, family) for family in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_word_has_its_scores_and_its_place(folders: dict[str, Path], family: str):
    tokenizer, scores = straight(folders[family])
    pair = tokenizer(QUESTION, PASSAGE).encodings[0]
    starts, ends = scores(pair)
    inside = [place for place, part in enumerate(pair.sequence_ids) if part == 1]
    # padded, beside a shorter passage and a longer one
    found, *_ = OtherReader(folders[family]).marks(QUESTION, [PASSAGE, "noon", f"{PASSAGE} noon"])
    np.testing.assert_allclose(found.starts, starts[inside], atol=1e-5)
    np.testing.assert_allclose(found.ends, ends[inside], atol=1e-5)
    assert found.null == pytest.approx(starts[0] + ends[0], abs=1e-5)
    words = [PASSAGE[start:end] for start, end in found.offsets]
    assert all(word == word.strip() for word in words) and found.starts.dtype == np.float32
    covered = {place for start, end in found.offsets for place in range(start, end)}
    assert covered == {place for place, letter in enumerate(PASSAGE) if not letter.isspace()}


@pytest.mark.parametrize("family", ["bert", "xlm-roberta"])
def test_long_passages_are_read_in_windows_that_overlap(folders: dict[str, Path], family: str):
    tokenizer, scores = straight(folders[family])
    asked = tokenizer(QUESTION, add_special_tokens=False).input_ids
    room = 64 - len(asked) - tokenizer.num_special_tokens_to_add(pair=True)
    windows = tokenizer(
        QUESTION,
        LONG,
        truncation="only_second",
        max_length=64,
        stride=room // 3,
        return_overflowing_tokens=True,
    ).encodings
    places = tokenizer(LONG, add_special_tokens=False, return_offsets_mapping=True).offset_mapping
    best: dict[int, tuple[int, float]] = {}  # of each token: how deep it lies in a window, its score there
    nulls = []
    for number, window in enumerate(windows):
        starts, ends = scores(window)
        nulls.append(starts[0] + ends[0])
        inside = [place for place, part in enumerate(window.sequence_ids) if part == 1]
        for position, place in enumerate(inside):
            depth = min(position, len(inside) - 1 - position)
            token = number * (room - room // 3) + position
            if depth > best.get(token, (-1, 0.0))[0]:
                best[token] = (depth, starts[place])
    found, short = OtherReader(folders[family]).marks(QUESTION, [LONG, "noon"])
    assert len(windows) > 2 and sorted(best) == list(range(len(places))) and len(short.starts) == 1
    np.testing.assert_allclose(found.starts, [best[token][1] for token in sorted(best)], atol=1e-5)
    assert found.null == pytest.approx(min(nulls), abs=1e-5)
    assert [LONG[start:end] for start, end in found.offsets] == [
        LONG[start:end].strip() for start, end in places
    ]


def test_a_span_is_read_from_the_scores(folders: dict[str, Path]):
    reader = SpanReader(OtherReader(folders["electra"]))
    first, empty = reader.read(QUESTION, [PASSAGE, ""])
    assert PASSAGE[first.start : first.end].strip() and first.score > empty.score
    assert reader.read("why " * 500, [LONG])[0].end > 0  # of the question a quarter is looked at
    assert reader.read(QUESTION, []) == []


def test_only_some_readers_tell_that_nothing_answers(tmp_path: Path):
    def folder(name: str, **files: str) -> Path:
        (made := tmp_path / name).mkdir()
        for file, text in files.items():
            (made / file.replace("_", ".")).write_text(text, encoding="utf-8")
        return made

    assert knows_no_answer(folder("minilm-uncased-squad2")) and knows_no_answer(folder("electra-SQuAD_v2"))
    assert not knows_no_answer(folder("distilbert-base-cased-distilled-squad"))
    card = "---\nlanguage: en\ndatasets:\n- {}\nlicense: mit\n---\nCompare squad_v2.\n"
    assert knows_no_answer(folder("own", README_md=card.format("squad_v2")))
    assert not knows_no_answer(folder("other", README_md=card.format("squad"), config_json="{}"))
    named = folder("copied", config_json="{}")
    say_trained_on(named, "deepset/roberta-base-squad2")
    assert knows_no_answer(named)


def test_a_reader_has_the_name_of_its_weights(tmp_path: Path):
    encoders = Encoders(tmp_path)
    names = set()
    for positions in (66, 66, 70):
        with encoders.staging() as aside:
            write_tiny_reader(aside, positions=positions)
            installed = encoders.put_in_place(aside, "mine", "hub:deepset/mine-squad2@abc")
        names.add((reader := OtherReader(installed.folder)).name)
        assert (
            installed.card.kind == "reading" and reader.knows_no_answer and reader.max_tokens == positions - 2
        )
    assert len(names) == 2


def test_what_is_no_reader_is_refused(folders: dict[str, Path], tmp_path: Path):
    assert try_out(TryOut(str(folders["bert"]), "reading")).max_tokens == 64
    with pytest.raises(AppError, match="marks no answers"):
        OtherReader(write_tiny_reranker(tmp_path / "reranker"))
    broken = write_tiny_reader(tmp_path / "broken")
    for file in folders["roberta"].glob("tokenizer*.json"):  # with more pieces of words
        shutil.copy(file, broken)
    with pytest.raises(AppError, match="index out of range"):
        try_out(TryOut(str(broken), "reading"))
    without_head(broken)
    with pytest.raises(AppError, match="weights of this model are missing"):
        OtherReader(broken)
    (broken / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(AppError, match="cannot be loaded"):
        OtherReader(broken)
    (broken / "model.safetensors").rename(broken / "pytorch_model.bin")
    with pytest.raises(AppError, match="can run programs"):
        OtherReader(broken)


def straight(folder: Path) -> tuple[Any, Callable[[Any], tuple[Scores, Scores]]]:
    """The tokenizer, and what gives the two scores of each token of one encoding."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()

    def scores(encoding: Any) -> tuple[Scores, Scores]:
        one_kind = folder.name in ("distilbert", "roberta", "xlm-roberta")
        kinds = {} if one_kind else {"token_type_ids": torch.tensor([encoding.type_ids])}
        with torch.inference_mode():
            output = model(input_ids=torch.tensor([encoding.ids]), **kinds)
        return output.start_logits[0].numpy(), output.end_logits[0].numpy()

    return AutoTokenizer.from_pretrained(folder), scores


def without_head(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    kept = {name: each for name, each in load_file(file).items() if not name.startswith("qa_outputs")}
    save_file(kept, file, metadata={"format": "pt"})
