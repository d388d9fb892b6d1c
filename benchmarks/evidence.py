"""How often the sentence shown as evidence holds the true answer, given the right passage.

SQuAD training questions over their own paragraph; a plain choice by sentence similarity stands beside it.
Run: python -m benchmarks.evidence
"""

import random

from app.documents.document import Place
from app.documents.sentences import sentences
from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder
from app.retrieval.evidence import WeighedSentences
from app.retrieval.protocol import Hit
from benchmarks.libraries import shared_data, squad

_QUESTIONS = 300


def main() -> None:
    shared = shared_data()
    if shared is None:
        print("evidence: skipped, the SQuAD data is not here")
        return
    articles, questions = squad(shared / "squad" / "train.json")
    paragraphs = [text for article in articles for text in article]
    embedder = Embedder(starter_embedder())
    chosen = random.Random(2).sample(
        [each for each in questions if len(sentences(paragraphs[each.paragraph])) > 2], _QUESTIONS
    )
    first = plain = length = 0
    for question in chosen:
        text = paragraphs[question.paragraph]
        vector = embedder.embed([question.text])[0]
        hit = Hit("f", Place("document", 1), "", text, 0, len(text), 0.0, 0.0)
        (found,) = WeighedSentences(question.text, vector, [hit], embedder).telling()
        best = found.evidence[0]
        spans = sentences(text)
        cosines = embedder.embed([text[start:end] for start, end in spans]) @ vector
        start, end = spans[int(cosines.argmax())]
        plain += any(answer in text[start:end] for answer in question.answers)
        first += any(answer in text[best.start : best.end] for answer in question.answers)
        length += best.end - best.start
    print(f"{len(chosen)} questions: best evidence holds the answer {first / len(chosen):.3f},"
          f" plain similarity {plain / len(chosen):.3f};"
          f" {length / len(chosen):.0f} characters shown")  # fmt: skip


if __name__ == "__main__":
    main()
