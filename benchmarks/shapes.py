"""Models with random weights and the shapes of real ones, to measure memory and speed without a download.

`python -m benchmarks.shapes FOLDER [NAME …]` writes them. Their text is nonsense; their sizes, types and layers
are what llama.cpp works on, so memory and seconds are those of a real model.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import quantize

from tests.fixtures.architectures import TEMPLATE, Size, random_numbers, write_random_model

F16, F32 = GGMLQuantizationType.F16, GGMLQuantizationType.F32
Q4_0, Q4_K, Q8_0 = GGMLQuantizationType.Q4_0, GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q8_0

_SPREAD = 0.02  # of the weights, as in trained models
_SAMPLE = 1 << 18  # numbers; repeated to the length of each tensor


@dataclass(frozen=True, slots=True)
class Shape:
    """`type_` of the large matrices; in 4-bit models the embeddings have 8, as is usual."""

    about: str
    architecture: str
    type_: GGMLQuantizationType
    size: Size


_SHAPES = {
    "small": Shape("0.13 B, F16, grouped queries", "llama", F16,
                   Size(768, 2048, heads=12, kv_heads=4, head=64, layers=12, vocabulary=32_000, context=8192)),
    "grouped": Shape("0.49 B, Q8_0, grouped queries", "llama", Q8_0,
                     Size(1024, 4096, heads=16, kv_heads=4, head=64, layers=28, vocabulary=32_000, context=8192)),
    "every-head": Shape("0.33 B, Q8_0, keys and values for every head", "phi2", Q8_0,
                        Size(1024, 4096, heads=16, head=64, layers=18, vocabulary=51_200, context=8192)),
    "sliding": Shape("0.38 B, Q8_0, a window of 512 tokens in five of six layers, tied embeddings", "gemma3", Q8_0,
                     Size(768, 3072, heads=4, kv_heads=1, head=256, layers=36, vocabulary=64_000, context=32_768,
                          window=512)),
    "vocabulary": Shape("0.49 B, Q4_0, 152 thousand tokens, tied embeddings", "qwen2", Q4_0,
                        Size(896, 4864, heads=14, kv_heads=2, head=64, layers=24, vocabulary=151_936,
                             context=32_768)),
    "billions": Shape("1.5 B, Q4_0, 152 thousand tokens, tied embeddings", "qwen2", Q4_0,
                      Size(1536, 8960, heads=12, kv_heads=2, head=128, layers=28, vocabulary=151_936,
                           context=32_768)),
    "large": Shape("1.24 B, Q4_K, 128 thousand tokens, tied embeddings", "smollm3", Q4_K,
                   Size(2048, 8192, heads=32, kv_heads=8, head=64, layers=16, vocabulary=128_256, context=32_768)),
    "convolution": Shape("0.35 B, Q8_0, short convolutions in every second layer", "lfm2", Q8_0,
                         Size(1024, 4608, heads=16, kv_heads=8, head=64, layers=16, vocabulary=65_536,
                              context=32_768)),
    "recurrent": Shape("0.43 B, Q8_0, Mamba 2 beside attention in every layer", "falcon-h1", Q8_0,
                       Size(1024, 2048, heads=16, kv_heads=4, head=64, layers=24, vocabulary=32_000,
                            context=16_384)),
}  # fmt: skip

SHAPES: dict[str, str] = {name: shape.about for name, shape in _SHAPES.items()}


def write_shape(name: str, folder: Path) -> Path:
    """Write the model `name` of `SHAPES` into `folder` and return its file, in seconds."""
    shape = _SHAPES[name]
    file = folder / f"{name}.gguf"
    return write_random_model(
        file, shape.architecture, shape.size, template=TEMPLATE, kind=_kinds(shape.type_), data=_data
    )


def _kinds(type_: GGMLQuantizationType) -> Callable[[str, tuple[int, ...]], GGMLQuantizationType]:
    """As llama.cpp's quantiser chooses: vectors, norms and convolutions keep their 32 bits."""

    def kind(name: str, shape: tuple[int, ...]) -> GGMLQuantizationType:
        if len(shape) == 1 or "norm" in name or shape[-1] % GGML_QUANT_SIZES[Q8_0][0]:
            return F32
        outer = name in ("token_embd.weight", "output.weight")
        return Q8_0 if outer and type_ in (Q4_0, Q4_K) else type_

    return kind


def _data(name: str, shape: tuple[int, ...], type_: GGMLQuantizationType) -> npt.NDArray[Any]:
    if type_ == F32:
        return random_numbers(name, shape, type_)
    block, size = GGML_QUANT_SIZES[type_]
    return np.resize(_sample(type_), int(np.prod(shape, dtype=np.int64)) // block * size)


@cache
def _sample(type_: GGMLQuantizationType) -> npt.NDArray[np.uint8]:
    """Random weights as bytes of that type."""
    source = np.random.default_rng(1)
    if type_ == Q4_K:
        return _sample_q4_k(source)
    numbers = source.standard_normal((_SAMPLE // 256, 256), np.float32) * np.float32(_SPREAD)
    return quantize(numbers, type_).view(np.uint8).reshape(-1)


def _sample_q4_k(source: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Any bits are weights in this type; only the two scales in front of each block give them their size.

    A weight is d · s · q - m · t, with q of 4 bits and s, t of 6: with m = 7.5 · d they lie around zero.
    """
    blocks = source.integers(0, 256, (_SAMPLE // 256, GGML_QUANT_SIZES[Q4_K][1]), np.uint8)
    step = _SPREAD / (32 * 4.6)  # 32: the middle of s; 4.6: the spread of q
    blocks[:, :4] = np.array([step, 7.5 * step], np.float16).view(np.uint8)
    return blocks.reshape(-1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SHAPES)}; default: all")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in chosen.names or SHAPES:
        print(f"{write_shape(name, chosen.folder)}: {SHAPES[name]}")


if __name__ == "__main__":
    main()
