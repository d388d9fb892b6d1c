"""Weights stored in a fourth of their size: matrices as 8-bit numbers with one scale for each row."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

Array = npt.NDArray[np.float32]

_SCALE = ".scale"
_MOST = 127


def store_small(weights: Mapping[str, Array], file: Path) -> None:
    """Write `weights`; what has one dimension is kept in 16 bits."""
    stored: dict[str, npt.NDArray[np.generic]] = {}
    for name, values in weights.items():
        if values.ndim < 2:
            stored[name] = values.astype(np.float16)
            continue
        scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-8).astype(np.float32) / _MOST
        stored[name] = np.rint(values / scale).astype(np.int8)
        stored[name + _SCALE] = scale.astype(np.float32)
    save_file(stored, file)


def load_small(file: Path) -> dict[str, Array]:
    """What `store_small` wrote, and any other safetensors file of numbers, in 32 bits."""
    stored = load_file(file)
    return {
        name: np.asarray(
            values.astype(np.float32) * stored.get(name + _SCALE, np.float32(1)), dtype=np.float32
        )
        for name, values in stored.items()
        if not name.endswith(_SCALE)
    }


def fingerprint(weights: Mapping[str, Array]) -> str:
    """Which network it is, by its norms and biases: hashing all 90 MB would cost more than reading them."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        if weights[name].ndim == 1:
            digest.update(name.encode() + weights[name].tobytes())
    return digest.hexdigest()[:16]
