"""Every other reader: an extractive question-answering model of the hub, through transformers."""

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Encoding, Tokenizer
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from app.base.errors import AppError
from app.models.encoder_files import check_files
from app.models.encoders import read_card
from app.retrieval.loading import OWN_FILES, SAFE_WEIGHTS, fast_tokenizer, loaded
from app.retrieval.readers.span_reader import Marks

_MOST_TOKENS = 384  # of question and passage, as such models were trained (Devlin et al., 2019)
_QUESTION = 4  # a question takes a quarter of the tokens at most
_OVERLAP = 3  # windows share a third of their tokens
_SPARE = 2  # RoBERTa counts positions from 2
_BATCH = 8
_MARKER = re.compile(r"squad[-_ ]?(?:v(?:ersion)?[-_ .]?)?2", re.IGNORECASE)
_DATASETS = re.compile(r"^datasets:.*(?:\n(?:- | ).*)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a passage, from its token `begin` on, with the question before it."""

    begin: int
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class _Passage:
    """`offsets` of its tokens, shape (tokens, 2), in characters."""

    offsets: npt.NDArray[np.int64]
    windows: tuple[_Window, ...]


class OtherReader:
    """A `Marking`; nothing is ever fetched. Safe to use from several threads.

    `max_tokens`: of question and passage together; longer passages are read in windows that overlap.
    """

    def __init__(self, folder: Path) -> None:
        """Raises `AppError` for a model that cannot be loaded, or should not be, or marks no answers."""
        if check_files(folder) != "reading":
            raise AppError(f"{folder.name} marks no answers in a text.", "Choose a question-answering model.")
        tokenizer = loaded(lambda: AutoTokenizer.from_pretrained(str(folder), **OWN_FILES))
        self._model = loaded(lambda: _network(folder))
        self._tokenizer = _uncut(fast_tokenizer(tokenizer))
        self._beginning = tokenizer.cls_token_id
        self._padding = tokenizer.pad_token_id or 0
        self._types = _types(self._model)
        self.max_tokens = _limit(tokenizer.model_max_length, self._model.config)
        self.name = _name(folder)
        self.knows_no_answer = knows_no_answer(folder)

    def marks(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """Where windows overlap, a token has the scores of the one that shows most text on both sides of it.

        “No answer” has the lowest score of any window: an answer in one of them is enough.
        """
        asked = self._question(question)
        cut = [self._cut(asked, text) for text in passages]
        scores = self._scores([window.encoding for each in cut for window in each.windows])
        return [self._merged(each, [next(scores) for _ in each.windows]) for each in cut]

    def _question(self, question: str) -> Encoding:
        most = self.max_tokens // _QUESTION
        found = self._tokenizer.encode(question, add_special_tokens=False)
        if len(found.ids) > most:
            found = self._tokenizer.encode(question[: found.offsets[most - 1][1]], add_special_tokens=False)
        return found

    def _cut(self, question: Encoding, passage: str) -> _Passage:
        room = self.max_tokens - len(question.ids) - self._tokenizer.num_special_tokens_to_add(is_pair=True)
        shared = room // _OVERLAP
        tokens = self._tokenizer.encode(passage, add_special_tokens=False)
        offsets = _without_spaces(passage, np.array(tokens.offsets, np.int64).reshape(-1, 2))
        tokens.truncate(room, stride=shared)
        # one by one: those that overflow do not come out of it with the right kinds of text
        pairs = [self._tokenizer.post_process(question, each) for each in (tokens, *tokens.overflowing)]
        windows = (_Window(count * (room - shared), each) for count, each in enumerate(pairs))
        return _Passage(offsets, tuple(windows))

    def _scores(self, encodings: Sequence[Encoding]) -> Iterator[npt.NDArray[np.float32]]:
        """For each in order, shape (tokens, 2): for being first and last. Those of like length are worked out together."""
        found: dict[int, npt.NDArray[np.float32]] = {}
        order = sorted(range(len(encodings)), key=lambda index: len(encodings[index].ids))
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            for index, scores in zip(chosen, self._batch([encodings[each] for each in chosen]), strict=True):
                found[index] = scores[: len(encodings[index].ids)]
        return (found[index] for index in range(len(encodings)))

    def _batch(self, encodings: Sequence[Encoding]) -> npt.NDArray[np.float32]:
        """Shape (encodings, tokens of the longest, 2)."""
        shape = (len(encodings), max(len(each.ids) for each in encodings))
        tokens, mask, types = np.full(shape, self._padding), np.zeros(shape, int), np.zeros(shape, int)
        for row, each in enumerate(encodings):
            length = len(each.ids)
            tokens[row, :length], mask[row, :length], types[row, :length] = each.ids, 1, each.type_ids
        inputs = {"input_ids": torch.from_numpy(tokens), "attention_mask": torch.from_numpy(mask)}
        if self._types is not None:
            inputs["token_type_ids"] = torch.from_numpy(np.minimum(types, self._types - 1))
        with torch.inference_mode():
            output = self._model(**inputs)
        both = [getattr(output, name, None) for name in ("start_logits", "end_logits")]
        if any(each is None or tuple(each.shape) != shape for each in both):
            raise AppError("This model does not give each word a score.", "Choose another model.")
        return torch.stack(both, dim=-1).float().numpy()  # type: ignore[arg-type]

    def _merged(self, passage: _Passage, scores: Sequence[npt.NDArray[np.float32]]) -> Marks:
        count = len(passage.offsets)
        merged, depth = np.zeros((count, 2), np.float32), np.full(count, -1)
        null = np.inf
        for window, given in zip(passage.windows, scores, strict=True):
            inside = _inside(window.encoding)
            here = slice(window.begin, window.begin + len(inside))
            shown = np.minimum(np.arange(len(inside)), np.arange(len(inside))[::-1])
            better = shown > depth[here]
            merged[here][better], depth[here][better] = given[inside][better], shown[better]
            null = min(null, float(given[self._first(window.encoding)].sum()))
        return Marks(merged[:, 0], merged[:, 1], passage.offsets, null)

    def _first(self, encoding: Encoding) -> int:
        """Where the token stands that means “no answer”: at the beginning in most models, at the end in some."""
        return encoding.ids.index(self._beginning) if self._beginning in encoding.ids else 0


def knows_no_answer(folder: Path) -> bool:
    """Whether the model was trained with questions that the text does not answer (SQuAD 2.0 and what builds on it).

    Only where its name, its configuration or the list of data sets in its model card says so.
    """
    card = read_card(folder)
    said = [folder.name, *([card.title, card.source] if card else [])]
    config, readme = folder / "config.json", folder / "README.md"
    if config.is_file():
        said.append(str(json.loads(config.read_text(encoding="utf-8")).get("_name_or_path", "")))
    if readme.is_file():
        said += _DATASETS.findall(readme.read_text(encoding="utf-8", errors="replace"))
    return any(_MARKER.search(each) for each in said)


def _network(folder: Path) -> Any:
    model, report = AutoModelForQuestionAnswering.from_pretrained(
        str(folder), **OWN_FILES, **SAFE_WEIGHTS, dtype=torch.float32, output_loading_info=True
    )
    if report["missing_keys"]:  # they would be made up at random
        raise AppError("Some of the weights of this model are missing.", "Get the model again.")
    return model.eval()


def _uncut(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _types(model: Any) -> int | None:
    """How many kinds of text (question, passage) the model tells apart; None where it takes none."""
    if "token_type_ids" not in inspect.signature(model.forward).parameters:
        return None
    return int(getattr(model.config, "type_vocab_size", 0)) or None


def _limit(tokenizer_limit: int, config: Any) -> int:
    """Tokens of question and passage. Raises `AppError` for too few to read anything in."""
    positions = getattr(config, "max_position_embeddings", None) or _MOST_TOKENS + _SPARE
    found = min(tokenizer_limit, positions - _SPARE, _MOST_TOKENS)
    if found < 4 * _QUESTION:
        raise AppError("This model can look at a few words only.", "Choose another model.")
    return found


def _name(folder: Path) -> str:
    card = read_card(folder)
    return folder.name if card is None else f"{folder.name}:{card.weights[:24]}"


def _inside(encoding: Encoding) -> npt.NDArray[np.int64]:
    """Positions of the tokens of the passage."""
    return np.array([index for index, part in enumerate(encoding.sequence_ids) if part == 1], np.int64)


def _without_spaces(passage: str, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Some tokenizers count the space before a word as part of it."""
    for row, (start, end) in enumerate(offsets.tolist()):
        word = passage[start:end]
        offsets[row, 0] = min(end, start + len(word) - len(word.lstrip()))
    return offsets
