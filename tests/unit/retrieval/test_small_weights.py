"""Weights in a fourth of their size."""

import numpy as np
from safetensors.numpy import save_file

from app.retrieval.small_weights import load_small, store_small


def test_rows_keep_their_own_scale(tmp_path) -> None:
    chance = np.random.default_rng(1)
    matrix = (chance.normal(size=(50, 40)) * np.logspace(-4, 2, 50)[:, None]).astype(np.float32)
    weights = {
        "wide": matrix,
        "bias": np.array([0.5, -2.0], np.float32),
        "empty": np.zeros((2, 3), np.float32),
    }
    store_small(weights, tmp_path / "small.safetensors")
    found = load_small(tmp_path / "small.safetensors")
    assert found.keys() == weights.keys()
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    assert (np.abs(found["wide"] - matrix) <= largest / 127 / 2 + 1e-9).all()
    np.testing.assert_array_equal(found["bias"], weights["bias"])
    np.testing.assert_array_equal(found["empty"], weights["empty"])
    assert all(each.dtype == np.float32 for each in found.values())


def test_weights_that_were_not_made_small_are_read_too(tmp_path) -> None:
    save_file({"layer": np.arange(6, dtype=np.float16).reshape(2, 3)}, tmp_path / "plain.safetensors")
    np.testing.assert_array_equal(
        load_small(tmp_path / "plain.safetensors")["layer"], np.arange(6).reshape(2, 3)
    )
