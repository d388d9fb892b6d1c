"""`alcove translate`: a file or a text into another language."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from app.assistants.events import Notice
from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.choosing import Wish, chat_translator, choose_translator
from app.assistants.translate.document import translate_document
from app.assistants.translate.engines import Choose, Translator
from app.assistants.translate.events import (
    DocumentOpened,
    SegmentDone,
    TextTranslated,
    TranslatedSegment,
    TranslationEvent,
    TranslationFinished,
)
from app.assistants.translate.naming import check_out, check_place
from app.assistants.translate.text import translate_text
from app.backend import Backend, TranslationParts, close_translation, open_translation
from app.base.errors import AppError
from app.base.files import write_text
from app.base.languages import find_language, language_name
from app.base.paths import check_free, is_there, person_path
from app.cli.glossary_files import terms_of
from app.cli.options import AsJson, Model, Overwrite
from app.cli.session import Session, Step, plain, print_json
from app.engine.choose import model_to_use, models_folder
from app.engine.protocol import ModelSpec
from app.models.catalog import load_catalog
from app.models.installed import installed_models
from app.storage.translation_jobs import TranslationJobs

Ending = TranslationFinished | TextTranslated
_MOST_SHOWN = 20  # flagged segments on the terminal; all of them are in the JSON


def translate_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="What to translate; - reads a text from standard input.")],
    to: Annotated[str, typer.Option("--to", metavar="LANG", help="Language to translate into.")],
    source: Annotated[
        str, typer.Option("--from", metavar="LANG", help="Language of the text; else it is recognised.")
    ] = "",
    glossary: Annotated[
        list[str] | None,
        typer.Option(metavar="F", help="Terms to use (csv, tsv, tbx); can be repeated."),
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="F", help="Write the translation here; else beside the file.")
    ] = None,
    overwrite: Overwrite = False,
    engine: Annotated[
        Wish, typer.Option(help="Who translates: the chat model or a small translation model.")
    ] = "auto",
    memory: Annotated[
        bool, typer.Option("--memory/--no-memory", help="Use and fill the translation memory.")
    ] = True,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Translate a document and keep its layout, or a text."""
    session: Session = context.obj
    target, code = find_language(to).code, find_language(source).code if source else ""
    place = None if out is None else person_path(out)
    wanted = None if file == "-" else person_path(file)
    if wanted is not None and not is_there(wanted):
        raise AppError(
            f"There is no file “{file}”.", "Check the name; a text is read from standard input: “-”."
        )
    _check_place(wanted, place)
    terms = [term for each in glossary or () for term in terms_of(person_path(each), code, target)]
    with session.backend() as (backend, token), _opened(backend) as parts:
        if place is not None and not _own(place, parts.jobs):
            check_free(place, overwrite=overwrite)
        options: dict[str, Any] = {
            "target": target, "source": code, "translator": _choosing(session, backend, parts, engine, model),
            "memory": parts.memory if memory else None, "terms": terms, "cancel": token,
        }  # fmt: skip
        if wanted is None:
            events = translate_text(sys.stdin.read(), **options)
        else:
            events = translate_document(wanted, out=place, layout=parts.layout, jobs=parts.jobs, **options)
        follow(session, events, place, as_json)


def translation_json(ending: Ending, out: Path | None = None) -> dict[str, Any]:
    """The object `--json` prints. `segments` counts them; `flagged` names those to look at; `out` null: no file was written."""
    written = (ending.out or None) if isinstance(ending, TranslationFinished) else str(out) if out else None
    found: dict[str, Any] = {
        "out": written,
        "segments": len(ending.segments),
        "flagged": [
            {
                "segment": each.key, "reason": " ".join(found.text for found in each.findings),
                "kinds": [found.kind for found in each.findings],
                "place": each.place, "source": each.source, "target": each.target,
            }
            for each in ending.segments
            if each.findings
        ],
        "engine": ending.engine,
        "source_language": ending.source_language,
        "target_language": ending.target_language,
        "state": ending.state,
        "origins": _origins(ending.segments),
    }  # fmt: skip
    if isinstance(ending, TextTranslated):
        return {**found, "text": ending.text}
    return {**found, "job": ending.job, "seconds": ending.seconds, "remarks": plain(ending.remarks)}


