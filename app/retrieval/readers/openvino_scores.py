"""The network of Alcove's own reader in OpenVINO."""

import queue
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from app.base.openvino_alone import openvino
from app.hardware.probe import physical_cores
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import knows_8_bits, shipped_ranges

_LENGTHS = 16  # texts are padded to a multiple of so many tokens: 16 shapes, whose kernels are kept
_STREAMS = 2  # passages read at the same time


class OpenvinoScores:
    """A `Network` of bert_reader.py."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.float32]], config: Mapping[str, Any]) -> None:
        """Raises `KeyError` or `RuntimeError` when nothing can be computed with these weights or here."""
        ranges = shipped_ranges(weights) if knows_8_bits() else None
        network = BertNetwork(weights, config, ranges).reader()
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": str(min(_STREAMS, physical_cores())),
            "INFERENCE_NUM_THREADS": str(physical_cores()),
            "ENABLE_CPU_PINNING": "NO",
        }
        self._network = openvino.Core().compile_model(network, "CPU", settings)
        self._idle: queue.LifoQueue[openvino.InferRequest] = queue.LifoQueue()

    def scores(self, windows: Sequence[Encoding]) -> list[npt.NDArray[np.float32]]:
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
