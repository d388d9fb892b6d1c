"""`alcove --self-test`: whether every part of this installation works.

It runs on the samples and in a data folder of its own, with the workers that a person's work starts, and prints a line
for each part. What is only imported when it is first needed is needed here, so that a recorded run names everything
that an installer has to hold.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from app.assistants.ask import ask
from app.assistants.chat import chat
from app.assistants.events import AnswerFinished
from app.backend import Backend, close_backend, close_translation, open_backend, open_sizing, open_translation
from app.base.edition import has_openvino, recognises_text, runs_other_models
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.paths import DataPaths, find_paths, resource, shipped_models
from app.cli.display import has_display
from app.documents.layout.formats import FORMATS
from app.engine.choose import model_to_use
from app.models.encoder_files import Kind
from app.models.installed import starter_embedder
from app.retrieval.protocol import IndexFinished

_BROKEN = "Install Alcove again."
_QUESTION = "How long is the warranty on my dishwasher?"
_ANSWERS = "dishwasher-guide.pdf"
_WORDS = "Platform nine leaves for Tidewater at noon"
_FEW_TOKENS = 8
_LEFT_OUT = "left out of this edition"
# asked for by name, so that the front stays free of them until a person downloads something
_WHEN_DOWNLOADING = (
    "huggingface_hub.HfApi",
    "httpcore2.ConnectionPool",
    "keyring.get_keyring",
    "cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PublicKey",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the parts are tried with; `folder` is theirs to write in."""

    paths: DataPaths
    backend: Backend
    folder: Path
    cancel: CancelToken


def run_self_test() -> int:
    """Try every part; returns 0 when all of them work, else 1."""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="alcove-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        paths = find_paths(folder / "home")
        works = _tried("window", lambda: _window(paths, folder))
        if works:
            start_logging(paths.logs, "self-test")
            with _opened(paths) as backend:
                trial = Trial(paths, backend, folder, CancelToken())
                for name, part in PARTS.items():
                    works = _tried(name, lambda part=part: part(trial)) and works  # type: ignore[misc]
    print("Everything works." if works else "Something does not work.")
    return 0 if works else 1


@contextmanager
def _opened(paths: DataPaths) -> Iterator[Backend]:
    backend = open_backend(paths)
    try:
        yield backend
    finally:
        close_backend(backend)


def _tried(name: str, part: Callable[[], str]) -> bool:
    started = time.monotonic()
    try:
        found, works = part(), True
    except Exception as error:  # whatever it is, the other parts are still tried
        found, works = f"{type(error).__name__}: {error}", False
    print(
        f"{'ok  ' if works else 'FAIL'}  {name:<22}{time.monotonic() - started:6.2f} s  {found}", flush=True
    )
    return works


def _window(paths: DataPaths, folder: Path) -> str:
    from app.gui.trial import colour_code, draw_page, draw_text, show_and_close

    show_and_close(paths)
    draw_page(resource("samples", "flat-lease.pdf"))
    colour_code()
    draw_text(_WORDS, folder / "departures.png")
    return "every page shown, a PDF drawn"


def _edition(_trial: Trial) -> str:
    """Said first, since what an edition lacks is no fault, and what it should hold may be."""
    parts = {
        "OpenVINO": has_openvino(),
        "text in pictures": recognises_text(),
        "models of others": runs_other_models(),
    }
    missing = [name for name, there in parts.items() if not there]
    return f"light, without {', '.join(missing)}" if missing else "full"


def _machine(trial: Trial) -> str:
    sizing, _ = open_sizing(trial.paths)
    try:
        machine = sizing.machine(trial.cancel)
    finally:
        sizing.close()
    return f"{machine.cpu.model}, computes with {', '.join(machine.cpu.features)}"


def _documents(trial: Trial) -> str:
    """The samples, and a picture whose words have to be recognised."""
    shutil.copytree(resource("samples"), trial.folder / "documents")
    shutil.copy(trial.folder / "departures.png", trial.folder / "documents")
    ended = [
        each
        for each in trial.backend.library.refresh([str(trial.folder / "documents")], trial.cancel)
        if isinstance(each, IndexFinished)
    ]
    unread = 0 if recognises_text() else 1  # the picture
    _need(bool(ended) and ended[0].failed == unread and bool(ended[0].indexed), f"not all was read: {ended}")
    return f"{ended[0].indexed} files, {ended[0].passages} passages"


def _search(trial: Trial) -> str:
    found = trial.backend.library.search(_QUESTION, trial.cancel, mode="vector")
    _need(bool(found.hits) and Path(found.hits[0].file).name == _ANSWERS, "the right document is not found")
    return _ANSWERS


