"""Questions over documents, answered and refused: Alcove beside the plain pipeline, the same weights, in one run.

The library: SQuAD's eval articles but the last, each paragraph a file of its own. Nothing was trained or tuned on them.
Half of the questions are answered there; a quarter only seem to be (people wrote them so); a quarter are about the last
article, which is not there. The plain pipeline pastes the five nearest passages into one
prompt. A second library are Alcove's own samples with questions of their own, on which the judgement was fitted as well.

"search and reader" asks every question; "whole" asks `--asked` of them, with the language model's sentences, and the plain
pipeline the same ones. The exact answer is what stands above the sentences; `F1 of all words` counts those as well.
Run: python -m benchmarks.answers [--asked 100] [--all 800]
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.assistants.ask import ask
from app.assistants.events import AnswerFinished, NotInDocuments, Source, SourcesFound, TokenAdded
from app.backend import Backend, close_backend, open_backend
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.base.settings import CAUTION
from app.documents.document import Place
from app.documents.limits import Limits
from app.documents.reading import read_document
from app.engine.choose import model_to_use
from app.engine.protocol import Message, ModelSpec, Sampling, TokenText
from app.models.calibration import shipped_calibration
from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder
from app.retrieval.evidence import WeighedSentences
from app.retrieval.protocol import Hit
from app.retrieval.readers.serving_reader import open_reader
from benchmarks.asked import (
    Article,
    Asked,
    articles,
    balanced,
    contains,
    exact,
    f1,
    mean,
    percentile,
    samples,
    write_articles,
)
from benchmarks.libraries import shared_data

_SEED = 11
_ANSWER_TOKENS = 120
_TIMED = 200
_PLAIN = "Answer the question from these passages. If they do not answer it, say “I don't know”.\n\n"
_REFUSING = (
    "don't know",
    "do not know",
    "not mentioned",
    "not answer",
    "no information",
    "cannot",
    "not provide",
)


@dataclass(slots=True)
class _Tally:
    """What came of questions; shares of those they concern."""

    found_1: list[bool] = field(default_factory=list)
    found_5: list[bool] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    f1_all: list[float] = field(default_factory=list)
    judged: list[tuple[bool, bool]] = field(default_factory=list)
    likely: list[tuple[Asked, float]] = field(default_factory=list)
    refused_seeming: list[bool] = field(default_factory=list)
    refused_elsewhere: list[bool] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    quoted_first: list[bool] = field(default_factory=list)
    invented: int = 0
    first_source: list[float] = field(default_factory=list)
    first_token: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)

    def judge(self, asked: Asked, *, answered: bool) -> None:
        self.judged.append((bool(asked.answers), answered))
        if not asked.answers:
            (self.refused_seeming if asked.file else self.refused_elsewhere).append(not answered)

    def lines(self) -> list[tuple[str, str]]:
        right, false, accuracy = balanced(self.judged)
        return [
            ("questions", f"{len(self.judged)}"),
            ("recall@1 / @5", f"{mean(self.found_1):.3f} / {mean(self.found_5):.3f}"),
            ("exact match", f"{mean(self.exact):.3f}"),
            ("F1", f"{mean(self.f1):.3f}"),
            ("F1 of all words", f"{mean(self.f1_all):.3f}"),
            ("right refusals", f"{right:.3f}"),
            ("  not in the library", f"{mean(self.refused_elsewhere):.3f}"),
            ("  seemingly answered", f"{mean(self.refused_seeming):.3f}"),
            ("false refusals", f"{false:.3f}"),
            ("balanced accuracy", f"{accuracy:.3f}"),
            ("a quote holds the answer", f"{mean(self.quoted):.3f}"),
            ("the first quote does", f"{mean(self.quoted_first):.3f}"),
            ("quotes not in the source", f"{self.invented}"),
            ("first source, s", _middle(self.first_source)),
            ("first word, s", _middle(self.first_token)),
            ("whole answer, s", _middle(self.total)),
        ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--asked", type=int, default=100, help="questions with the language model")
    parser.add_argument("--all", type=int, default=800, help="questions of search and reader at most")
    options = parser.parse_args()
    shared = shared_data()
    if shared is None:
        print("answers: skipped, the SQuAD data is not here")
        return
    with tempfile.TemporaryDirectory() as name:
        numbered = list(enumerate(articles(shared / "squad" / "eval.json")))
        *inside, (_, outside) = numbered
        write_articles(Path(name, "eval"), inside)
        sorts = _sorts([article for _, article in inside], outside)
        asked = _mixed(sorts, options.all)
        columns = _columns(Path(name), Path(name, "eval"), asked, _mixed(sorts, options.asked))
        folder, own = samples()
        columns |= {
            f"samples*, {key}": each
            for key, each in _columns(Path(name), folder, own, own).items()
            if key != "plain"
        }
        _print(columns)
        _print_levels(columns)
        _time_reader([each for _, each in numbered])


def _columns(work: Path, folder: Path, asked: Sequence[Asked], some: Sequence[Asked]) -> dict[str, _Tally]:
    backend = open_backend(find_paths(work / f"home-{folder.name}"))
    try:
        for _ in backend.library.refresh([str(folder)], CancelToken()):
            pass
        found = {"search and reader": _Tally(), "whole": _Tally(), "plain": _Tally()}
        for each in asked:
            _search(backend, each, found["search and reader"])
        model = model_to_use(backend.settings.current, backend.paths, None)
        for each in some:
            _whole(backend, model, folder, each, found["whole"])
            if asked is not some:
                _plain(backend, model, each, found["plain"])
        return found
    finally:
        close_backend(backend)


def _sorts(inside: Sequence[Article], outside: Article) -> tuple[list[Asked], list[Asked], list[Asked]]:
    """Answered, seemingly answered, not in the library; each in an order of chance."""
    own = [each for article in inside for each in article.asked]
    sorts = (
        [each for each in own if each.answers],
        [each for each in own if not each.answers],
        [Asked(each.question, (), "") for each in outside.asked if each.answers],
    )
    chance = random.Random(_SEED)
    for sort in sorts:
        chance.shuffle(sort)
    return sorts


def _mixed(sorts: tuple[list[Asked], list[Asked], list[Asked]], count: int) -> list[Asked]:
    """Half answered, a quarter of each of the others; fewer where there are not as many."""
    count = min(count, 2 * len(sorts[0]), 4 * len(sorts[1]), 4 * len(sorts[2]))
    return [*sorts[0][: count // 2], *sorts[1][: count // 4], *sorts[2][: count // 4]]


def _search(backend: Backend, each: Asked, tally: _Tally) -> None:
    started = time.perf_counter()
    result = backend.library.search(each.question, CancelToken(), k=5, evidence=True)
    tally.first_source.append(time.perf_counter() - started)
    tally.judge(each, answered=result.relevant)
    tally.likely.append((each, result.answerability))
    if not each.answers:
        return
    files = [Path(hit.file).name for hit in result.hits]
    tally.found_1.append(each.file in files[:1])
    tally.found_5.append(each.file in files[:5])
    text = ""
    if result.relevant and result.marked:
        text = result.hits[result.marked.hit].text[result.marked.start : result.marked.end]
    tally.exact.append(exact(text, each.answers))
    tally.f1.append(f1(text, each.answers))
    if result.relevant and each.file in files:
        quotes = [[hit.text[span.start : span.end] for span in hit.evidence] for hit in result.hits]
        own = [
            quote for name, of_hit in zip(files, quotes, strict=True) if name == each.file for quote in of_hit
        ]
        first = result.marked.hit if result.marked else 0
        tally.quoted.append(any(contains(quote, each.answers) for quote in own))
        tally.quoted_first.append(any(contains(quote, each.answers) for quote in quotes[first]))


def _whole(backend: Backend, model: ModelSpec, folder: Path, each: Asked, tally: _Tally) -> None:
    started = time.perf_counter()
    first_source = first_token = 0.0
    ending: AnswerFinished | NotInDocuments | None = None
    for event in ask(
        each.question,
        conversation=None,
        folders=[str(folder)],
        library=backend.library,
        engine=backend.engine,
        model=model,
        conversations=None,
        cancel=CancelToken(),
        max_tokens=_ANSWER_TOKENS,
        refresh=False,
    ):
        now = time.perf_counter() - started
        if isinstance(event, SourcesFound):
            first_source = now
        elif isinstance(event, TokenAdded):
            first_token = first_token or now
        elif isinstance(event, AnswerFinished | NotInDocuments):
            ending = event
    assert ending is not None
    answered = isinstance(ending, AnswerFinished)
    tally.judge(each, answered=answered)
    sources = ending.sources if isinstance(ending, AnswerFinished) else ending.nearest
    tally.invented += sum(not _stands_there(source, ending) for source in sources)
    if answered:
        tally.first_source.append(first_source)
        tally.first_token.append(first_token or now)
        tally.total.append(now)
    if not each.answers:
        return
    files = [Path(source.file).name for source in sources]
    tally.found_1.append(each.file in files[:1])
    tally.found_5.append(each.file in files[:5])
    lead = ending.lead if isinstance(ending, AnswerFinished) else None
    short = lead.text if lead else ending.text if answered else ""
    tally.exact.append(exact(short, each.answers))
    tally.f1.append(f1(short, each.answers))
    tally.f1_all.append(f1(ending.text if answered else "", each.answers))
    if answered and each.file in files:
        own = [source.quote for source in sources if Path(source.file).name == each.file]
        tally.quoted.append(any(contains(quote, each.answers) for quote in own))
        tally.quoted_first.append(contains(sources[0].quote, each.answers))


def _stands_there(source: Source, ending: AnswerFinished | NotInDocuments) -> bool:
    """Whether the file itself, read anew, says at the offsets told what is quoted, in the source and in the claims."""
    document = read_document(Path(source.file), Limits()).document
    assert document is not None
    text = next(each.text for each in document.places if each.place == source.place)
    claims = ending.claims if isinstance(ending, AnswerFinished) else ()
    lead = ending.lead if isinstance(ending, AnswerFinished) else None
    quotes = [each for claim in claims for each in claim.quotes if each.source == source.number]
    return (
        text[source.start : source.end] == source.quote
        and all(text[each.start : each.end].strip() for each in quotes)
        and (lead is None or lead.source != source.number or text[lead.start : lead.end] == lead.text)
    )


def _plain(backend: Backend, model: ModelSpec, each: Asked, tally: _Tally) -> None:
    started = time.perf_counter()
    result = backend.library.search(each.question, CancelToken(), k=5, mode="vector")
    body = "\n\n".join(hit.text for hit in result.hits)
    messages = (Message("user", f"{_PLAIN}{body}\n\nQuestion: {each.question}\nAnswer:"),)
    tally.first_source.append(time.perf_counter() - started)
    text, first_token = "", 0.0
    for reply in backend.engine.chat(
        model, messages, Sampling(temperature=0.0), _ANSWER_TOKENS, CancelToken()
    ):
        if isinstance(reply, TokenText):
            first_token = first_token or time.perf_counter() - started
            text += reply.text
    tally.first_token.append(first_token)
    tally.total.append(time.perf_counter() - started)
    answered = not any(words in text.lower() for words in _REFUSING)
    tally.judge(each, answered=answered)
    if each.answers:
        files = [Path(hit.file).name for hit in result.hits]
        tally.found_1.append(each.file in files[:1])
        tally.found_5.append(each.file in files[:5])
        for values in (tally.f1, tally.f1_all):
            values.append(f1(text, each.answers))
        tally.exact.append(exact(text, each.answers))


def _print(columns: dict[str, _Tally]) -> None:
    tables = {name: each.lines() for name, each in columns.items() if each.judged}
    print("*: the judgement was fitted on these questions, too")
    print(f"{'':26}" + "".join(f"{name:>28}" for name in tables))
    for row, (label, _) in enumerate(next(iter(tables.values()))):
        print(f"{label:26}" + "".join(f"{lines[row][1]:>28}" for lines in tables.values()))


def _print_levels(columns: dict[str, _Tally]) -> None:
    """What the settings of caution would have done; the rates they show were measured on other questions."""
    levels = shipped_calibration(reader=True).levels
    for name, each in columns.items():
        for caution, level in enumerate(levels):
            if not each.likely:
                continue
            tally = _Tally()
            for asked, probability in each.likely:
                tally.judge(asked, answered=probability >= level.least)
            right, false, accuracy = balanced(tally.judged)
            seeming = f"seemingly answered {mean(tally.refused_seeming):.3f}"
            default = " (default)" if caution == CAUTION else ""
            print(
                f"{name}, caution {caution}{default}: right refusals {right:.3f} ({seeming}), false {false:.3f}, "
                f"balanced accuracy {accuracy:.3f}"
            )


def _time_reader(found: Sequence[Article]) -> None:
    """Five passages at a time, those that search finds: the nearest paragraphs, of which it sees what it would see there."""
    reader, embedder = open_reader(), Embedder(starter_embedder())
    texts = [text for article in found for text in article.paragraphs]
    cut = [text[: 4 * 200] for text in texts]  # about 200 tokens, as passages have
    vectors = embedder.embed(cut)
    asked = random.Random(_SEED).sample([each for article in found for each in article.asked], _TIMED)
    whole: tuple[list[float], list[float]] = [], []
    seen: tuple[list[float], list[float]] = [], []
    for each in asked:
        vector = embedder.embed_query(each.question)
        nearest = [cut[index] for index in (-(vectors @ vector)).argsort()[:5]]
        hits = [Hit("", Place("document", 1), "", text, 0, len(text), 0.0, 0.0) for text in nearest]
        windows = WeighedSentences(each.question, vector, hits, embedder).windows()
        parts = [text[part.start : part.end] for text, part in zip(nearest, windows, strict=True)]
        for passages, (times, right) in ((parts, seen), (nearest, whole)):
            started = time.perf_counter()
            spans = reader.read(each.question, passages)
            times.append(1000 * (time.perf_counter() - started))
            if each.answers:
                text, span = max(zip(passages, spans, strict=True), key=lambda both: both[1].score)
                right.append(exact(text[span.start : span.end], each.answers))
    for name, (times, right), limit in (
        ("reader, 5 passages", seen, " (limit 150)"),
        ("  all of each", whole, ""),
    ):
        print(
            f"{name}: p50 {statistics.median(times):.0f} ms, p95 {percentile(times, 0.95):.0f} ms{limit},"
            f" its highest mark is the answer in {mean(right):.3f} of {len(right)}"
        )


def _middle(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f}" if values else "-"


if __name__ == "__main__":
    main()
