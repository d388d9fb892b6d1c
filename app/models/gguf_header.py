"""The bytes of a GGUF header, read with limits: what a hostile file claims is checked before it is believed.

The format is llama.cpp's: magic, version, counts, key-value fields, tensor descriptions, then the tensors,
each at a multiple of the alignment. Everything is little-endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader

MAGIC = b"GGUF"
VERSIONS = (2, 3)

_MAX_FIELDS = 10_000
_MAX_TENSORS = 200_000
_MAX_HEADER = 256 << 20
_MAX_STRING = 1 << 20
_MAX_NAME = 63  # of a tensor; llama.cpp's own limit
_MAX_STRINGS = 2_000_000  # in one list; the largest vocabularies with their merges have under a million
_MAX_KEPT = 4096  # longer lists of numbers are counted, not kept
_MAX_ALIGNMENT = 1 << 16
_MAX_TENSOR_BYTES = 1 << 44
_DEFAULT_ALIGNMENT = 32

_STRING, _ARRAY = 8, 9
_SCALARS = {
    number: struct.Struct("<" + code)
    for number, code in {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}.items()
}  # fmt: skip
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")

# Number in the file: name, elements in a block, bytes of a block.
TENSOR_TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8),
    28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}  # fmt: skip


class BadHeader(Exception):
    """The header breaks a rule; the text says which, as the end of a sentence."""


class Truncated(Exception):
    """The file ends too early. `expected`: the bytes it should have, 0 when it ends inside the header."""

    def __init__(self, expected: int = 0) -> None:
        super().__init__(expected)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in a field: how many elements, and the elements themselves when they are few numbers."""

    count: int
    numbers: tuple[int | float | bool, ...] = ()


Value = int | float | bool | str | Listed


@dataclass(frozen=True, slots=True)
class Tensor:
    """`elements` numbers of type `kind` in `size` bytes, `row_length` of them in a row."""

    name: str
    kind: str
    elements: int
    size: int
    row_length: int


@dataclass(frozen=True, slots=True)
class Header:
    """A header that keeps the rules: every tensor it names lies inside the file.

    `bytes`: its own, up to where the padding before the tensors begins; `alignment`: of the tensors, in bytes.
    """

    fields: dict[str, Value]
    tensors: tuple[Tensor, ...]
    bytes: int
    alignment: int


def read_header(stream: BufferedReader, size: int) -> Header:
    """Read from just after the magic and the version of a file of `size` bytes.

    Raises `BadHeader` or `Truncated`.
    """
    source = _Source(stream, size)
    tensor_count, field_count = source.number(_U64), source.number(_U64)
    if tensor_count > _MAX_TENSORS or field_count > _MAX_FIELDS:
        raise BadHeader(f"it claims {tensor_count} tensors and {field_count} fields")
    fields: dict[str, Value] = {}
    for _ in range(field_count):
        key = source.text()
        if key in fields:
            raise BadHeader("a field appears twice")
        fields[key] = _value(source)
    alignment = fields.get("general.alignment", _DEFAULT_ALIGNMENT)
    if type(alignment) is not int or not 0 < alignment <= _MAX_ALIGNMENT or alignment & (alignment - 1):
        raise BadHeader("its alignment is no power of two")
    tensors, end = _tensors(source, tensor_count, alignment)
    expected = _aligned(source.position, alignment) + end if tensors else source.position
    if expected > size:
        raise Truncated(expected)
    return Header(fields, tensors, source.position, alignment)


