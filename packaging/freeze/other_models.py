"""Loads one model of each kind and family that a person may bring, with random weights, so that what runs it is recorded."""

import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from app.retrieval.protocol import TryOut
from app.retrieval.serving import try_out
from tests.fixtures.tiny_encoder import write_tiny_encoder, write_tiny_reranker
from tests.fixtures.tiny_reader import write_tiny_reader

READERS = ("bert", "distilbert", "albert", "electra", "mobilebert", "roberta", "xlm-roberta")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try_out(TryOut(str(write_tiny_encoder(folder / "encoder")), "embedding"))
        try_out(TryOut(str(write_tiny_reranker(folder / "reranker")), "reranking"))
        for family in READERS:
            try_out(TryOut(str(write_tiny_reader(folder / family, family)), "reading"))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
