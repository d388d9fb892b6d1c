"""The smaller reader is made of what the larger one needs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

_IDLE_LAYER = 3
_IDLE_NEURONS = slice(20, 36)


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "resources"))
    yield
    sys.modules.pop("shrink_reader", None)


@torch.no_grad()
def _large(inner: int) -> BertForQuestionAnswering:
    """Six layers of which one, and some neurons of every layer, change nothing."""
    config = BertConfig(
        vocab_size=50, hidden_size=16, num_hidden_layers=6, num_attention_heads=2, intermediate_size=inner,
        max_position_embeddings=32, num_labels=2, initializer_range=0.4,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    torch.manual_seed(3)
    model = BertForQuestionAnswering(config).eval()
    for number, layer in enumerate(model.bert.encoder.layer):
        layer.output.dense.weight[:, _IDLE_NEURONS] = 0
        if number == _IDLE_LAYER:
            for dense in (layer.attention.output.dense, layer.output.dense):
                dense.weight.zero_()
                dense.bias.zero_()
    return model


def test_what_changes_nothing_is_left_out() -> None:
    from shrink_reader import INNER, LAYERS, shrunk

    large = _large(INNER + 16)
    torch.manual_seed(4)
    inputs = {
        "input_ids": torch.randint(1, 50, (4, 20)),
        "token_type_ids": torch.zeros((4, 20), dtype=torch.long),
        "attention_mask": torch.ones((4, 20), dtype=torch.long),
    }
    ends = torch.tensor([3, 4, 5, 6])
    small = shrunk(large, [(inputs, ends - 1, ends)])
    assert len(small.bert.encoder.layer) == small.config.num_hidden_layers == LAYERS == 5
    assert (
        small.bert.encoder.layer[0].intermediate.dense.out_features == small.config.intermediate_size == INNER
    )
    with torch.no_grad():
        before, after = large(**inputs), small(**inputs)
    assert torch.allclose(before.start_logits, after.start_logits, atol=1e-4)
    assert torch.allclose(before.end_logits, after.end_logits, atol=1e-4)


def test_the_teacher_finds_nothing_wrong_with_its_own_scores() -> None:
    from shrink_reader import teacher

    large = _large(32)
    inputs = {
        "input_ids": torch.randint(1, 50, (2, 12)),
        "attention_mask": torch.tensor([[1] * 12, [1] * 8 + [0] * 4]),
    }
    with torch.no_grad():
        own = large(**inputs)
        far = teacher(large)
        assert float(far(inputs, own.start_logits, own.end_logits)) == pytest.approx(0, abs=1e-5)
        hidden = own.start_logits + torch.tensor([[0.0] * 12, [0.0] * 8 + [9.0] * 4])
        assert float(far(inputs, hidden, own.end_logits)) == pytest.approx(0, abs=1e-5)
        wrong = own.start_logits + torch.tensor([[3.0] + [0.0] * 11] * 2)
        assert float(far(inputs, wrong, own.end_logits)) > 0.1
