"""A model for measuring: a header over a file full of zeros, which costs neither disk nor download.

It takes the same time as real weights, because no kernel looks at the values.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.models.gguf_header import TENSOR_TYPES

_ALIGNMENT = 32
_SPECIAL = ("<unk>", "<s>", "</s>")
_UNKNOWN, _CONTROL, _BYTE = 2, 3, 6  # token types of llama.cpp
_U32, _I32, _F32, _STRING, _ARRAY = 4, 5, 6, 8, 9  # GGUF's types of fields


@dataclass(frozen=True, slots=True)
class Dimensions:
    """A llama with grouped heads: as wide as a model of a billion parameters, or narrow with many layers."""

    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    layers: int

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Name and lengths of each tensor."""
        vocabulary = len(_SPECIAL) + 256
        kept = self.width * self.kv_heads // self.heads
        yield "token_embd.weight", (self.width, vocabulary)
        yield "output_norm.weight", (self.width,)
        for layer in range(self.layers):
            block = f"blk.{layer}"
            yield f"{block}.attn_norm.weight", (self.width,)
            yield f"{block}.attn_q.weight", (self.width, self.width)
            yield f"{block}.attn_k.weight", (self.width, kept)
            yield f"{block}.attn_v.weight", (self.width, kept)
            yield f"{block}.attn_output.weight", (self.width, self.width)
            yield f"{block}.ffn_norm.weight", (self.width,)
            yield f"{block}.ffn_gate.weight", (self.width, self.feed_forward)
            yield f"{block}.ffn_up.weight", (self.width, self.feed_forward)
            yield f"{block}.ffn_down.weight", (self.feed_forward, self.width)

    @property
    def rows(self) -> int:
        """Of all matrices; a row is multiplied with the numbers of one token at a time."""
        return sum(shape[1] for _, shape in self.shapes() if len(shape) == 2)

    def read_bytes(self, kind: str) -> int:
        """Weights read for a token; norms and biases keep 32 bits."""
        sizes = (bytes_of(_product(shape), _kind(shape, kind)) for _, shape in self.shapes())
        return int(sum(sizes))


def write_model(file: Path, dimensions: Dimensions, kind: str) -> None:
    """Weights of type `kind`. Raises `OSError`."""
    infos, position = b"", 0
    shapes = list(dimensions.shapes())
    numbers = {name: number for number, (name, *_) in TENSOR_TYPES.items()}
    for name, shape in shapes:
        tensor_kind = _kind(shape, kind)
        size = bytes_of(_product(shape), tensor_kind)
        infos += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        infos += struct.pack("<IQ", numbers[tensor_kind], position)
        position = _aligned(position + int(size))
    fields = list(_fields(dimensions))
    header = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(fields)) + b"".join(fields) + infos
    with file.open("wb") as stream:
        stream.write(header)
        stream.truncate(_aligned(len(header)) + position)


def _kind(shape: tuple[int, ...], kind: str) -> str:
    return "F32" if len(shape) == 1 else kind


def _fields(dimensions: Dimensions) -> Iterator[bytes]:
    tokens = [*_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL] + [_BYTE] * 256
    yield _field("general.architecture", "llama")
    for key, value in (
        ("context_length", 4096), ("embedding_length", dimensions.width), ("block_count", dimensions.layers),
        ("feed_forward_length", dimensions.feed_forward), ("attention.head_count", dimensions.heads),
        ("attention.head_count_kv", dimensions.kv_heads),
    ):  # fmt: skip
        yield _field(f"llama.{key}", value)
    yield _field("llama.attention.layer_norm_rms_epsilon", 1e-5)
    yield _field("tokenizer.ggml.model", "llama")
    yield _field("tokenizer.ggml.tokens", tokens)
    yield _field("tokenizer.ggml.scores", [0.0] * len(tokens))
    yield _field("tokenizer.ggml.token_type", kinds)


def _field(key: str, value: Any) -> bytes:
    """One field as GGUF writes it: key, type, value."""
    if isinstance(value, list):
        kind = _I32 if isinstance(value[0], int) else _encoded(value[0])[0]  # token types are signed
        items = b"".join(_encoded(each)[1] for each in value)
        return _text(key) + struct.pack("<IIQ", _ARRAY, kind, len(value)) + items
    kind, data = _encoded(value)
    return _text(key) + struct.pack("<I", kind) + data


def _encoded(value: str | int | float) -> tuple[int, bytes]:
    """The type's number and the bytes."""
    if isinstance(value, str):
        return _STRING, _text(value)
    return (_U32, struct.pack("<I", value)) if isinstance(value, int) else (_F32, struct.pack("<f", value))


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def bytes_of(elements: int, kind: str) -> float:
    """What so many weights of this type take."""
    block, size = next((block, size) for name, block, size in TENSOR_TYPES.values() if name == kind)
    return elements * size / block


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for length in shape:
        product *= length
    return product


def _aligned(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT
