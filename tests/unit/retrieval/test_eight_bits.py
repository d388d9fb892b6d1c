"""A dense layer in 8 bits against the same layer in 32."""

from pathlib import Path

import numpy as np
import pytest

from app.base.openvino_alone import openvino, operations
from app.retrieval import eight_bits


@pytest.mark.parametrize("gelu", [False, True])
def test_channels_of_very_different_reach_keep_their_precision(gelu: bool):
    random = np.random.default_rng(1)
    rows = random.normal(size=(200, 64)).astype(np.float32)
    rows[:, 3] *= 25  # one channel that reaches much further than the others
    if gelu:
        rows = np.maximum(rows, -0.17)
    weight, bias = random.normal(size=(48, 64)).astype(np.float32), random.normal(size=48).astype(np.float32)
    weight[:, 3] /= 25
    exact = rows @ weight.T + bias
    given = operations.parameter([-1, 64], openvino.Type.f32)
    range_ = np.stack([rows.min(axis=0), rows.max(axis=0)])
    layer = eight_bits.dense_in_8_bits(given, weight, bias, range_, gelu=gelu)
    model = openvino.Model([operations.result(layer)], [given], "layer")
    found = openvino.Core().compile_model(model, "CPU")([rows])[0]
    assert np.abs(found - exact).mean() < 0.03 * exact.std()


def test_ranges_belong_to_their_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(eight_bits, "shipped_models", lambda: tmp_path)
    (tmp_path / "ranges").mkdir()
    weights = {"norm.bias": np.arange(4, dtype=np.float32), "dense.weight": np.ones((4, 4), np.float32)}
    eight_bits.store_ranges(weights, {"dense": np.array([[-1.5], [2.5]], np.float32)}, tmp_path / "ranges")
    found = eight_bits.shipped_ranges(weights)
    assert found is not None and found["dense"].tolist() == [[-1.5], [2.5]] and list(found) == ["dense"]
    assert eight_bits.shipped_ranges(weights | {"norm.bias": np.zeros(4, np.float32)}) is None
