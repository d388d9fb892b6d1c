"""Numbers and codes of the catalogue in words for people."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLocale

from app.assistants.choose_model import WORDS_PER_TOKEN
from app.gui.models.wording import purposes
from app.models.catalog import MANY_LANGUAGES, Fact, Purpose, Tier


def tokens_and_words(tokens: int) -> str:
    """ "8,192 tokens ≈ 6,000 words"."""
    locale = QLocale()
    said = QCoreApplication.translate("ModelDetail", "{tokens} tokens ≈ {words} words")
    return said.format(tokens=locale.toString(tokens), words=locale.toString(words_in(tokens)))


def words_in(tokens: int) -> int:
    """English words that fit into `tokens`, as round as the guess is."""
    words = tokens * WORDS_PER_TOKEN
    step = 100 if words < 1000 else 500 if words < 8000 else 1000
    return max(step, round(words / step) * step)


def tier_name(tier: Tier) -> str:
    return {
        "starter": QCoreApplication.translate("ModelDetail", "Starter"),
        "fast": QCoreApplication.translate("ModelDetail", "Fast"),
        "balanced": QCoreApplication.translate("ModelDetail", "Balanced"),
        "best": QCoreApplication.translate("ModelDetail", "Best answers"),
    }[tier]


def purposes_in_words(wanted: Sequence[Purpose]) -> str:
    """ "Chat, code"."""
    return _sentence_case(", ".join(name.lower() for each, name in purposes() if each in wanted))


def languages_in_words(codes: Sequence[str]) -> str:
    """ "English, Chinese and many more"; a code that Qt does not know stays as it is."""
    names = []
    for code in codes:
        language = QLocale.codeToLanguage(code)
        unknown = language == QLocale.Language.AnyLanguage
        if code != MANY_LANGUAGES:
            names.append(code if unknown else QLocale.languageToString(language))
    if MANY_LANGUAGES not in codes:
        return ", ".join(names)
    if not names:
        return QCoreApplication.translate("ModelDetail", "Many")
    return QCoreApplication.translate("ModelDetail", "{names} and many more").format(names=", ".join(names))


def unverified_in_words(facts: Sequence[Fact]) -> str:
    """ "Licence, number of parameters"."""
    words = {
        "licence": QCoreApplication.translate("ModelDetail", "licence"),
        "shape": QCoreApplication.translate("ModelDetail", "sizes of the network"),
        "parameters": QCoreApplication.translate("ModelDetail", "number of parameters"),
        "context": QCoreApplication.translate("ModelDetail", "context length"),
        "repository": QCoreApplication.translate("ModelDetail", "repository"),
    }
    return _sentence_case(", ".join(words[each] for each in facts))


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
