"""Measure how far the values inside Alcove's encoders reach: models/ranges/*.npz.

Of the starter embedder on the sample documents, and of the reader on made-up forms and on the questions about the samples.
Run after a change of either: python resources/make_ranges.py
"""

import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from made_up_records import record_questions
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from app.base.openvino_alone import openvino, operations
from app.models.installed import starter_embedder
from app.retrieval.bert_network import BertNetwork
from app.retrieval.eight_bits import Ranges, store_ranges
from app.retrieval.readers.bert_reader import reader_weights
from app.retrieval.readers.serving_reader import shipped_reader

_ROOT = Path(__file__).resolve().parent.parent
_OUT = _ROOT / "models" / "ranges"
_PIECE = 700  # characters: a passage
_RECORDS = 200
_LONGEST = 256  # tokens

Weights = Mapping[str, npt.NDArray[np.float32]]


def main() -> None:
    for old in _OUT.glob("*.npz"):
        old.unlink()
    folder = starter_embedder()
    tokenizer = _tokenizer(folder)
    weights = load_file(folder / "model.safetensors")
    found = _measured(weights, folder, [tokenizer.encode(text) for text in _pieces()], reads=False)
    store_ranges(weights, found, _OUT)
    weights = reader_weights(shipped_reader())
    pairs = [tokenizer.encode(question, passage) for question, passage in _asked()]
    store_ranges(weights, _measured(weights, shipped_reader(), pairs, reads=True), _OUT)


def _measured(weights: Weights, folder: Path, texts: Iterable[Encoding], *, reads: bool) -> Ranges:
    names, ends = [], []

    def seen(name: str, rows: openvino.Node) -> None:
        names.append(name)
        axis = operations.constant(np.array([0], dtype=np.int64))
        ends.append((operations.reduce_min(rows, axis), operations.reduce_max(rows, axis)))

    network = BertNetwork(weights, json.loads((folder / "config.json").read_text()), seen=seen)
    model = network.reader() if reads else network.model()
    model.add_outputs([each.output(0) for pair in ends for each in pair])
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = []
    for text in texts:
        tokens = np.array([text.ids], dtype=np.int32)
        inputs = [tokens, np.ones(tokens.shape, dtype=np.float32)]
        outputs = compiled([*inputs, np.array([text.type_ids], dtype=np.int32)] if reads else inputs)
        found.append([outputs[index] for index in range(1, 1 + 2 * len(names))])
    return {
        name: np.stack([
            np.min([each[2 * number] for each in found], axis=0),
            np.max([each[2 * number + 1] for each in found], axis=0),
        ])
        for number, name in enumerate(names)
    }  # fmt: skip


def _tokenizer(folder: Path) -> Tokenizer:
    made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made.no_padding()
    made.enable_truncation(_LONGEST)
    return made


def _pieces() -> list[str]:
    files = sorted(each for each in (_ROOT / "resources" / "samples").rglob("*") if each.suffix in (".md", ".txt", ".eml", ".csv", ".html"))  # fmt: skip
    texts = [each.read_text(encoding="utf-8") for each in files]
    return [text[first : first + _PIECE] for text in texts for first in range(0, len(text), _PIECE)]


def _asked() -> list[tuple[str, str]]:
    """Questions beside passages, whether they are answered there or not."""
    questions = json.loads((_ROOT / "resources" / "sample_questions.json").read_text(encoding="utf-8"))
    asked = [each["question"] for each in questions["answerable"]]
    pieces = _pieces()
    made = [each[:2] for each in record_questions(_RECORDS, random.Random(1))]
    return made + [(asked[number % len(asked)], piece) for number, piece in enumerate(pieces)]


if __name__ == "__main__":
    main()
