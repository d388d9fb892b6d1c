"""Translating with a chat model: by its own trained prompt where it has one, else by a general one."""

from collections.abc import Callable, Iterable, Sequence

from app.assistants.prompts import instructions
from app.assistants.translate.ahead import AnswersAhead
from app.assistants.translate.engines import CutShort, Request
from app.assistants.translate.replies import loops
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.languages import language, language_name
from app.engine.client import Engine
from app.engine.protocol import Generated, Message, ModelSpec, Prompt, Sampling, TokenText
from app.models.catalog import MANY_LANGUAGES, CatalogModel

_GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
_TOKENS_BEFORE = 40  # allowed beside what the length of the source asks for
_TOKENS_A_CHARACTER = {"Latn": 0.6}  # at most, in the target for each character of the source
_OTHER_SCRIPTS = 3.0
_DENSE_SOURCE = 2.0  # a source in Chinese or Japanese says twice as much with each character
_TOKENS_A_WORD = 9  # of the source, with its translation and what is around them; a guess on the safe side
_LOOK_EVERY = 24  # pieces of the answer between two looks for a loop
_CHARACTERS_A_TOKEN = (
    2  # at least, for what goes into the context; the engine itself refuses what does not fit
)


class ChatTranslator:
    """A `Translator` with the language model behind `engine`. `known`: the model in the catalogue, None for others.

    `languages`: codes it is known to cover; empty where nobody says. `others`: models to name where this one refuses.
    """

    keeps_tags = True

    def __init__(
        self,
        engine: Engine,
        spec: ModelSpec,
        known: CatalogModel | None,
        others: Iterable[CatalogModel] = (),
    ) -> None:
        self._engine = engine
        self._spec = spec
        self._known = known
        self.name = spec.shown_name
        self._trained = known.translation if known is not None else None
        self.languages = () if known is None else _languages(known)
        self._ahead = AnswersAhead(engine, spec)
        self._others = tuple(each for each in others if each.available and "translation" in each.purposes)

    @property
    def longest(self) -> int:
        """A text, its translation and the instructions have to fit into the context, with room for a poor tokenizer."""
        return max(20, self._spec.context_length // _TOKENS_A_WORD)

    @property
    def looks_ahead(self) -> bool:
        """Only where it was trained to translate a text by itself: else each is shown what was translated before."""
        return self._trained is not None

    def look_ahead(self, requests: Sequence[Request], cancel: CancelToken) -> None:
        """Several of them are then written at once."""
        prompts = [Prompt(self._messages(each), _GREEDY, _most_tokens(each)) for each in requests]
        self._ahead.begin(prompts, cancel)

    def refusal(self, source: str, target: str) -> AppError | None:
        """Why it must not translate between these languages: its makers trained it for others."""
        if not self.languages or MANY_LANGUAGES in self.languages:
            return None
        uncovered = [each for each in (target, source) if not _among(each, self.languages)]
        if not uncovered:
            return None
        name = self._known.name if self._known is not None else self.name
        into = " or ".join(language_name(each) for each in uncovered)
        return AppError(
            f"{name} was trained for {_listed(self.languages)}, so it would not translate {into} properly.",
            f"Choose a model in Models that covers {language_name(uncovered[0])}{self._example(source, target)}, or add a"
            f" small translation model for {language_name(source)} to {language_name(target)}.",
        )

    def _example(self, source: str, target: str) -> str:
        """The smallest of the others whose makers name both languages."""
        covering = [
            each for each in self._others if all(_among(code, _languages(each)) for code in (source, target))
        ]
        if not covering:
            return ""
        return f", for example {min(covering, key=lambda each: each.parameters).name}"

    def caution(self, source: str, target: str) -> str:
        """A sentence where nobody says that the model covers the languages, else ""."""
        if not self.languages:
            return f"Alcove does not know which languages {self.name} covers, so look at the translation with care."
        unnamed = [each for each in (source, target) if not _among(each, self.languages)]
        if not unnamed or self.refusal(source, target) is not None:
            return ""
        return (
            f"The makers of {self.name} name many languages, but not {language_name(unnamed[0])} by itself, so look at"
            " the translation with care."
        )

    def translate(self, request: Request, cancel: CancelToken) -> str:
        """What the model writes, cut off where it begins to run in circles.

        An answer that reaches its limit is asked for again with twice the room. Raises `AppError`, `CutShort` when that
        is not enough either, and `Cancelled`.
        """
        limit = _most_tokens(request)
        try:
            written = self._ahead.take(self._messages(request))
            if written is None:
                return self._answer(request, limit, cancel)
            if written.report.reason != "length" or loops(written.text):
                return written.text
            raise CutShort(written.text)
        except CutShort:
            return self._answer(request, 2 * limit, cancel)

    def _answer(self, request: Request, limit: int, cancel: CancelToken) -> str:
        text = ""
        pieces = 0
        messages = self._messages(request)
        answer = self._engine.chat(self._spec, messages, _GREEDY, limit, cancel)
        try:
            for reply in answer:
                if isinstance(reply, TokenText):
                    text += reply.text
                    pieces += 1
                    if pieces % _LOOK_EVERY == 0 and loops(text) and not loops(request.text):
                        break
                elif isinstance(reply, Generated):
                    if reply.reason == "length" and not loops(text):
                        raise CutShort(text)
                    break
        finally:
            close: Callable[[], None] = getattr(answer, "close", lambda: None)
            close()  # the engine stops with it
        return text

    def _messages(self, request: Request) -> tuple[Message, ...]:
        """What stays the same from one segment to the next comes first."""
        if self._trained is not None:
            prompt = _named(self._trained.prompt, request, codes=self._trained.code_names)
            return (Message("user", _asked(request, prompt.replace("{text}", request.text))),)
        system = _named(instructions("translate"), request, codes=False)
        shown: list[Message] = []
        for source, target in self._that_fit(request, system):
            shown += (Message("user", source), Message("assistant", target))
        return (Message("system", system), *shown, Message("user", _asked(request, request.text)))

    def _that_fit(self, request: Request, system: str) -> list[tuple[str, str]]:
        """The pairs before, as far as they leave room for the text and its translation."""
        room = self._spec.context_length * _CHARACTERS_A_TOKEN
        room -= len(system) + 4 * len(request.text) + 4 * _TOKENS_BEFORE
        fitting: list[tuple[str, str]] = []
        for pair in reversed(request.before):
            room -= len(pair[0]) + len(pair[1])
            if room < 0:
                break
            fitting.insert(0, pair)
        return fitting


def _asked(request: Request, text: str) -> str:
    """`text`, with what is said about this request alone in front."""
    about: list[str] = []
    if request.terms:
        about.append(instructions("translate_terms"))
        about += [f"{source} = {target}" for source, target in request.terms]
    if request.complaint:
        about.append(f"{instructions('translate_again')} {request.complaint}")
    return "\n".join([*about, "", text]) if about else text


def _named(prompt: str, request: Request, *, codes: bool) -> str:
    """With the languages filled in; whatever else stands in braces stays."""
    for name, code in (("source_language", request.source), ("target_language", request.target)):
        prompt = prompt.replace(f"{{{name}}}", code if codes else language_name(code))
    return prompt


def _most_tokens(request: Request) -> int:
    target = language(request.target)
    source = language(request.source)
    each = _TOKENS_A_CHARACTER.get(target.script if target else "", _OTHER_SCRIPTS)
    if source is not None and source.script in ("Hans", "Hant", "Jpan", "Kore"):
        each *= _DENSE_SOURCE
    return _TOKENS_BEFORE + round(len(request.text) * each)


def _languages(model: CatalogModel) -> tuple[str, ...]:
    """What it translates, by its makers."""
    return (model.translation and model.translation.languages) or model.languages


def _among(code: str, languages: tuple[str, ...]) -> bool:
    found = language(code)
    return code in languages or (found is not None and found.base in languages)


def _listed(languages: tuple[str, ...]) -> str:
    names = [language_name(each) for each in languages]
    if len(names) == 1:
        return f"{names[0]} only"
    if len(names) > 6:
        return f"{', '.join(names[:5])} and {len(names) - 5} more languages"
    return f"{', '.join(names[:-1])} and {names[-1]}"
