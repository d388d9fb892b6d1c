"""The two language boxes of a translation, alike on both panes."""

from PySide6.QtCore import QCoreApplication

from app.base.languages import LANGUAGES, language_name
from app.gui.language_box import LanguageBox

_LETTERS = 16  # of a name; longer ones are cut
_LINES = 16  # of the list that drops down, before it scrolls


def source_box(name: str) -> LanguageBox:
    """`name`: for screen readers and as a tooltip. Its first choice lets Alcove recognise the language."""
    return _named(LanguageBox(LANGUAGES, _detect()), name)


def target_box(name: str) -> LanguageBox:
    return _named(LanguageBox(LANGUAGES), name)


def show_detected(box: LanguageBox, code: str) -> None:
    """Say in the first choice what was recognised; "" takes it back."""
    recognised = QCoreApplication.translate("Translation", "{language} (detected)")
    box.name_first(recognised.format(language=language_name(code)) if code else _detect())


def _detect() -> str:
    return QCoreApplication.translate("Translation", "Detect language")


def _named(box: LanguageBox, name: str) -> LanguageBox:
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumContentsLength(_LETTERS)
    box.setMaxVisibleItems(_LINES)
    box.setSizeAdjustPolicy(LanguageBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
