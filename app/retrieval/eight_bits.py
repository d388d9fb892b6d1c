"""Dense layers in 8 bits: what goes in as unsigned, the weights as signed numbers, added up in 32 bits.

The few channels that reach much further than others would leave the rest a handful of steps. So each channel has its
own zero and its own step, and the weights make good for it (Xiao et al., SmoothQuant, 2023): the products stay the
same. Which ranges the channels have is measured once (`resources/make_ranges.py`) and shipped.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.base.openvino_alone import openvino, operations
from app.base.paths import shipped_models
from app.hardware.instructions import instructions
from app.retrieval.small_weights import fingerprint

Array = npt.NDArray[np.float32]
Ranges = Mapping[str, Array]
"""Of each dense layer, by name: the least and the greatest value of each channel that goes in, shape (2, channels)."""

_QUICK = frozenset({"avx512f", "avx_vnni"})
_STEPS = 255
# Without VNNI, x86 adds two products in 16 bits: 2 × 255 × 63 still fits, with 127 sums would be cut off unnoticed.
_MOST = 63
_ROOM = 1.15  # other texts reach further than the measured ones
_GELU_LEAST = -0.17
_GELU_MOST = 6.0  # of some 1,500 channels after a GELU, one or two reach 25 and the others stay below 6


@dataclass(frozen=True, slots=True)
class _Scale:
    """Channel c holds low[c] … low[c] + width · step[c]. Rounding of weights counts from `centre`."""

    centre: Array
    low: Array
    step: Array
    width: float


def knows_8_bits() -> bool:
    """Whether 8 bits are quicker here. With AVX-512 they are, VNNI or not; OpenVINO has no such kernels for AVX2 alone,
    and 32 bits take 0.8 of their time (`python -m benchmarks embedding`). Elsewhere than on x86 it chooses by itself.
    """
    return platform.machine().lower() in ("x86_64", "amd64") and bool(
        _QUICK & (instructions() or frozenset())
    )


def shipped_ranges(weights: Mapping[str, Array]) -> Ranges | None:
    """The measured ranges of a network with these weights, if Alcove comes with them."""
    file = shipped_models() / "ranges" / f"{fingerprint(weights)}.npz"
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def store_ranges(weights: Mapping[str, Array], ranges: Ranges, folder: Path) -> Path:
    """Write what `shipped_ranges` finds; returns the file."""
    file = folder / f"{fingerprint(weights)}.npz"
    np.savez_compressed(
        file, allow_pickle=False, **{name: both.astype(np.float16) for name, both in ranges.items()}
    )
    return file


def dense_in_8_bits(
    rows: openvino.Node, weight: Array, bias: Array, range_: Array, *, gelu: bool
) -> openvino.Node:
    """`rows` (n, in) times `weight` (out, in), plus `bias`; `gelu`: what goes in comes from a GELU."""
    scale = _after_gelu(range_) if gelu else _evened(range_, weight)
    top = np.float32(scale.width)
    steps = operations.fake_quantize(
        rows,
        _constant(scale.low[None]),
        _constant((scale.low + scale.step * top)[None]),
        _constant(np.float32(0)),
        _constant(top),
        _STEPS + 1,
    )
    wide = weight * scale.step
    unit = np.abs(wide).max(axis=1, keepdims=True) / _MOST
    rounded = np.rint(wide / unit)
    shift = (scale.low - scale.centre) / scale.step
    bias = bias + weight @ scale.centre + (rounded @ shift) * unit[:, 0]
    small = operations.multiply(
        operations.convert(operations.constant(rounded.astype(np.int8)), "f32"), _constant(unit)
    )
    product = operations.matmul(steps, small, False, True)  # noqa: FBT003
    return operations.add(product, _constant(bias))


def _evened(range_: Array, weight: Array) -> _Scale:
    """Wide channels with small weights and narrow ones with large weights meet in the middle."""
    least, greatest = range_
    half = np.maximum(greatest - least, 1e-3) / 2 * np.float32(_ROOM)
    step = np.sqrt(half / np.maximum(np.abs(weight).max(axis=0), 1e-6))
    reach = float((half / step).max())
    centre = (least + greatest) / 2
    return _Scale(centre, centre - step * np.float32(reach), step, 2 * reach)


def _after_gelu(range_: Array) -> _Scale:
    """Only the channels that reach too far get longer steps."""
    step = np.maximum(range_[1] / np.float32(_GELU_MOST), 1).astype(np.float32)
    low = step * np.float32(_GELU_LEAST)
    return _Scale(np.zeros_like(low), low, step, _GELU_MOST - _GELU_LEAST)


def _constant(value: Array | np.float32) -> openvino.Node:
    return operations.constant(np.asarray(value, dtype=np.float32))