def _choosing(
    session: Session, backend: Backend, parts: TranslationParts, wish: Wish, model: str | None
) -> Choose:
    """Chooses once both languages are known. A model that is named is meant to translate."""
    settings = backend.settings.current
    meant: Wish = "chat" if wish == "auto" and model is not None else wish

    def chat_with(spec: ModelSpec) -> ChatTranslator:
        installed = installed_models(models_folder(settings, backend.paths))
        return chat_translator(backend.engine, spec, installed, load_catalog())

    def choose(source: str, target: str) -> Translator:
        chat = chat_with(model_to_use(settings, backend.paths, model))
        small = parts.small_translation
        choice = choose_translator(
            source, target, chat=chat, small_models=parts.small_models, small=small, wish=meant
        )
        if choice.translator is not chat:
            return choice.translator
        refusal = choice.translator.refusal(source, target)
        if refusal is not None:
            pull = f"In the terminal: “alcove models translation pull {source}-{target}”."
            raise AppError(refusal.what, f"{refusal.remedy} {pull}")
        return chat_with(session.model_to_use(backend, model))  # tuned, now that it is to answer

    return choose


def _own(out: Path, jobs: TranslationJobs) -> bool:
    """Whether an earlier translation was written there: going on with it replaces only itself."""
    return any(each.out == str(out) for each in jobs.all())


def _check_place(file: Path | None, out: Path | None) -> None:
    """Before anything runs. `file` None: a text. Raises `AppError`."""
    if out is not None and file is not None:
        check_out(file, out)
    elif out is not None:
        check_place(out)


@contextmanager
def _opened(backend: Backend) -> Iterator[TranslationParts]:
    parts = open_translation(backend)
    try:
        yield parts
    finally:
        close_translation(parts)


def follow(session: Session, events: Iterable[TranslationEvent], out: Path | None, as_json: bool) -> None:
    """Show what comes; when the work fails, what was translated by then first."""
    ending: Ending | None = None
    try:
        for event in _with_bar(session, events):
            if isinstance(event, Notice):
                session.warn(event.text)
            elif isinstance(event, TranslationFinished | TextTranslated):
                ending = event
    finally:
        if isinstance(ending, TextTranslated) and out is not None:
            _save_and_show(session, ending, out, as_json)
        elif ending is not None:
            _show(ending, None, as_json)


def _save_and_show(session: Session, ending: TextTranslated, out: Path, as_json: bool) -> None:
    """A text that cannot be saved is shown instead; half a text replaces no file."""
    if ending.state == "stopped" and out.exists():
        session.warn(f"{out.name} stays as it was, because not all of the text was translated.")
        _show(ending, None, as_json)
        return
    try:
        write_text(out, ending.text)
    except AppError:
        _show(ending, None, as_json)
        raise
    _show(ending, out, as_json)


def _with_bar(session: Session, events: Iterable[TranslationEvent]) -> Iterator[TranslationEvent]:
    names = {"text": "Translating"}

    def step(event: TranslationEvent) -> Step | None:
        if isinstance(event, DocumentOpened):
            languages = f"{language_name(event.source_language)} to {language_name(event.target_language)}"
            names["text"] = escape(f"Translating {Path(event.file).name}, {languages}")
            return Step(names["text"], 0, event.segments)
        return Step(names["text"], event.done, event.total) if isinstance(event, SegmentDone) else None

    return session.with_bar(events, "Reading the document", step)


def _show(ending: Ending, out: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(translation_json(ending, out))
        return
    if isinstance(ending, TextTranslated) and out is None:
        sys.stdout.write(ending.text if ending.text.endswith("\n") else ending.text + "\n")
        sys.stdout.flush()
        show = sys.stderr  # stdout holds the translation and nothing else
    else:
        written = ending.out if isinstance(ending, TranslationFinished) else str(out)
        print(f"Written to {written}" if written else "Nothing was translated, so no file was written.")
        print(f"{len(ending.segments)} parts, translated by {ending.engine}")
        show = sys.stdout
    for remark in ending.remarks if isinstance(ending, TranslationFinished) else ():
        print(remark, file=show)
    _show_flagged([each for each in ending.segments if each.findings], show)


def _show_flagged(flagged: list[TranslatedSegment], show: Any) -> None:
    if flagged:
        print(f"Look at {'this part' if len(flagged) == 1 else f'these {len(flagged)} parts'}:", file=show)
    for each in flagged[:_MOST_SHOWN]:
        text = " ".join(each.source.split())
        shown = text if len(text) <= 60 else text[:60].rstrip() + "…"
        where = f" ({each.place})" if each.place else ""
        print(f"  “{shown}”{where}: {' '.join(found.text for found in each.findings)}", file=show)
    if len(flagged) > _MOST_SHOWN:
        print(f"  and {len(flagged) - _MOST_SHOWN} more; --json names all of them.", file=show)


def _origins(segments: Iterable[TranslatedSegment]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in segments:
        counts[each.origin] = counts.get(each.origin, 0) + 1
    return counts