class _Source:
    """Little-endian values from a stream, never more than the file has."""

    def __init__(self, stream: BufferedReader, size: int) -> None:
        self._stream = stream
        self._size = size
        self._end = min(size, _MAX_HEADER)
        self.position = stream.tell()

    def take(self, count: int) -> bytes:
        if self.position + count > self._end:
            raise Truncated() if self._end == self._size else BadHeader("its header is too long")
        data = self._stream.read(count)
        if len(data) < count:
            raise Truncated()
        self.position += count
        return data

    def number(self, kind: struct.Struct) -> int:
        return int(kind.unpack(self.take(kind.size))[0])

    def scalar(self, kind: struct.Struct) -> int | float | bool:
        value: int | float | bool = kind.unpack(self.take(kind.size))[0]
        return value

    def text(self) -> str:
        length = self.number(_U64)
        if length > _MAX_STRING:
            raise BadHeader("one of its texts is far too long")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            raise BadHeader("one of its texts is not UTF-8") from error

    def skip_texts(self, count: int) -> None:
        """Hop over a list of texts, a buffer at a time: vocabularies have hundreds of thousands."""
        while count > 0:
            window, at = self._stream.peek(), 0
            while count > 0 and at + _U64.size <= len(window):
                length: int = _U64.unpack_from(window, at)[0]
                if length > _MAX_STRING:
                    raise BadHeader("one of its texts is far too long")
                at += _U64.size + length
                count -= 1
            if at == 0:  # a length lies across two buffers
                at = self.number(_U64)
                if at > _MAX_STRING:
                    raise BadHeader("one of its texts is far too long")
                count -= 1
            self.take(at)


def _value(source: _Source) -> Value:
    kind = source.number(_U32)
    if kind == _STRING:
        return source.text()
    if kind == _ARRAY:
        return _list(source)
    if kind not in _SCALARS:
        raise BadHeader(f"a field has the unknown type {kind}")
    return source.scalar(_SCALARS[kind])


def _list(source: _Source) -> Listed:
    kind, count = source.number(_U32), source.number(_U64)
    if kind == _STRING:
        if count > _MAX_STRINGS:
            raise BadHeader(f"a list claims {count} texts")
        source.skip_texts(count)
        return Listed(count)
    if kind not in _SCALARS:
        raise BadHeader(f"a list has the unknown type {kind}")
    scalar = _SCALARS[kind]
    if count > _MAX_HEADER // scalar.size:
        raise BadHeader(f"a list claims {count} numbers")
    if count > _MAX_KEPT:
        source.take(count * scalar.size)
        return Listed(count)
    return Listed(count, tuple(source.scalar(scalar) for _ in range(count)))


def _tensors(source: _Source, count: int, alignment: int) -> tuple[tuple[Tensor, ...], int]:
    """The tensors and the end of the last one, in bytes from the start of the tensor data."""
    names: set[str] = set()
    tensors: list[Tensor] = []
    end = 0
    for _ in range(count):
        name = source.text()
        if len(name.encode()) > _MAX_NAME or name in names:
            raise BadHeader("a tensor has no proper name of its own")
        names.add(name)
        dimensions = source.number(_U32)
        if not 1 <= dimensions <= 4:
            raise BadHeader(f"a tensor has {dimensions} dimensions")
        shape = [source.number(_U64) for _ in range(dimensions)]
        tensor = _measured(name, shape, source.number(_U32))
        if source.number(_U64) != end:
            raise BadHeader("a tensor does not lie where it should")
        end = _aligned(end + tensor.size, alignment)
        tensors.append(tensor)
    last = tensors[-1].size if tensors else 0
    return tuple(tensors), end - _aligned(last, alignment) + last  # the last one need not be padded


def _measured(name: str, shape: Sequence[int], kind: int) -> Tensor:
    if kind not in TENSOR_TYPES:
        raise BadHeader(f"a tensor has the unknown type {kind}")
    type_name, block, block_bytes = TENSOR_TYPES[kind]
    elements = 1
    for length in shape:
        elements *= length
    if elements == 0:
        raise BadHeader("a tensor is empty")
    if shape[0] % block:
        raise BadHeader("the rows of a tensor are no whole blocks")
    size = elements // block * block_bytes
    if size > _MAX_TENSOR_BYTES:
        raise BadHeader("a tensor has an impossible size")
    return Tensor(name, type_name, elements, size, shape[0])


def _aligned(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment
