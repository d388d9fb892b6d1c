"""BERT sentence encoders in torch alone.

Reading one in through transformers takes longer than torch itself, at every start of the worker, and a
question waits for it. The vectors are those of sentence-transformers; `tests/unit/retrieval/test_embedding.py`
compares them. Source of the network: Devlin et al., BERT, 2018, and the sizes in the model's own config.json.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights (out, in) and biases; query, key and value in one matrix."""

    attention: tuple[torch.Tensor, torch.Tensor]
    attention_output: tuple[torch.Tensor, torch.Tensor]
    attention_norm: tuple[torch.Tensor, torch.Tensor]
    widening: tuple[torch.Tensor, torch.Tensor]
    narrowing: tuple[torch.Tensor, torch.Tensor]
    norm: tuple[torch.Tensor, torch.Tensor]


def is_plain_bert(folder: Path) -> bool:
    """Whether `BertEncoder` computes what the model's files ask for: BERT, the mean of all tokens, length 1."""
    try:
        config = _read(folder / "config.json")
        parts = [each["type"].rpartition(".")[2] for each in _read(folder / "modules.json")]
        pooling = _read(folder / "1_Pooling" / "config.json")
        _read(folder / "sentence_bert_config.json")["max_seq_length"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    modes = {name for name, chosen in pooling.items() if name.startswith("pooling_mode_") and chosen is True}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and parts == ["Transformer", "Pooling", "Normalize"]
        and modes == {"pooling_mode_mean_tokens"}
        and (folder / "model.safetensors").is_file()
        and (folder / "tokenizer.json").is_file()
    )


class BertEncoder:
    """An encoder held in memory. `dimensions` of a vector; `max_tokens` of a text with the two special ones."""

    def __init__(self, folder: Path) -> None:
        config = _read(folder / "config.json")
        self.dimensions: int = config["hidden_size"]
        self.max_tokens: int = _read(folder / "sentence_bert_config.json")["max_seq_length"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.max_tokens)
        self.tokenizer.enable_padding(pad_id=config.get("pad_token_id", 0))
        weights = load_file(folder / "model.safetensors")
        self._words = weights["embeddings.word_embeddings.weight"]
        # every text is one sentence, so its type of token never changes
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _named(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, number) for number in range(config["num_hidden_layers"])]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions)."""
        encoded = self.tokenizer.encode_batch_fast(list(texts))
        tokens = torch.tensor([each.ids for each in encoded])
        mask = torch.tensor([each.attention_mask for each in encoded], dtype=torch.bool)
        with torch.inference_mode():
            hidden = self._hidden(tokens, mask)
            there = mask.unsqueeze(-1)
            mean = (hidden * there).sum(1) / there.sum(1)
            vectors: npt.NDArray[np.float32] = functional.normalize(mean).numpy()
        return vectors

    def _hidden(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Of each token, after the last layer: (texts, tokens, dimensions)."""
        texts, length = tokens.shape
        hidden = functional.embedding(tokens, self._words) + self._places[:length]
        hidden = self._normed(hidden, self._norm)
        seen = None if mask.all() else mask[:, None, None, :]
        for layer in self._layers:
            apart = functional.linear(hidden, *layer.attention).view(texts, length, 3, self._heads, -1)
            query, key, value = apart.permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
            mixed = mixed.transpose(1, 2).reshape(texts, length, -1)
            hidden = self._normed(
                hidden + functional.linear(mixed, *layer.attention_output), layer.attention_norm
            )
            wide = functional.gelu(functional.linear(hidden, *layer.widening))
            hidden = self._normed(hidden + functional.linear(wide, *layer.narrowing), layer.norm)
        return hidden

    def _normed(self, hidden: torch.Tensor, norm: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return functional.layer_norm(hidden, (self.dimensions,), *norm, eps=self._epsilon)


def _layer(weights: Tensors, number: int) -> _Layer:
    prefix = f"encoder.layer.{number}"
    parts = [_named(weights, f"{prefix}.attention.self.{name}") for name in ("query", "key", "value")]
    return _Layer(
        (torch.cat([each[0] for each in parts]), torch.cat([each[1] for each in parts])),
        _named(weights, f"{prefix}.attention.output.dense"),
        _named(weights, f"{prefix}.attention.output.LayerNorm"),
        _named(weights, f"{prefix}.intermediate.dense"),
        _named(weights, f"{prefix}.output.dense"),
        _named(weights, f"{prefix}.output.LayerNorm"),
    )


def _named(weights: Tensors, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
