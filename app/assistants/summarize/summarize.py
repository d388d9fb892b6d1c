"""Summarise whole documents: every passage is read, and every point is tied to the passages it comes from."""

from collections.abc import Generator, Iterator, Sequence

from app.assistants.refreshing import refresh_documents
from app.assistants.summarize.events import (
    DocumentFailed,
    Input,
    Summary,
    SummaryEvent,
    SummaryStarted,
    SummaryWritten,
    Wish,
)
from app.assistants.summarize.extractive import digest, extractive_points, points_within
from app.assistants.summarize.joint import joint_summary
from app.assistants.summarize.material import Material
from app.assistants.summarize.tree import Tree
from app.assistants.summarize.way import ModelWay, choose_way
from app.assistants.summarize.wording import text_of
from app.assistants.summarize.writing import Writer
from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.retrieval.client import Library
from app.storage.summary_parts import SummaryParts

_FEWEST_PASSAGES = 2  # a document of one passage is short enough to be read itself
_POINTS = {"brief": 4, "bullets": 7, "sections": 2, "minutes": 12, "plain": 7}


def summarize(
    inputs: Sequence[Input],
    wish: Wish,
    *,
    library: Library,
    engine: Engine,
    model: ModelSpec,
    parts: SummaryParts,
    cancel: CancelToken,
) -> Iterator[SummaryEvent]:
    """One `SummaryWritten` for each input and, of several, a joint one.

    Of several documents those that cannot be read are told as `DocumentFailed`, and the others go on. After a stop the last summary holds
    what was finished. Raises `AppError` when nothing could be summarised, and `Cancelled` when a stop came before
    there was anything to keep.
    """
    _check(inputs, wish)
    trouble: AppError | None = None
    if files := [each.file for each in inputs if each.file]:
        trouble = yield from refresh_documents(library, files, cancel)
    way = choose_way(wish, engine, model, cancel)
    writer = Writer(engine, model, library, parts, cancel)
    written: list[tuple[Material, Summary]] = []
    for number, each in enumerate(inputs, start=1):
        try:
            material = Material(each.file, digest(library, wish, cancel, file=each.file, text=each.text))
        except WorkerDied:
            raise
        except AppError as error:
            trouble = error
            if len(inputs) > 1:
                yield DocumentFailed(each.file, str(error))
            continue
        summary, broken = yield from _one(material, wish, way, writer, number, len(inputs))
        written.append((material, summary))
        yield SummaryWritten(summary)
        if broken is not None:
            raise broken
        if summary.state == "stopped":
            return
    if not written:
        raise trouble or AppError("There is nothing to summarise.", "Choose a document that holds text.")
    if len(written) > 1:
        joint = yield from joint_summary(written, wish, way, writer)
        yield SummaryWritten(joint, joint=True)


def _check(inputs: Sequence[Input], wish: Wish) -> None:
    if not inputs or not any(each.file or each.text.strip() for each in inputs):
        raise AppError("There is nothing to summarise.", "Choose a document, or paste a text.")
    if wish.sentences is not None and wish.sentences < 1:
        raise AppError("A summary has at least one sentence.", "Ask for one or more.")


def _one(
    material: Material, wish: Wish, way: ModelWay | str, writer: Writer, number: int, documents: int
) -> Generator[SummaryEvent, None, tuple[Summary, AppError | None]]:
    """The summary, and what broke it off, if anything did."""
    reason = way if isinstance(way, str) else ""
    if isinstance(way, ModelWay) and len(material.passages) < _FEWEST_PASSAGES and wish.way == "auto":
        way, reason = "", "The text is short, so its own sentences were chosen."
    if isinstance(way, str):
        everything = material.coverage(each.number for each in material.passages)
        yield SummaryStarted(number, documents, material.title, everything, 0)
        # of several documents the first says why, for all of them
        return _extractive(material, wish, reason if number == 1 else ""), None
    return (yield from _by_model(material, wish, way, writer, number, documents))


def _extractive(material: Material, wish: Wish, reason: str) -> Summary:
    points = extractive_points(material, wish)
    return Summary(
        title=material.title,
        file=material.file,
        text=text_of(points, wish.style),
        points=tuple(points),
        coverage=material.coverage(each.number for each in material.passages),
        extractive=True,
        model="",
        style=wish.style,
        state="complete",
        remarks=_remarks(material, reason),
    )


def _by_model(
    material: Material, wish: Wish, way: ModelWay, writer: Writer, number: int, documents: int
) -> Generator[SummaryEvent, None, tuple[Summary, AppError | None]]:
    tree = Tree(
        material,
        wish,
        writer,
        way.budget,
        translated=bool(wish.language),
        fallback=lambda passages, count: points_within(material, passages, count),
    )
    count = wish.sentences or _POINTS[wish.style]
    writer.calls.planned += tree.plan(count)
    yield SummaryStarted(number, documents, material.title, material.coverage(()), writer.calls.planned)
    stop: Cancelled | AppError | None = None
    try:
        yield from tree.write(count)
    except (Cancelled, AppError) as end:
        if not tree.points:
            raise
        stop = end
    own_words = tree.fell_back == tree.stretches
    reason = _fallback_reason(tree, way)
    if own_words and stop is None:
        # the best of the whole instead of the best of each stretch
        return _extractive(material, wish, reason), None
    summary = Summary(
        title=material.title,
        file=material.file,
        text=text_of(tree.points, wish.style),
        points=tuple(tree.points),
        coverage=material.coverage(tree.read),
        extractive=own_words,
        model="" if own_words else way.name,
        style=wish.style,
        state="complete" if stop is None else "stopped",
        remarks=_remarks(material, reason),
    )
    return summary, stop if isinstance(stop, AppError) else None


def _fallback_reason(tree: Tree, way: ModelWay) -> str:
    if not tree.fell_back:
        return ""
    if tree.fell_back == tree.stretches:
        return f"What {way.name} wrote was not supported by the document, so its own sentences were chosen."
    return (
        f"For {tree.fell_back} of {tree.stretches} parts the document's own sentences were chosen:"
        f" what {way.name} wrote there was not supported by it."
    )


def _remarks(material: Material, reason: str) -> tuple[str, ...]:
    return tuple(each for each in (reason, material.digested.reason) if each)
