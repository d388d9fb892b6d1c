"""Writes the weights of the starter embedder and of the reader for llama.cpp, which computes them in the light edition.

    python write_gguf.py EMBEDDER READER     both folders; `model.gguf` appears beside `model.safetensors`

In 16 bits: in 8 the vectors stray (cosine 0.998), in 32 nothing is gained. The files hold no words: Alcove cuts texts with
the tokenizers library in every edition. Of the reader only the layers: to tell question and passage apart Alcove puts
the vectors of the words together itself.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

sys.path.append(str(Path(__file__).resolve().parents[2]))

from app.retrieval.plain_bert import GGUF, WEIGHTS, WEIGHTS_BYTES, read_json
from app.retrieval.readers.bert_reader import reader_weights

Array = npt.NDArray[np.float32]

_WORDS = "embeddings.word_embeddings.weight"
_AROUND = {
    _WORDS: "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}
_IN_LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
_IN_32_BITS = ("position_embd.weight", "token_types.weight")  # as llama.cpp adds them up


def write_embedder(folder: Path) -> Path:
    """Of the model in `folder`; returns the file."""
    return _write(folder, load_file(folder / WEIGHTS), gguf.PoolingType.MEAN)


def write_reader(folder: Path) -> Path:
    """Of the reader in `folder`, with one word instead of all; returns the file."""
    weights = reader_weights(folder)
    return _write(folder, {**weights, _WORDS: weights[_WORDS][:1]}, gguf.PoolingType.NONE)


def _write(folder: Path, weights: Mapping[str, Array], pooling: gguf.PoolingType) -> Path:
    file = folder / GGUF
    config = read_json(folder / "config.json")
    writer = gguf.GGUFWriter(file, "bert")
    _describe(writer, config, len(weights[_WORDS]), pooling)
    writer.add_uint64(WEIGHTS_BYTES, (folder / WEIGHTS).stat().st_size)
    for name, own in _names(config["num_hidden_layers"]).items():
        values = weights[name]
        large = values.ndim == 2 and own not in _IN_32_BITS
        writer.add_tensor(own, values.astype(np.float16 if large else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _describe(
    writer: gguf.GGUFWriter, config: Mapping[str, Any], words: int, pooling: gguf.PoolingType
) -> None:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)  # noqa: FBT003
    writer.add_pooling_type(pooling)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("no_vocab")
    writer.add_vocab_size(words)
    writer.add_token_type_count(config["type_vocab_size"])


def _names(layers: int) -> dict[str, str]:
    """What each part of the network is called in safetensors, and in GGUF."""
    names = dict(_AROUND)
    for number in range(layers):
        for name, own in _IN_LAYER.items():
            for part in ("weight", "bias"):
                names[f"encoder.layer.{number}.{name}.{part}"] = f"blk.{number}.{own}.{part}"
    return names


def main() -> None:
    embedder, reader = map(Path, sys.argv[1:])
    for file in (write_embedder(embedder), write_reader(reader)):
        print(f"{file}: {file.stat().st_size / (1 << 20):.1f} MiB")


if __name__ == "__main__":
    main()
