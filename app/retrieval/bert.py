"""BERT sentence encoders in OpenVINO, built straight from their weights.

torch takes longer to import than a question takes to answer, and longer to compute (`benchmarks embedding`: on an
x86 laptop, 8 bits in OpenVINO are fastest). The vectors are nearly those of sentence-transformers;
`tests/unit/retrieval/test_embedding.py` says how nearly.
"""

import queue
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from app.base.openvino_alone import openvino
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import knows_8_bits, shipped_ranges
from app.retrieval.plain_bert import WEIGHTS, PlainBert, Vectors

_LENGTHS = 16  # texts are padded to a multiple of so many tokens: few shapes, whose kernels are kept, and whole registers
_KERNELS = 64  # compiled for shapes seen before and kept, in each stream


class NoKernels(Exception):
    """OpenVINO cannot compute this network on this processor."""


class BertEncoder(PlainBert):
    def __init__(self, folder: Path) -> None:
        """Raises `NoKernels` (x86 without AVX)."""
        super().__init__(folder)
        weights = load_file(folder / WEIGHTS)
        ranges = shipped_ranges(weights) if knows_8_bits() else None
        self._network = _compiled(BertNetwork(weights, self._config, ranges).model(), self._cores + 1)
        self._idle: queue.LifoQueue[openvino.InferRequest] = queue.LifoQueue()
        try:
            self.encode([""])  # some kernels are made only now
        except RuntimeError as error:
            raise NoKernels from error

    def _encoded(self, texts: Sequence[Sequence[int]]) -> Vectors:
        length = -(-max(map(len, texts)) // _LENGTHS) * _LENGTHS
        tokens = np.zeros((len(texts), min(length, self.max_tokens)), dtype=np.int32)
        mask = np.zeros(tokens.shape, dtype=np.float32)
        for row, each in enumerate(texts):
            tokens[row, : len(each)] = each
            mask[row, : len(each)] = 1
        try:
            request = self._idle.get_nowait()
        except queue.Empty:
            request = self._network.create_infer_request()
        try:
            request.set_input_tensor(0, openvino.Tensor(tokens))
            request.set_input_tensor(1, openvino.Tensor(mask))
            request.infer()
            return np.array(request.get_output_tensor(0).data)
        finally:
            self._idle.put(request)


def _compiled(network: openvino.Model, streams: int) -> openvino.CompiledModel:
    """Each stream computes one group with one thread: nothing waits at barriers, so other programs hurt little."""
    settings = {
        "NUM_STREAMS": str(streams),
        "INFERENCE_NUM_THREADS": str(streams),
        "ENABLE_CPU_PINNING": "NO",
        "CPU_RUNTIME_CACHE_CAPACITY": str(_KERNELS),
    }
    try:
        return openvino.Core().compile_model(network, "CPU", settings)
    except RuntimeError as error:
        raise NoKernels from error
