"""The worker of the small translation models: fxtranslate, which nothing else imports.

Of fxtranslate only what computes is used; what it has for downloading is never called. It holds Python's lock while
it translates, so one sentence is the least that can be stopped.
"""

import gzip
import os
import re
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fxtranslate import Translator, discovery

from app.base.errors import AppError
from app.base.files import replacing
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.worker_process import serve
from app.documents.sentences import sentences
from app.engine.small_translation.protocol import (
    CODEC,
    Translate,
    Translated,
    TryOut,
    Unpack,
    Unpacked,
    Works,
)
from app.engine.small_translation.recognising import files_in

# Two ways by English. One takes 29 to 45 MB, loads in half a second and writes 200 tokens a second on one core (measured
# with made-up weights of the shapes of the real ones, without a shortlist)
_HELD = 4
# `Translator.translate` drops what is beyond 256 tokens, and `translate_long` loses blanks where it cuts (seen with
# fxtranslate 0.5.0); a token has two bytes and more
_SENTENCE_BYTES = 500
_CUTS = (re.compile(r".*[;:,\u060c\u3001\uff0c]\s*", re.DOTALL), re.compile(r".*\s", re.DOTALL))
_WITHOUT_SPACES = ("-zh", "-zh-Hant", "-ja")
_LARGEST = 512 << 20  # bytes of an unpacked file; real ones have 44 MB
_CHUNK_BYTES = 1 << 20
_PROBE = "1."


class Models:
    """The models that were used last. A model that was replaced on the disk is loaded anew."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int, int], Translator] = OrderedDict()

    def get(self, folder: Path) -> Translator:
        """Raises `AppError` when it is gone or damaged."""
        files = _files(folder)
        with _told(folder):
            state = files["model"].stat()
        key = (str(folder), state.st_size, state.st_mtime_ns)
        if key not in self._held:
            self._held[key] = load(files, folder)
        self._held.move_to_end(key)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)
        return self._held[key]


def load(files: dict[str, Path], folder: Path) -> Translator:
    """Raises `AppError` for files that fxtranslate cannot use."""
    with _told(folder):
        held = {name: file.read_bytes() for name, file in files.items()}
        if not (_is_message(held["src_vocab"]) and _is_message(held["trg_vocab"])):
            raise ValueError("no vocabulary")
        return Translator(**held)


def _is_message(data: bytes) -> bool:
    """Whether it is whole: fxtranslate takes half a vocabulary without a word.

    On its upper level, a SentencePiece model (a protobuf message) has only fields that tell their length.
    """
    at = 0
    while at < len(data):
        if data[at] & 7 != 2:
            return False
        length = shift = 0
        more = True
        while more:
            at += 1
            if at >= len(data) or shift > 28:
                return False
            length |= (data[at] & 127) << shift
            shift += 7
            more = data[at] > 127
        at += 1 + length
    return at == len(data) > 0


def translate(text: str, route: list[tuple[Path, Translator]], glue: str, cancel: CancelToken) -> str:
    """`text` line by line and sentence by sentence. Raises `AppError` and `Cancelled`."""
    return "".join(_line(line, route, glue, cancel) for line in text.splitlines(keepends=True))


def _line(line: str, route: list[tuple[Path, Translator]], glue: str, cancel: CancelToken) -> str:
    spans = sentences(line)
    if not any(each.isalpha() for each in line) or not spans:
        return line  # numbers and marks are the same in every language
    parts = []
    for start, end in spans:
        for part in _short(line[start:end]):
            cancel.raise_if_cancelled()
            for folder, model in route:
                with _told(folder):
                    part = model.translate(part)
            parts.append(part)
    return line[: spans[0][0]] + glue.join(part for part in parts if part) + line[spans[-1][1] :]


def _short(sentence: str) -> Iterator[str]:
    """`sentence`, in parts where it is too long for a model: cut behind a comma, else a word."""
    while len(sentence.encode()) > _SENTENCE_BYTES:
        start = sentence.encode()[:_SENTENCE_BYTES].decode(errors="ignore")
        ends = (found.end() for cut in _CUTS if (found := cut.match(start)) is not None)
        end = next((end for end in ends if end > len(start) // 2), len(start))
        yield sentence[:end].rstrip()
        sentence = sentence[end:]
    yield sentence


def unpack(request: Unpack) -> Unpacked:
    """Raises `AppError` for what is not packed like that, and what would be too large."""
    file, written = Path(request.file), 0
    with replacing(Path(request.target)) as out:
        for chunk in _unpacked(file):
            written += len(chunk)
            if written > _LARGEST:
                raise AppError(
                    f"{file.name} holds far more than a translation model.", "Choose another file."
                )
            out.write(chunk)
    return Unpacked(written)


def _unpacked(file: Path) -> Iterator[bytes]:
    try:
        if file.suffix == ".zst":
            yield discovery.verify_and_decompress(file.read_bytes())
            return
        with gzip.open(file) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise AppError(
            f"{file.name} is damaged: it cannot be unpacked.", "Get it again from where it came from."
        ) from error
    except OSError as error:
        raise AppError(
            f"{file} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error


def _files(folder: Path) -> dict[str, Path]:
    """By the names that `Translator` has for them. Raises `AppError` when some are missing."""
    try:
        found = files_in(folder.name, [each.name for each in folder.iterdir()])
    except OSError:
        found = None
    if found is None:
        raise AppError(
            f"The translation model in {folder} is gone or not complete.", "Remove it, and get it again."
        )
    paths = {"model": found.model, "src_vocab": found.source_vocabulary}
    paths |= {"trg_vocab": found.target_vocabulary, "shortlist": found.shortlist}
    return {name: folder.parent / path for name, path in paths.items() if path}


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What fxtranslate does with a model it cannot use: `ValueError`, or a panic that Python sees as PanicException."""
    try:
        yield
    except OSError as error:
        raise AppError(
            f"The translation model in {folder} cannot be read ({error.strerror or error}).",
            "Check the permissions of that folder.",
        ) from error
    except BaseException as error:
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        raise AppError(
            f"The translation model “{folder.name}” is damaged, or of a kind that cannot be used.",
            "Remove it, and get it again.",
        ) from error


def _try_out(folder: Path) -> Works:
    """Some damage shows only when something is translated."""
    model = load(_files(folder), folder)
    with _told(folder):
        if not model.translate(_PROBE):
            raise ValueError("nothing comes out")
    return Works(model.backend())


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: the log folder."""
    start_logging(Path(arguments[0]), "translation-worker")
    # a panic quotes the text it fell over, which must not get into a log
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    models = Models()

    def handle(request: Any, cancel: CancelToken) -> Iterator[Any]:
        match request:
            case Translate():
                folders = [Path(folder) for folder in request.route]
                route = [(folder, models.get(folder)) for folder in folders]
                glue = "" if request.route[-1].endswith(_WITHOUT_SPACES) else " "
                for text in request.texts:
                    yield Translated(translate(text, route, glue, cancel))
            case TryOut():
                yield _try_out(Path(request.folder))
            case Unpack():
                yield unpack(request)

    serve(handle, CODEC)
