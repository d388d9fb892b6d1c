"""Names of model files: models in several parts, names that every file system takes, names that are free."""

import itertools
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_QUANTISATION = re.compile(r"[-._ ](ud-)?(i?q\d\w*|tq\d\w*|bf16|f16|f32|mxfp4\w*)$", re.IGNORECASE)
_SUFFIX = ".gguf"
# What Windows and the file systems of memory sticks refuse in a name, or read as something else.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_MAX_BYTES = 200  # a name may have 255; a number and the mark of an unfinished file must fit too


def is_later_part(name: str) -> bool:
    """Whether a file of this name is the second or a later one of a model in several files."""
    found = _PART.search(name)
    return found is not None and int(found[1]) != 1


def part_names(name: str) -> tuple[str, ...]:
    """The names of all files of the model whose first file has this name; just this one when it is alone."""
    found = _PART.search(name)
    if found is None or int(found[1]) != 1 or int(found[2]) < 2:
        return (name,)
    return tuple(f"{name[: found.start()]}-{n:05}-of-{found[2]}.gguf" for n in range(1, int(found[2]) + 1))


def model_files(file: Path) -> tuple[Path, ...]:
    """The files of the model that begins with `file`, in order, those that are there (and always `file`)."""
    others = (file.with_name(name) for name in part_names(file.name)[1:])
    return (file, *(other for other in others if other.is_file()))


def stem_of(name: str) -> str:
    """A file's name without `.gguf` and without the number of its part."""
    found = _PART.search(name)
    if found is not None:
        return name[: found.start()]
    return name[: -len(_SUFFIX)] if name.casefold().endswith(_SUFFIX) else name


def plain_name(name: str) -> str:
    """“Qwen3 1.7B Q4_K_M” and “Qwen3-1.7B.Q8_0” are the same model."""
    return _QUANTISATION.sub("", name.strip()).casefold().replace(" ", "-")


def names_of_parts(stem: str, count: int) -> tuple[str, ...]:
    """File names for a model in `count` files, as llama.cpp looks for them."""
    if count == 1:
        return (f"{stem}{_SUFFIX}",)
    return tuple(f"{stem}-{n:05}-of-{count:05}{_SUFFIX}" for n in range(1, count + 1))


def shown(name: str) -> str:
    """`name` without control and direction characters: other apps and kits may name things as they like."""
    return "".join(each for each in name if unicodedata.category(each)[0] != "C")


def safe_stem(name: str) -> str:
    """`name` as the beginning of a file name on any system, never empty and never hidden."""
    stem = _cleaned(name).encode()[:_MAX_BYTES].decode(errors="ignore").rstrip(" .")
    return stem or "model"


def is_plain(name: str) -> bool:
    """Whether `name` is a GGUF file name that cannot lead out of a folder, on any system."""
    return name.endswith(_SUFFIX) and _cleaned(name) == name and len(name.encode()) <= _MAX_BYTES + 50


def _cleaned(name: str) -> str:
    cleaned = _REFUSED.sub("-", shown(name)).strip(" .-")
    return f"{cleaned}-model" if _DEVICES.match(cleaned) else cleaned


def free_names(folder: Path, stem: str, count: int, taken: Collection[str]) -> tuple[str, ...]:
    """File names for a model in `count` files, of `stem` or of `stem` with a number behind it.

    No file in `folder` has them, and no model goes by the name in `taken` (without regard to case).
    """
    for each in itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2))):
        names = names_of_parts(each, count)
        if names[0][: -len(_SUFFIX)].casefold() not in taken and not any(
            _is_there(folder / name) for name in names
        ):
            return names
    raise AssertionError  # there is always another number


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()
