"""Summarise whole documents: every passage is read, and every point is tied to the passages it comes from."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

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
from app.assistants.summarize.way import ModelWay, cannot, choose_way, own_words_instead
from app.assistants.summarize.wording import text_of
from app.assistants.summarize.writing import Writer
from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.documents.language import detect
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.retrieval.client import Library
from app.storage.summary_parts import SummaryParts

_FEWEST_PASSAGES = 2  # a document of one passage is short enough to be read itself
_TELL_LANGUAGE = 5  # passages
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

    Of several documents those that cannot be read are told as `DocumentFailed`, and the others go on. After a stop,
    and before an error of the model is raised, the last summary holds what was finished. Raises `AppError` when
    nothing could be summarised, and `Cancelled` when a stop came before there was anything to keep.
    """
    _check(inputs, wish)
    trouble: AppError | None = None
    if files := [each.file for each in inputs if each.file]:
        trouble = yield from refresh_documents(library, files, cancel)
    way = choose_way(wish, engine, model, cancel)
    writer = Writer(engine, model, library, parts, cancel)
    written: list[Summary] = []
    for number, each in enumerate(inputs, start=1):
        task = _Task(each, wish, way, writer, number, len(inputs))
        try:
            material = task.material(passages_only=isinstance(way, ModelWay))
        except WorkerDied:
            raise
        except AppError as error:
            trouble = trouble or error
            if len(inputs) > 1:
                yield DocumentFailed(each.file, str(error))
            continue
        summary, broken = yield from _one(task, material)
        written.append(summary)
        yield SummaryWritten(summary)
        if broken is not None:
            raise broken
        if summary.state == "stopped":
            return
    if not written:
        raise trouble or AppError("There is nothing to summarise.", "Choose a document that holds text.")
    if len(written) > 1:
        yield SummaryWritten(joint_summary(written, wish, library, cancel), joint=True)


@dataclass
class _Task:
    """One document of a run."""

    input: Input
    wish: Wish
    way: ModelWay | str
    writer: Writer
    number: int
    documents: int

    def material(self, *, passages_only: bool = False) -> Material:
        """The passages and, unless a model writes, the most telling sentences. Raises `AppError`."""
        found = digest(
            self.writer.library,
            self.wish,
            self.writer.cancel,
            file=self.input.file,
            text=self.input.text,
            passages_only=passages_only,
        )
        return Material(self.input.file, found)


def _check(inputs: Sequence[Input], wish: Wish) -> None:
    if not inputs or not any(each.file or each.text.strip() for each in inputs):
        raise AppError("There is nothing to summarise.", "Choose a document, or paste a text.")
    if wish.sentences is not None and wish.sentences < 1:
        raise AppError("A summary has at least one sentence.", "Ask for one or more.")


def _one(task: _Task, material: Material) -> Generator[SummaryEvent, None, tuple[Summary, AppError | None]]:
    """The summary, and what broke it off, if anything did."""
    way = task.way
    if isinstance(way, str):
        # of several documents the first says why, for all of them
        return (yield from _extractive(task, material, way if task.number == 1 else "")), None
    short = len(material.passages) < _FEWEST_PASSAGES and not cannot(task.wish)
    if short and task.wish.way == "auto":
        reason = "The text is short, so its own sentences were chosen."
        return (yield from _extractive(task, task.material(), reason)), None
    return (yield from _by_model(task, material, way))


def _extractive(task: _Task, material: Material, reason: str) -> Generator[SummaryEvent, None, Summary]:
    everything = material.coverage(each.number for each in material.passages)
    yield SummaryStarted(task.number, task.documents, material.title, everything, 0)
    points = extractive_points(material, task.wish)
    return Summary(
        title=material.title,
        file=material.file,
        text=text_of(points, task.wish.style),
        points=tuple(points),
        coverage=everything,
        extractive=True,
        model="",
        style=task.wish.style,
        state="complete",
        remarks=_remarks(reason, material.digested.reason),
    )


def _by_model(
    task: _Task, material: Material, way: ModelWay
) -> Generator[SummaryEvent, None, tuple[Summary, AppError | None]]:
    chosen = cache(task.material)  # the document's own sentences are only looked for where they are needed
    tree = Tree(
        material,
        task.wish,
        task.writer,
        way,
        translated=_translated(material, task.wish),
        fallback=lambda passages, count: points_within(chosen(), passages, count, task.wish),
    )
    count = task.wish.sentences or _POINTS[task.wish.style]
    calls = tree.plan(count)
    task.writer.calls.planned += calls
    yield SummaryStarted(task.number, task.documents, material.title, material.coverage(()), calls)
    stop: Cancelled | AppError | None = None
    try:
        yield from tree.write(count)
    except (Cancelled, AppError) as end:
        if not tree.points and (isinstance(end, Cancelled) or task.wish.way != "auto"):
            raise
        stop = end
    given_up = stop is None or (isinstance(stop, AppError) and task.wish.way == "auto")
    if tree.fell_back == tree.stretches and given_up:
        # the best of the whole instead of the best of each stretch
        unsupported = f"What {way.name} wrote was not supported by the document."
        said = stop.what if isinstance(stop, AppError) else unsupported
        return (yield from _extractive(task, chosen(), own_words_instead(said, task.wish))), None
    summary = _of_tree(tree, way, "complete" if stop is None else "stopped")
    return summary, stop if isinstance(stop, AppError) else None


def _of_tree(tree: Tree, way: ModelWay, state: Literal["complete", "stopped"]) -> Summary:
    own_words = tree.fell_back == tree.stretches
    return Summary(
        title=tree.material.title,
        file=tree.material.file,
        text=text_of(tree.points, tree.wish.style),
        points=tuple(tree.points),
        coverage=tree.material.coverage(tree.read),
        extractive=own_words,
        model="" if own_words else way.name,
        style=tree.wish.style,
        state=state,
        remarks=_remarks(_fallback_reason(tree, way), _left_out(tree, way), _of_the_file(tree.material)),
    )


def _translated(material: Material, wish: Wish) -> bool:
    """Whether the summary is to be in another language than the document."""
    if not wish.language:
        return False
    found = detect("\n".join(each.text for each in material.passages[:_TELL_LANGUAGE]))
    return found is None or found.code != wish.language


def _fallback_reason(tree: Tree, way: ModelWay) -> str:
    if not tree.fell_back:
        return ""
    return (
        f"For {tree.fell_back} of {tree.stretches} parts the document's own sentences were chosen:"
        f" what {way.name} wrote there was not supported by it."
    )


def _left_out(tree: Tree, way: ModelWay) -> str:
    if not tree.left_out:
        return ""
    what = "sentence" if tree.left_out == 1 else "sentences"
    return f"{tree.left_out} {what} of {way.name} left out: the document does not say so."


def _of_the_file(material: Material) -> str:
    """Why only part of a file could be read; of a pasted text the remark is about the choice of sentences."""
    return material.digested.reason if material.file else ""


def _remarks(*said: str) -> tuple[str, ...]:
    return tuple(each for each in said if each)
