"""Which model answers: its name above the chat, and a menu of the models on this computer."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QPaintEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.gui.chat.answers import Answers, LiveAnswer
from app.gui.chat.model_choices import Choice, Choices, find_choices, warm_up
from app.gui.errors import MessageBar
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.labels import plain_tip
from app.gui.models.headers import HeaderCache
from app.gui.theme import GRID, set_role

_LOOK_AFTER_MS = 200  # the window and the model that is being loaded come first
_LEAST, _MOST = 12 * GRID, 34 * GRID
_AROUND = 4 * GRID  # padding, border, and the sign of the menu
_MENU_NAME = 44 * GRID
_KEY = "Ctrl+M"


class ElidedButton(QToolButton):
    """A chooser whose text loses its middle where there is no room."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), _MOST), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _LEAST), super().minimumSizeHint().height())

    @property
    def named_width(self) -> int:
        """With its text, whether that is shown or not."""
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
        return min(text + self.iconSize().width() + _AROUND, _MOST)

    def show_name(self, shown: bool) -> None:
        """Else only the icon, whose tooltip has the name."""
        named, bare = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(named if shown else bare)

    def paintEvent(self, event: QPaintEvent) -> None:
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
        room = self.width() - (super().sizeHint().width() - text)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        middle = Qt.TextElideMode.ElideMiddle
        option.text = self.fontMetrics().elidedText(self.text(), middle, room, Qt.TextFlag.TextShowMnemonic)
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class ModelPicker(ElidedButton):
    """The conversation goes on with the model chosen. An answer being written is finished by the model it began with."""

    models_wanted = Signal()

    def __init__(
        self, backend: Backend, jobs: Jobs, answers: Answers, messages: MessageBar, parent: QWidget | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        self._answers = answers
        self._messages = messages
        self._found = Choices(in_use=backend.settings.current.default_model)
        self._headers = HeaderCache()
        self._said = ""  # by the engine, of how the model was loaded
        self._warm_later = False
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._about_to_show)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        set_role(self, "chooser")
        self._show(self._found)
        answers.arrived.connect(self._look_how_loaded)
        answers.ended.connect(self._answer_ended)
        QShortcut(QKeySequence(_KEY), self, self.showMenu)

    @Slot()
    def refresh(self) -> None:
        """Look in the background what there is, and whether the model in use is still there."""
        self._jobs.run(lambda token: find_choices(self._backend, self._headers, token), on_event=self._looked)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        in_use = self._backend.settings.current.default_model
        if in_use != self._found.in_use:
            self._show(Choices(self._found.models, in_use))  # chosen on another page meanwhile
        self._look_how_loaded()
        QTimer.singleShot(_LOOK_AFTER_MS, self, self.refresh)

    @Slot()
    def _about_to_show(self) -> None:
        self._look_how_loaded()
        self._fill()
        self.refresh()

    def _looked(self, found: Choices) -> None:
        if found.in_use != self._backend.settings.current.default_model:
            self.refresh()  # another was chosen while this was looked for
        elif found != self._found:
            self._show(found)
            if self._menu.isVisible():
                self._fill()

    def _show(self, found: Choices) -> None:
        self._found = found
        name = self._name()
        shown = name if found.there else self.tr("Model not found")
        self.setText(shown.replace("&", "&&"))
        sound = found.there and not self._said
        self.setIcon(icon("models", "muted") if sound else icon("warning", "warning"))
        self.setAccessibleName(self.tr("Model: {name}").format(name=shown))
        key = QKeySequence(_KEY).toString(QKeySequence.SequenceFormat.NativeText)
        hint = self.tr("The model that answers ({key})").format(key=key) if found.there else self._gone(name)
        current = found.current
        about = [f"{current.name}, {current.size}"] if current is not None else []
        about += [self._said] if self._said else []
        self.setToolTip(plain_tip("\n".join([hint, *about])))
        self.setAccessibleDescription(self._said)

    @Slot()
    def _look_how_loaded(self) -> None:
        """Where the model came out smaller than was asked for, it is said once, and stays with its name."""
        said = self._backend.engine.remark
        if said != self._said:
            self._said = said
            self._show(self._found)
            if said:
                self._messages.show_note(said)

    def _name(self) -> str:
        """What the model in use is called; before it was looked for, what its file is called."""
        found = self._found
        if found.in_use is None:
            return self.tr("Starter model")
        if found.current is not None:
            return self.tr("Starter model") if found.current.starter else found.current.name
        # other apps keep models in files whose names are checksums
        return found.in_use.stem if found.in_use.suffix.casefold() == ".gguf" else self.tr("Model")

    def _gone(self, name: str) -> str:
        return self.tr("“{name}” is no longer there. Choose another model.").format(name=name)

    def _short(self, name: str) -> str:
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MENU_NAME)

    def _fill(self) -> None:
        self._menu.clear()
        if not self._found.there:
            self._remark(self._gone(self._short(self._name())))
        if self._answers.running():
            self._remark(self.tr("For the next answer:"))
        for each in self._found.models:
            self._offer(each)
        self._menu.addSeparator()
        more = self._menu.addAction(self.tr("More models…"))
        more.triggered.connect(self.models_wanted)

    def _remark(self, text: str) -> None:
        self._menu.addAction(text.replace("&", "&&")).setEnabled(False)

    def _offer(self, choice: Choice) -> None:
        name = self.tr("Starter model ({name})").format(name=choice.name) if choice.starter else choice.name
        shown = self._short(name).replace("&", "&&")
        action = self._menu.addAction(f"{shown}\t{choice.size}")
        action.setCheckable(True)
        action.setToolTip(plain_tip(f"{name}\n{choice.file}"))
        action.setChecked(choice == self._found.current)
        action.triggered.connect(lambda: self._choose(choice))

    def _choose(self, choice: Choice) -> None:
        file = None if choice.starter else choice.file
        try:
            self._backend.settings.change(default_model=file)
        except AppError as error:
            self._messages.show_error(error)
            return
        self._show(Choices(self._found.models, file))
        self._warm_up()

    def _warm_up(self) -> None:
        """Begin to load the model, but not between the steps of an answer that another model is writing."""
        self._warm_later = bool(self._answers.running())
        if not self._warm_later:
            self._jobs.run(
                lambda token: warm_up(self._backend, token), on_error=lambda _gone: self.refresh(), owner=self
            )

    @Slot(object, object)
    def _answer_ended(self, _live: LiveAnswer, error: AppError | None) -> None:
        if self._warm_later:
            self._warm_up()
        if error is not None:
            self.refresh()  # perhaps because the model is gone
