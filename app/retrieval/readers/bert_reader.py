"""Alcove's own reader: BERT that marks answers, in OpenVINO."""

import json
import queue
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from app.base.errors import AppError
from app.base.openvino_alone import openvino
from app.hardware.probe import physical_cores
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import fingerprint, knows_8_bits, shipped_ranges
from app.retrieval.readers.span_reader import Marks, best_span
from app.retrieval.small_weights import load_small

_LONGEST = 256  # tokens of question and passage, as in training
_OVERLAP = 48  # tokens that two windows of a longer passage share
_LONGEST_QUESTION = 64  # tokens; what follows is not looked at
_LENGTHS = 16  # texts are padded to a multiple of so many tokens: 16 shapes, whose kernels are kept
_STREAMS = 2  # passages read at the same time
_PREFIX = "bert."


class BertReader:
    """A reader held in memory. Safe to use from several threads."""

    knows_no_answer = True

    def __init__(self, folder: Path) -> None:
        """Raises `AppError` when files are missing or nothing can be computed here."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._counter = Tokenizer.from_str(self._tokenizer.to_str())
            weights = reader_weights(folder)
            ranges = shipped_ranges(weights) if knows_8_bits() else None
            network = BertNetwork(weights, config, ranges).reader()
            settings = {
                "PERFORMANCE_HINT": "LATENCY",
                "NUM_STREAMS": str(min(_STREAMS, physical_cores())),
                "INFERENCE_NUM_THREADS": str(physical_cores()),
                "ENABLE_CPU_PINNING": "NO",
            }
            self._network = openvino.Core().compile_model(network, "CPU", settings)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise AppError(
                f"The model that marks answers cannot be used ({error}).", "Install Alcove again."
            ) from error
        self.name = f"reader-{fingerprint(weights)}"
        self._tokenizer.enable_truncation(_LONGEST, stride=_OVERLAP, strategy="only_second")
        self._tokenizer.no_padding()
        self._counter.no_truncation()
        self._counter.no_padding()
        self._idle: queue.LifoQueue[openvino.InferRequest] = queue.LifoQueue()

    def marks(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """Of a passage longer than the model reads at once: those of the window in which the answer stands highest."""
        asked = self._cut(question)
        pairs = self._tokenizer.encode_batch([(asked, each) for each in passages])
        windows = [[pair, *pair.overflowing] for pair in pairs]
        scores = iter(self._scores([each for of_passage in windows for each in of_passage]))
        return [
            max(
                [_marks(each, next(scores)) for each in of_passage],
                key=lambda each: best_span(passage, each).score,
            )
            for passage, of_passage in zip(passages, windows, strict=True)
        ]

    def _scores(self, windows: Sequence[Encoding]) -> list[npt.NDArray[np.float32]]:
        """Of each window, shape (tokens, 2). One at a time in each stream: what passes between the layers stays in the
        processor's cache. The longest first, so that the streams end together."""
        requests = [self._request() for _ in windows]
        begun: list[openvino.InferRequest] = []
        try:
            for number in sorted(range(len(windows)), key=lambda each: -len(windows[each].ids)):
                _begin(requests[number], windows[number])
                begun.append(requests[number])
        finally:
            for request in begun:
                request.wait()
        found = [np.array(request.get_output_tensor(0).data[0]) for request in requests]
        for request in requests:
            self._idle.put(request)
        return found

    def _request(self) -> openvino.InferRequest:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._network.create_infer_request()

    def _cut(self, question: str) -> str:
        ends = [end for _, end in self._counter.encode(question, add_special_tokens=False).offsets]
        return question if len(ends) <= _LONGEST_QUESTION else question[: ends[_LONGEST_QUESTION - 1]]


def _begin(request: openvino.InferRequest, window: Encoding) -> None:
    count = len(window.ids)
    length = -(-count // _LENGTHS) * _LENGTHS
    tokens = np.zeros((1, length), dtype=np.int32)
    types = np.zeros_like(tokens)
    mask = np.zeros(tokens.shape, dtype=np.float32)
    tokens[0, :count], types[0, :count], mask[0, :count] = window.ids, window.type_ids, 1
    for number, values in enumerate((tokens, mask, types)):
        request.set_input_tensor(number, openvino.Tensor(values))
    request.start_async()


def reader_weights(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """By the names of the network, without the part that says it is BERT."""
    return {
        name.removeprefix(_PREFIX): each for name, each in load_small(folder / "model.safetensors").items()
    }


def _marks(pair: Encoding, scores: npt.NDArray[np.float32]) -> Marks:
    inside = np.array([index for index, part in enumerate(pair.sequence_ids) if part == 1], dtype=np.int64)
    offsets = np.array(pair.offsets, dtype=np.int64)[inside].reshape(-1, 2)
    return Marks(scores[inside, 0], scores[inside, 1], offsets, float(scores[0].sum()))
