"""Which engine translates the chosen languages, and what it covers."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.base.languages import language, language_name
from app.gui.buttons import IconLabel
from app.gui.jobs import Job, Jobs
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, set_role
from app.gui.translate.wishes import EngineFacts
from app.gui.translate.work import Work
from app.models.catalog import MANY_LANGUAGES

_NAMED = 4  # languages that are named; more are counted, and named in the tooltip


class EngineLine(QWidget):
    """Looks on a job's thread, because models are files; the newest question counts."""

    found = Signal(object)
    """`EngineFacts`."""

    def __init__(self, work: Work, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._jobs = jobs
        self._job: Job | None = None
        self._picture = IconLabel("models", "muted", 16)
        self._text = ElidedLabel()
        set_role(self._text, "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)

    @property
    def text(self) -> str:
        return self._text.text()

    def look(self, source: str, target: str) -> None:
        """Ask what translates `source` ("": not known yet) into `target`."""
        if self._job is not None:
            self._job.stop()
        self._job = self._jobs.run(
            lambda cancel: self._work.engine(source, target, cancel), on_event=self._show
        )

    def _show(self, facts: EngineFacts) -> None:
        names = [language_name(code) for code in facts.languages if language(code) is not None]
        if len(names) > _NAMED:
            covers = self.tr("{n} languages").format(n=len(names))
        elif MANY_LANGUAGES in facts.languages:
            covers = self.tr("many languages")
        else:
            covers = ", ".join(names)
        self._text.setText(" · ".join(filter(None, (facts.name, covers))))
        self._text.set_tip("\n".join(filter(None, (facts.name, facts.why, ", ".join(sorted(names))))))
        self._picture.setVisible(bool(facts.name))
        self.found.emit(facts)