def _marks(trial: Trial) -> str:
    """What the reader marks; without it everything else goes on, so nothing else would tell."""
    found = trial.backend.library.search(_QUESTION, trial.cancel, evidence=True)
    _need(found.relevant and found.marked is not None, "no answer is marked")
    assert found.marked is not None
    return found.hits[found.marked.hit].text[found.marked.start : found.marked.end]


def _pictures(trial: Trial) -> str:
    if not recognises_text():
        return _LEFT_OUT
    found = trial.backend.library.search(_WORDS, trial.cancel, mode="keyword")
    _need(bool(found.hits) and "Tidewater" in found.hits[0].text, "the words in the picture are not found")
    return found.hits[0].text.strip()


def _answer(trial: Trial) -> str:
    parts = trial.backend
    events = ask(
        _QUESTION,
        conversation=None,
        folders=[str(trial.folder / "documents")],
        library=parts.library,
        engine=parts.engine,
        model=model_to_use(parts.settings.current, parts.paths),
        conversations=None,
        cancel=trial.cancel,
        max_tokens=parts.settings.current.max_answer_tokens,
    )
    (ended,) = (each for each in events if isinstance(each, AnswerFinished))
    _need(bool(ended.text.strip()), "the answer is empty")
    _need(Path(ended.sources[0].file).name == _ANSWERS, "the answer does not come from the right document")
    return ended.text


def _chat(trial: Trial) -> str:
    parts = trial.backend
    events = chat(
        "Hello!",
        conversation=None,
        library=parts.library,
        engine=parts.engine,
        model=model_to_use(parts.settings.current, parts.paths),
        conversations=None,
        cancel=trial.cancel,
        max_tokens=_FEW_TOKENS,
    )
    (ended,) = (each for each in events if isinstance(each, AnswerFinished))
    _need(bool(ended.text), "the model says nothing")
    return ended.text


def _layouts(trial: Trial) -> str:
    """Each sample whose layout can be kept is taken apart and written again."""
    parts = open_translation(trial.backend)
    try:
        kept = [each for each in sorted(resource("samples").iterdir()) if each.suffix in FORMATS]
        for file in kept:
            texts = {each.key: each.text for each in parts.layout.segments(file, trial.cancel).segments}
            suffix = ".docx" if file.suffix == ".pdf" else file.suffix
            out = trial.folder / f"{file.stem}-again{suffix}"
            parts.layout.write(file, out, texts, "en", trial.cancel)
            _need(out.stat().st_size > 0, f"{file.name} was not written again")
        _no_translation_model(trial, parts.small_translation.try_out)
    finally:
        close_translation(parts)
    return f"{len(kept)} files written again"


def _no_translation_model(trial: Trial, try_out: Callable[[Path, CancelToken], None]) -> None:
    """None comes with Alcove; what runs them answers that this is none."""
    try:
        try_out(trial.folder, trial.cancel)
    except AppError:
        return
    raise AppError("An empty folder passes for a translation model.", _BROKEN)


def _other_models(trial: Trial) -> str:
    """What runs search models and readers that Alcove does not know: here its own, described a little differently.

    An edition without it has to say so.
    """
    embedder = Path(shutil.copytree(starter_embedder(), trial.folder / "embedder"))
    modules = embedder / "modules.json"
    modules.write_text(json.dumps(json.loads(modules.read_text("utf-8"))[:2]), "utf-8")
    reader = shipped_models() / "reader"
    tries: list[tuple[Path, Kind]] = [(embedder, "embedding"), (reader, "reading")]
    for folder, kind in tries:
        try:
            trial.backend.library.try_out(str(folder), kind, trial.cancel)
        except AppError:
            if runs_other_models():
                raise
        else:
            _need(runs_other_models(), "a model loads that this edition cannot run")
    return "a search model and a reader loaded" if runs_other_models() else _LEFT_OUT


def _downloads(_trial: Trial) -> str:
    for name in _WHEN_DOWNLOADING:
        module, _, thing = name.rpartition(".")
        getattr(import_module(module), thing)
    return f"access tokens: {type(import_module('keyring').get_keyring()).__module__}"


def _need(right: bool, otherwise: str) -> None:
    if not right:
        raise AppError(f"{otherwise[:1].upper()}{otherwise[1:]}.", _BROKEN)


PARTS: dict[str, Callable[[Trial], str]] = {
    "edition": _edition,
    "machine": _machine,
    "documents": _documents,
    "search": _search,
    "words that answer": _marks,
    "text in pictures": _pictures,
    "answer": _answer,
    "chat": _chat,
    "translated files": _layouts,
    "other search models": _other_models,
    "downloads": _downloads,
}
"""Tried in this order, after the window."""
