"""What the Translate page asks of the rest of Alcove. Everything here runs on a job's thread."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.assistants.translate.events import TranslationEvent
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.translate.how_loaded import HowLoaded
from app.gui.translate.wishes import EngineFacts, FileWish, TextWish
from app.storage.glossaries import Glossary, Term

if TYPE_CHECKING:
    from app.assistants.translate.choosing import Choice
    from app.assistants.translate.engines import Translator
    from app.backend import TranslationParts


_QUICK_BYTES = 8 << 20  # of a document that is looked into before it is translated


class Work:
    """Opens its parts when they are first needed; `close` ends them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._parts: TranslationParts | None = None

    @property
    def parts(self) -> "TranslationParts":
        """Raises `AppError` when they cannot be opened."""
        from app.backend import open_translation

        with self._lock:
            if self._parts is None:
                self._parts = open_translation(self._backend)
            return self._parts

    def close(self) -> None:
        from app.backend import close_translation

        with self._lock:
            if self._parts is not None:
                close_translation(self._parts)
                self._parts = None

    def detect(self, text: str, _cancel: CancelToken) -> Iterator[str]:
        """The code of the language of `text`, "" when it does not tell."""
        from app.documents.language import detect

        found = detect(text)
        yield found.code if found is not None else ""

    def detect_file(self, file: Path, target: str, cancel: CancelToken) -> Iterator[str]:
        """The code of the language of the document, other than `target`; "" when its start is to tell, or to fail."""
        from app.assistants.translate.languages_of import source_language

        with suppress(AppError, OSError):
            if file.stat().st_size <= _QUICK_BYTES:
                segments = self.parts.layout.segments(file, cancel).segments
                yield source_language([each.text for each in segments], target=target)
                return
        yield ""

    def engine(self, source: str, target: str, _cancel: CancelToken) -> Iterator[EngineFacts]:
        """What would translate from `source` ("": not known) into `target`."""
        from app.assistants.translate.chat_translator import ChatTranslator

        try:
            choice = self._choice(source, target)
        except AppError as error:
            yield EngineFacts("", refusal=error)
            return
        translator = choice.translator
        pair = (source, target) if source else ()
        languages = translator.languages if isinstance(translator, ChatTranslator) else pair
        yield EngineFacts(translator.name, languages, _refusal(translator, source, target), choice.why)

    def text(self, wish: TextWish, cancel: CancelToken) -> Iterator[TranslationEvent]:
        from app.assistants.translate.text import translate_text

        general = [each for each in self.parts.glossaries.all() if not each.collection]
        how = HowLoaded(self._backend.engine, self.translator)
        events = translate_text(
            wish.text,
            source=wish.source,
            target=wish.target,
            translator=how.choose,
            memory=self.parts.memory,
            terms=self._terms(_fitting(general, wish.source, wish.target)),
            cancel=cancel,
        )
        yield from how.told(events)

    def file(self, wish: FileWish, cancel: CancelToken) -> Iterator[TranslationEvent]:
        from app.assistants.translate.document import translate_document

        if wish.glossaries is None:
            terms = self.terms_of(wish.file, wish.source, wish.target)
        else:
            chosen = wish.glossaries
            terms = self._terms(each for each in self.parts.glossaries.all() if each.id in chosen)
        how = HowLoaded(self._backend.engine, self.translator)
        events = translate_document(
            wish.file,
            source=wish.source,
            target=wish.target,
            out=wish.out,
            translator=how.choose,
            layout=self.parts.layout,
            memory=self.parts.memory,
            terms=terms,
            jobs=self.parts.jobs,
            cancel=cancel,
        )
        yield from how.told(events)

    def glossaries_for(self, file: Path | None) -> tuple[list[Glossary], list[int]]:
        """All of them, and the ids of those for this file: those for all documents and those of its collections."""
        every = self.parts.glossaries.all()
        return every, [each.id for each in every if self._concerns(each, file)]

    def terms_of(self, file: Path, source: str, target: str) -> Sequence[Term]:
        """Those of the glossaries that are for this file and these languages."""
        every = self.parts.glossaries.all()
        return self._terms(_fitting([each for each in every if self._concerns(each, file)], source, target))

    def _concerns(self, glossary: Glossary, file: Path | None) -> bool:
        if not glossary.collection:
            return True
        found = self._backend.collections.get(glossary.collection)
        return found is not None and file is not None and any(map(file.is_relative_to, found.folders))

    def _terms(self, glossaries: Iterable[Glossary]) -> Sequence[Term]:
        return [term for each in glossaries for term in self.parts.glossaries.terms(each.id)]

    def translator(self, source: str, target: str) -> "Translator":
        return self._choice(source, target).translator

    def _choice(self, source: str, target: str) -> "Choice":
        """As the models are now. Raises `AppError` when the chosen model is gone."""
        from app.assistants.translate.choosing import chat_translator, choose_translator
        from app.engine.choose import model_to_use, models_folder
        from app.models.catalog import load_catalog
        from app.models.installed import installed_models

        settings, paths = self._backend.settings.current, self._backend.paths
        spec = model_to_use(settings, paths)
        installed = installed_models(models_folder(settings, paths))
        return choose_translator(
            source,
            target,
            chat=chat_translator(self._backend.engine, spec, installed, load_catalog()),
            small_models=self.parts.small_models,
            small=self.parts.small_translation,
        )


def _refusal(translator: "Translator", source: str, target: str) -> AppError | None:
    """While the source is not known, only the target tells; English stands for the source in what is said."""
    if source:
        return translator.refusal(source, target)
    return translator.refusal("en", target) if translator.refusal(target, target) is not None else None


def _fitting(glossaries: Iterable[Glossary], source: str, target: str) -> list[Glossary]:
    return [
        each for each in glossaries if each.target_language == target and source in ("", each.source_language)
    ]
