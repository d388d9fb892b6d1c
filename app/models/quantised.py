"""What a full-precision model becomes when its weights are rounded to fewer bits: known before that is done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.base.errors import AppError
from app.hardware.fit import ModelShape
from app.models.gguf import GgufFacts, read_facts, read_headers
from app.models.gguf_header import TENSOR_TYPES, Header, Tensor
from app.models.gguf_shape import shape_of
from app.models.sizes import bits_per_weight

QUANTISATIONS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_K_S", "Q4_0", "Q3_K_M")
"""What is offered, the most faithful first. Types with still fewer bits need measured weights (an importance matrix)."""

USUAL = "Q4_K_M"
"""What most people take: a quarter of the size, and hardly worse."""

_FULL = {"F32", "F16", "BF16"}
# What llama.cpp adds to the header, where it is not there yet: key, type and a number of 32 bits.
_ADDED_FIELDS = ("general.quantization_version", "general.file_type")
_FIELD_BYTES = 8 + 4 + 4  # beside its key


@dataclass(frozen=True, slots=True)
class Source:
    """A model that can be quantised. `headers`: one for each of its files."""

    file: Path
    facts: GgufFacts
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class Quantised:
    """What it will be. `bytes` of the file: to the byte for a model in one file, where llama.cpp told the types."""

    bytes: int
    shape: ModelShape


def read_source(file: Path) -> Source:
    """Raises `AppError` when it is no model, or one that cannot be quantised."""
    facts = read_facts(file)
    headers = tuple(header for _, header in read_headers(file))
    if not facts.can_write:
        raise AppError(
            f"“{facts.name}” only turns text into numbers for searching; Alcove does not quantise such models.",
            "Choose a chat model.",
        )
    if any(tensor.kind not in _FULL for header in headers for tensor in header.tensors):
        raise AppError(
            f"“{facts.name}” is quantised already ({facts.quantisation}); doing it again would only make it worse.",
            "Take the full-precision file of the model (F16, BF16 or F32).",
        )
    return Source(file, facts, headers)


def quantised(source: Source, quantisation: str, types: Mapping[str, str]) -> Quantised:
    """`types`: of each tensor afterwards, as llama.cpp plans them. Without them, by the usual bits of a weight."""
    name = f"{source.facts.name} {quantisation}"
    tensors = [tensor for header in source.headers for tensor in header.tensors]
    if not all(types.get(tensor.name) in _BLOCKS for tensor in tensors):
        return _expected(source.facts, name, quantisation)
    rounded = [_as_type(tensor, types[tensor.name]) for tensor in tensors]
    first = source.headers[0]
    length = sum(header.bytes for header in source.headers)
    length += sum(len(key) + _FIELD_BYTES for key in _ADDED_FIELDS if key not in first.fields)
    whole = sum(_aligned(count, first.alignment) for count in (length, *(each.size for each in rounded)))
    shape = shape_of(name, source.facts.architecture, first, rounded, source.facts.vocabulary)
    return Quantised(whole, shape)


def _expected(facts: GgufFacts, name: str, quantisation: str) -> Quantised:
    share = (bits_per_weight(quantisation) or 8 * facts.tensor_bytes / facts.parameters) / 8
    size = int(facts.parameters * share)
    read = int(sum(facts.shape.read_bytes.values()) * size / facts.tensor_bytes)
    kind = "_".join(quantisation.split("_")[:2])
    shape = replace(facts.shape, name=name, weight_bytes=size, read_bytes={kind: read})
    return Quantised(size + facts.file_bytes - facts.tensor_bytes, shape)


_BLOCKS = {kind: (elements, size) for kind, elements, size in TENSOR_TYPES.values()}


def _as_type(tensor: Tensor, kind: str) -> Tensor:
    elements, size = _BLOCKS[kind]
    return replace(tensor, kind=kind, size=tensor.elements // elements * size)


def _aligned(count: int, alignment: int) -> int:
    return math.ceil(count / alignment) * alignment
