"""Measure how far the values inside the starter embedder reach, on the sample documents: models/ranges/*.npz.

Run after a change of the starter embedder: python resources/make_ranges.py
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from app.base.openvino_alone import openvino, operations
from app.models.installed import starter_embedder
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import store_ranges

_ROOT = Path(__file__).resolve().parent.parent
_PIECE = 700  # characters: a passage


def main() -> None:
    folder = starter_embedder()
    weights = load_file(folder / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    names, ends = [], []

    def seen(name: str, rows: openvino.Node) -> None:
        names.append(name)
        axis = operations.constant(np.array([0], dtype=np.int64))
        ends.append((operations.reduce_min(rows, axis), operations.reduce_max(rows, axis)))

    network = BertNetwork(weights, json.loads((folder / "config.json").read_text()), seen=seen)
    model = network.model()
    model.add_outputs([each.output(0) for pair in ends for each in pair])
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = []
    for text in _pieces():
        tokens = np.array([tokenizer.encode(text).ids], dtype=np.int32)
        outputs = compiled([tokens, np.ones(tokens.shape, dtype=np.float32)])
        found.append([outputs[index] for index in range(1, 1 + 2 * len(names))])
    ranges = {
        name: np.stack([
            np.min([each[2 * number] for each in found], axis=0),
            np.max([each[2 * number + 1] for each in found], axis=0),
        ])
        for number, name in enumerate(names)
    }  # fmt: skip
    folder = _ROOT / "models" / "ranges"
    folder.mkdir(exist_ok=True)
    store_ranges(weights, ranges, folder)


def _pieces() -> list[str]:
    files = sorted(each for each in (_ROOT / "resources" / "samples").rglob("*") if each.suffix in (".md", ".txt", ".eml", ".csv", ".html"))  # fmt: skip
    texts = [each.read_text(encoding="utf-8") for each in files]
    return [text[first : first + _PIECE] for text in texts for first in range(0, len(text), _PIECE)]


if __name__ == "__main__":
    main()
