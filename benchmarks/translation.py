"""What translating costs beside the model, and whether anything is lost to an engine that damages texts.

Overhead: an engine that answers at once with its own text, sentences of NTREX with tags and numbers added, a memory of
100,000 entries and a glossary of 50 terms; the limit is 5 ms a segment. Mangling: 1,000 generated segments through an
engine that drops, repeats, swaps, breaks and translates tags, marks, numbers, signs, units and words like “million”;
nothing may be lost, and no damage may pass in silence.
Run: python -m benchmarks.translation
"""

import itertools
import random
import re
import statistics
import tempfile
import time
from pathlib import Path

from app.assistants.translate.engines import Request
from app.assistants.translate.segments import SegmentTranslator
from app.base.jobs import CancelToken
from app.documents.language import detect
from app.storage.database import open_database
from app.storage.glossaries import Term
from app.storage.migrations import USER
from app.storage.translation_memory import TranslationMemory
from benchmarks.libraries import shared_data
from tests.fixtures.mangling import IdentityEngine, ManglingEngine, mangle, samples

_LIMIT_MS = 5.0
_WORD = re.compile(r"(?<![\w{</@.:])[A-Za-z]+(?![\w}>/@:]|\.\w)")
_ENTRIES = 100_000
_SEGMENTS = 1_000
_LANGUAGES = {"ar": "ref.arb", "de": "ref.deu", "en": "src.eng", "es": "ref.spa", "fr": "ref.fra", "ja": "ref.jpn", "zh": "ref.zho-CN"}  # fmt: skip


def main() -> None:
    shared = shared_data()
    if shared is None:
        print("translation: overhead and detection are skipped, the NTREX data is not here")
    else:
        texts = {code: _lines(shared, name) for code, name in _LANGUAGES.items()}
        _overhead(texts["en"], texts["de"])
        _detection(texts)
    _mangling()


def _lines(shared: Path, name: str) -> list[str]:
    return (shared / "translation" / "ntrex" / f"newstest2019-{name}.txt").read_text("utf-8").splitlines()


def _overhead(sentences: list[str], german: list[str]) -> None:
    started = time.process_time()
    for _ in itertools.repeat(None, 10_000_000):
        pass
    print(f"this machine: ten million turns of an empty loop take {time.process_time() - started:.2f} s")
    chosen = random.Random(1)
    words = sorted({word for each in sentences for word in each.split() if word.isalpha() and len(word) > 4})
    terms = [Term(word, word) for word in chosen.sample(words, 50)]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "user.db", USER, durable=True)
        memory = TranslationMemory(database)
        entries = ((" ".join(chosen.sample(words, chosen.randint(5, 25))), f"entry {number}") for number in range(_ENTRIES))  # fmt: skip
        memory.remember("en", "de", entries, "import")
        for name, keeps_tags in (("chat", True), ("small", False)):
            pipeline = SegmentTranslator(
                _Words(german, keeps_tags=keeps_tags), source="en", target="de", memory=memory, terms=terms
            )
            pipeline.translate(
                "The first text loads what is needed for recognising languages.", CancelToken()
            )
            taken = []
            for text in map(_decorated, sentences[:_SEGMENTS], range(_SEGMENTS)):
                started = time.perf_counter()
                pipeline.translate(text, CancelToken())
                taken.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            pipeline.remember()
            kept = (time.perf_counter() - started) * 1000 / _SEGMENTS
            quantiles = statistics.quantiles(taken, n=20)
            print(
                f"overhead, {name} engine: median {statistics.median(taken):.2f} ms, p95 {quantiles[-1]:.2f} ms a segment,"
                f" and {kept:.2f} ms to remember it (limit {_LIMIT_MS} ms)"
            )
        database.close()


class _Words(IdentityEngine):
    """Puts words of German sentences in the place of words: right in form, so that nothing is asked twice."""

    def __init__(self, sentences: list[str], *, keeps_tags: bool) -> None:
        super().__init__(keeps_tags=keeps_tags)
        words = (word for each in sentences for word in each.split() if word.isalpha())
        self._words = itertools.cycle(words)

    def answer(self, request: Request) -> str:
        return _WORD.sub(lambda _: next(self._words), request.text)


def _decorated(sentence: str, number: int) -> str:
    words = sentence.split()
    middle = len(words) // 2
    words[middle] = f"<g1>{words[middle]}</g1>"
    return " ".join([*words, f"({number} mg, https://example.org/{number})<x2>"])


def _detection(texts: dict[str, list[str]]) -> None:
    for name, cut in (("sentences", None), ("first 3 words", 3)):
        for among in ((), tuple(texts)):
            right = unsure = total = 0
            for code, lines in texts.items():
                for line in lines[::4]:
                    dense = code in ("ja", "zh")
                    text = line if cut is None else line[:6] if dense else " ".join(line.split()[:cut])
                    found = detect(text, among)
                    right += found is not None and found.code == code
                    unsure += found is None
                    total += 1
            wrong = total - right - unsure
            print(
                f"detection, {name}, among {len(among) or 'all'}: right {right / total:.3f}, unsure {unsure / total:.3f},"
                f" wrong {wrong / total:.3f}"
            )


def _mangling() -> None:
    for name, keeps_tags in (("chat", True), ("small", False)):
        outcomes = mangle(samples(_SEGMENTS, seed=1), ManglingEngine(1, keeps_tags=keeps_tags))
        share = outcomes.flagged / max(1, outcomes.damaged)
        print(
            f"mangling, {name} engine: {_SEGMENTS} segments, {outcomes.damaged} damaged, {share:.0%} of them flagged,"
            f" {outcomes.kept} kept in the source language, {len(outcomes.lost)} values lost, {len(outcomes.silent)} in silence"
        )


if __name__ == "__main__":
    main()
