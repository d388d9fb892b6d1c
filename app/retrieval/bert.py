"""BERT sentence encoders in OpenVINO, built straight from their weights.

torch takes longer to import than a question takes to answer, and longer to compute (`benchmarks embedding`: on an
x86 laptop, 8 bits in OpenVINO are fastest). The vectors are nearly those of sentence-transformers;
`tests/unit/retrieval/test_embedding.py` says how nearly.
"""

import json
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from app.base.openvino_alone import openvino
from app.hardware.probe import physical_cores
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import knows_8_bits, shipped_ranges

Vectors = npt.NDArray[np.float32]

_TOKENS_AT_ONCE = 256  # about two passages: little padding, and no group takes long
_LENGTHS = 16  # texts are padded to a multiple of so many tokens: few shapes, whose kernels are kept, and whole registers
_KERNELS = 64  # compiled for shapes seen before and kept, in each stream


def is_plain_bert(folder: Path) -> bool:
    """Whether `BertEncoder` computes what the model's files ask for: BERT, the mean of all tokens, length 1."""
    try:
        config = _read(folder / "config.json")
        parts = [each["type"].rpartition(".")[2] for each in _read(folder / "modules.json")]
        pooling = _read(folder / "1_Pooling" / "config.json")
        _read(folder / "sentence_bert_config.json")["max_seq_length"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    modes = {name for name, chosen in pooling.items() if name.startswith("pooling_mode_") and chosen is True}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and parts == ["Transformer", "Pooling", "Normalize"]
        and modes == {"pooling_mode_mean_tokens"}
        and (folder / "model.safetensors").is_file()
        and (folder / "tokenizer.json").is_file()
    )


class NoKernels(Exception):
    """OpenVINO cannot compute this network on this processor."""


class BertEncoder:
    """An encoder held in memory. `dimensions` of a vector; `max_tokens` of a text with the two special ones.

    Safe to use from several threads. A question waits for one group of passages at most, where the processor runs more
    threads than it has cores for none.
    """

    def __init__(self, folder: Path) -> None:
        """Raises `NoKernels` (x86 without AVX)."""
        config = _read(folder / "config.json")
        self.dimensions: int = config["hidden_size"]
        self.max_tokens: int = _read(folder / "sentence_bert_config.json")["max_seq_length"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.max_tokens)
        self.tokenizer.no_padding()
        weights = load_file(folder / "model.safetensors")
        ranges = shipped_ranges(weights) if knows_8_bits() else None
        self._cores = physical_cores()
        self._network = _compiled(BertNetwork(weights, config, ranges).model(), self._cores + 1)
        self._cores_free = threading.BoundedSemaphore(self._cores)
        self._idle: queue.LifoQueue[openvino.InferRequest] = queue.LifoQueue()
        try:
            self.encode([""])  # some kernels are made only now
        except RuntimeError as error:
            raise NoKernels from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions). Texts may differ in length; no order is better than another."""
        tokens = [each.ids for each in self.tokenizer.encode_batch_fast(list(texts))]
        groups = list(_groups([len(each) for each in tokens]))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        with ThreadPoolExecutor(self._cores, thread_name_prefix="encoder") as pool:
            chosen = ([tokens[index] for index in group] for group in groups)
            # a question starts no thread, and goes past passages that wait
            found = map(self._encoded, chosen) if len(groups) == 1 else pool.map(self._in_turn, chosen)
            for group, of_group in zip(groups, found, strict=True):
                vectors[group] = of_group
        return vectors

    def _in_turn(self, texts: Sequence[Sequence[int]]) -> Vectors:
        with self._cores_free:
            return self._encoded(texts)

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


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts of like length: short ones are then not padded to long ones."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index], reverse=True)
    while order:
        size = max(1, _TOKENS_AT_ONCE // lengths[order[0]])
        yield order[:size]
        order = order[size:]


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


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
