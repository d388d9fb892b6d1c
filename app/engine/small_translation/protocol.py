"""What the front and the worker of the small translation models say to each other."""

from dataclasses import dataclass

from app.base.worker_frames import Codec


@dataclass(frozen=True)
class Translate:
    """Answered by one `Translated` for each of `texts`, in order. `route`: folders of the models, one or two."""

    route: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Translated:
    text: str


@dataclass(frozen=True)
class TryOut:
    """Load the model in `folder` and translate a word with it; answered by `Works`."""

    folder: str


@dataclass(frozen=True)
class Works:
    """The model can be used. `backend`: how its 8-bit products are computed here, such as avx2."""

    backend: str


@dataclass(frozen=True)
class Unpack:
    """Write the contents of a `.gz` or `.zst` file to `target`; answered by `Unpacked`."""

    file: str
    target: str


@dataclass(frozen=True)
class Unpacked:
    bytes: int


CODEC = Codec(Translate, Translated, TryOut, Works, Unpack, Unpacked)
