"""What a GGUF file says about its model, and a plain sentence when it is no usable one.

Read by Alcove itself, with limits, before llama.cpp sees the file: native code meets only headers that
keep the rules. Wrong bytes inside the tensors are not found here; only a checksum finds those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.hardware.fit import ModelShape
from app.models.gguf_fields import clean, per_block, whole
from app.models.gguf_header import MAGIC, VERSIONS, BadHeader, Header, Listed, Tensor, Truncated, read_header
from app.models.gguf_shape import shape_of

_AGAIN = "Download it again; if that does not help, choose another model."
_NEED_GGUF = "Alcove runs GGUF files: look for the GGUF version of this model."
_MAX_CONTEXT = 1 << 30
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4_MOE", 39: "NVFP4", 40: "Q1_0", 41: "Q2_0",
}  # fmt: skip
_ENCODERS = {
    "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert", "t5encoder",
    "eurobert", "gemma-embedding",
}  # fmt: skip
_OTHER_FORMATS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"\s*<(!doctype|html|\?xml)", re.I), "is a web page, not a model",
     "Download the file itself instead of the page about it."),
    (re.compile(rb"version https://git-lfs"), "is only a pointer to a model (Git LFS), not the model",
     "Download the file itself instead of copying it from a Git checkout."),
    (re.compile(rb".{6}\0\0\{", re.S), "is a safetensors file, not GGUF", _NEED_GGUF),
    (re.compile(rb"PK\x03\x04|\x80[\x02-\x05]"), "is a PyTorch file, not GGUF", _NEED_GGUF),
    (re.compile(rb"lmgg|fmgg|tjgg|ggml"), "is in an older format than GGUF", _NEED_GGUF),
    (re.compile(rb"FUGG"), "was made for another kind of processor (big-endian)", _NEED_GGUF),
)  # fmt: skip
_BLOCK = re.compile(r"(?:^|\.)blk\.(\d+)\.")
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """Facts of one model; of a model in several files (`parts`), the sums over all of them.

    `context_length`: tokens it was trained for. `head_count`, `head_count_kv`: one number for each block.
    `key_length`, `value_length`: numbers per head. `sliding_window`: tokens, 0 for none. `chat_template`:
    Jinja, None when there is none. `tensor_bytes`: the weights; `file_bytes`: the files. `shape`: what decides
    about memory and speed.
    """

    architecture: str
    name: str
    context_length: int
    parameters: int
    block_count: int
    embedding_length: int
    head_count: tuple[int, ...]
    head_count_kv: tuple[int, ...]
    key_length: int
    value_length: int
    sliding_window: int
    vocabulary: int
    quantisation: str
    chat_template: str | None
    bos: int | None
    eos: int | None
    tensor_bytes: int
    file_bytes: int
    parts: int
    shape: ModelShape

    @property
    def can_write(self) -> bool:
        """False for models that only turn text into vectors."""
        return self.architecture not in _ENCODERS


def read_facts(file: Path) -> GgufFacts:
    """The facts of `file`. Raises `AppError` when it is no sound GGUF language model."""
    parts = list(read_headers(file))
    header = parts[0][1]
    try:
        tensors = [tensor for _, part in parts for tensor in part.tensors]
        return _facts(header, tensors, sum(path.stat().st_size for path, _ in parts), len(parts), file.stem)
    except BadHeader as problem:
        raise AppError(f"“{file.name}” is damaged: {problem}.", _AGAIN) from problem


def read_headers(file: Path) -> Iterator[tuple[Path, Header]]:
    """The header of each file of the model that begins with `file`. Raises `AppError` as `read_facts` does."""
    header = read_gguf(file)
    yield file, header
    for other in _other_parts(file, header):
        yield other, read_gguf(other)


def read_gguf(file: Path) -> Header:
    """The header of a GGUF file of any kind. Raises `AppError` when it is none, or damaged."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(64)
            _check_start(file.name, start, size)
            stream.seek(8)
            return read_header(stream, size)
    except FileNotFoundError as error:
        raise AppError(f"There is no file {file}.", "Choose another model, or download it again.") from error
    except OSError as error:
        raise AppError(
            f"{file} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    except Truncated as problem:
        how = f"{size} of {problem.expected} bytes" if problem.expected else f"it ends after {size} bytes"
        raise AppError(f"“{file.name}” is incomplete: {how}.", "Download it again.") from problem
    except BadHeader as problem:
        raise AppError(f"“{file.name}” is damaged: {problem}.", _AGAIN) from problem


def _check_start(name: str, start: bytes, size: int) -> None:
    """Name the usual wrong files for what they are."""
    if size == 0:
        raise AppError(f"“{name}” is empty.", "Download it again.")
    if not start.startswith(MAGIC):
        for pattern, what, remedy in _OTHER_FORMATS:
            if pattern.match(start):
                raise AppError(f"“{name}” {what}.", remedy)
        raise AppError(f"“{name}” is not a GGUF model.", _NEED_GGUF)
    if size < 24:
        raise Truncated()
    version = int.from_bytes(start[4:8], "little")
    if version in VERSIONS:
        return
    if int.from_bytes(start[4:8], "big") in VERSIONS:
        raise AppError(f"“{name}” was made for another kind of processor (big-endian).", _NEED_GGUF)
    age = "an older" if version < min(VERSIONS) else "a newer"
    raise AppError(
        f"“{name}” is in {age} version of GGUF ({version}) than Alcove can read.", "Choose another model."
    )


def _other_parts(file: Path, header: Header) -> Iterator[Path]:
    """The files a model in several files goes on in; it is opened by its first one."""
    number, count = whole(header, "split.no", 0), whole(header, "split.count", 1)
    if count <= 1:
        return
    found = _PART.search(file.name)
    if number != 0:
        raise AppError(
            f"“{file.name}” is part {number + 1} of a model in {count} files.", "Choose the first of them."
        )
    if found is None or int(found[2]) != count:
        raise AppError(
            f"“{file.name}” is the first of {count} files, but its name does not tell the others.",
            "Give the files the names they were published with.",
        )
    for part in range(2, count + 1):
        other = file.with_name(f"{file.name[: found.start()]}-{part:05}-of-{count:05}.gguf")
        if not other.is_file():
            raise AppError(
                f"The model needs {count} files, and “{other.name}” is missing.",
                "Download it into the same folder.",
            )
        yield other


def _facts(header: Header, tensors: list[Tensor], file_bytes: int, parts: int, stem: str) -> GgufFacts:
    fields = header.fields
    arch = _model_architecture(header)
    blocks = whole(header, f"{arch}.block_count", 0)
    seen = {int(found[1]) for tensor in tensors if (found := _BLOCK.search(tensor.name))}
    if not 0 < blocks <= len(tensors) or not seen or max(seen) >= blocks:
        raise BadHeader("the layers of the network are missing")
    context = whole(header, f"{arch}.context_length", 0)
    width = whole(header, f"{arch}.embedding_length", 0)
    if not 0 < context <= _MAX_CONTEXT or width <= 0:
        raise BadHeader("its dimensions make no sense")
    tokens = fields.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, Listed) or tokens.count == 0:
        raise BadHeader("it has no vocabulary")
    heads = per_block(header, f"{arch}.attention.head_count", blocks, 0)
    head_width = width // max(1, *heads)
    named, template = fields.get("general.name"), fields.get("tokenizer.chat_template")
    name = clean(named if isinstance(named, str) else "") or clean(stem)
    quantisation = _quantisation(header, tensors)
    return GgufFacts(
        architecture=arch,
        name=name,
        context_length=context,
        parameters=sum(tensor.elements for tensor in tensors),
        block_count=blocks,
        embedding_length=width,
        head_count=heads,
        head_count_kv=per_block(header, f"{arch}.attention.head_count_kv", blocks, heads),
        key_length=whole(header, f"{arch}.attention.key_length", head_width),
        value_length=whole(header, f"{arch}.attention.value_length", head_width),
        sliding_window=whole(header, f"{arch}.attention.sliding_window", 0),
        vocabulary=tokens.count,
        quantisation=quantisation,
        chat_template=template if isinstance(template, str) and template.strip() else None,
        bos=_token(header, "bos", tokens.count),
        eos=_token(header, "eos", tokens.count),
        tensor_bytes=sum(tensor.size for tensor in tensors),
        file_bytes=file_bytes,
        parts=parts,
        shape=shape_of(f"{name} {quantisation}", arch, header, tensors, tokens.count),
    )


