"""Quiet offers below an answer: this question seems to be one for something else than the chat."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.chat.link_button import LinkButton
from app.gui.icons import icon

_SUMMARY = re.compile(
    r"\s*(?:please\s+|(?:can|could|will|would)\s+you\s+(?:please\s+)?)?"
    r"(?:summari[sz]e\b|sum\s+up\b|(?:give|write|make|show)\s+(?:me\s+)?an?\s+(?:\w+\s+)?summary\s+of\b)",
    re.IGNORECASE,
)


class Suggestion(QWidget):
    """Does nothing by itself."""

    wanted = Signal()

    def __init__(self, picture: str, text: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = LinkButton(text, icon(picture, "accent"))
        self.button.setToolTip(tip)
        self.button.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)


class EachSuggestion(Suggestion):
    """To put the question to each document."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = self.tr("Ask each document")
        tip = self.tr("Put this question to every document by itself, for a table of answers")
        super().__init__("list", text, tip, parent)


class SummarySuggestion(Suggestion):
    """To go to the page that reads documents from end to end: an answer rests on a few passages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = self.tr("Summarise a document")
        tip = self.tr("An answer here rests on a few passages; a summary reads the whole document")
        super().__init__("summarize", text, tip, parent)


def wants_each(question: str) -> bool:
    """Whether the question sounds like one for each document."""
    from app.assistants.ask_each.condition import sounds_like_each

    return sounds_like_each(question)


def wants_summary(question: str) -> bool:
    """Whether it asks for a summary: “Summarise…”, “Give me a short summary of…”."""
    return _SUMMARY.match(question) is not None