def _model_architecture(header: Header) -> str:
    arch = header.fields.get("general.architecture")
    if not isinstance(arch, str) or not re.fullmatch(r"[\w.-]{1,64}", arch):
        raise BadHeader("it does not say what kind of model it is")
    kind = header.fields.get("general.type", "model")
    if kind == "adapter":
        raise AppError(
            "This file holds an adapter (LoRA), not a whole model.",
            "Attach it to the model it was made for (“Adapters…” on the Models page, or alcove models attach).",
        )
    if kind != "model" or arch in ("clip", "mmproj"):
        kind = "mmproj" if arch == "clip" else clean(str(kind))
        raise AppError(
            f"This file holds an addition to a model ({kind}), not a language model.",
            "Choose the model's own file.",
        )
    return arch


def _token(header: Header, which: str, vocabulary: int) -> int | None:
    key = f"tokenizer.ggml.{which}_token_id"
    if key not in header.fields:
        return None
    token = whole(header, key, 0)
    if token >= vocabulary:
        raise BadHeader(f"its {which} token is outside its vocabulary")
    return token


def _quantisation(header: Header, tensors: list[Tensor]) -> str:
    """As named in the header, else the type most of the weights have."""
    named = header.fields.get("general.file_type")
    if isinstance(named, int) and named in _FILE_TYPES:
        return _FILE_TYPES[named]
    bytes_of: dict[str, int] = {}
    for tensor in tensors:
        bytes_of[tensor.kind] = bytes_of.get(tensor.kind, 0) + tensor.size
    return max(bytes_of, key=lambda kind: bytes_of[kind])
