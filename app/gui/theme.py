"""How the window looks: two palettes over the Fusion style, one accent colour, an 8-pixel grid.

Every pair of text and ground below has a contrast of at least 4.5 to 1 (WCAG AA); `tests/gui` computes it.
"""

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from app.base.paths import resource
from app.base.settings import Theme

GRID = 8
HALF = GRID // 2
RADIUS = GRID
NARROW = 1000  # a window less wide folds away what is not in use (1280×800 at 150 % leaves 853)


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme as "#rrggbb". `window` lies behind, `surface` holds text, `raised` is a card."""

    dark: bool
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_hover: str
    accent_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    marker: str  # ground of highlighted words in a document
    marker_soft: str  # of words that are quoted beside them
    found: str  # of words that were searched for
    code: str  # ground of code


LIGHT = Colours(
    dark=False, window="#f4f3ef", surface="#fdfdfb", raised="#ffffff", hover="#e9e7e0", border="#dcd9d0",
    text="#20242a", muted="#5c626b", accent="#1d6a72", on_accent="#ffffff", accent_hover="#17565d",
    accent_soft="#dfeeee", warning="#7d4f00", warning_soft="#fdf0cd", danger="#a32a22", danger_soft="#fbe4e1",
    marker="#ffe28a", marker_soft="#fff4d0", found="#b9e4e2", code="#f1efe9",
)  # fmt: skip
DARK = Colours(
    dark=True, window="#1a1c1f", surface="#202327", raised="#272b30", hover="#31363c", border="#3b4148",
    text="#e7e6e2", muted="#a5abb2", accent="#6cc0c4", on_accent="#0d1f20", accent_hover="#86d0d3",
    accent_soft="#21393c", warning="#f0c674", warning_soft="#3b311b", danger="#f2a09a", danger_soft="#432724",
    marker="#6b5716", marker_soft="#413920", found="#1f5558", code="#191b1e",
)  # fmt: skip

_SHEET = Template("""
QToolTip { color: $text; background: $raised; border: 1px solid $border; padding: 4px 6px; }
QFrame[role="card"] { background: $raised; border: 1px solid $border; border-radius: 8px; }
QFrame[role="card"][active="true"] { border: 1px solid $accent; }
QFrame[role="calm"] { background: $accent_soft; border: none; border-radius: 8px; }
QFrame[role="warning"] { background: $warning_soft; border: none; border-radius: 8px; }
QFrame[role="error"] { background: $danger_soft; border: none; border-radius: 8px; }
QFrame[role="question"] { background: $hover; border: none; border-radius: 12px; }
QFrame[role="composer"] { background: $raised; border: 1px solid $border; border-radius: 12px; }
QFrame[role="composer"][active="true"] { border: 1px solid $accent; }
QFrame[role="rule"] { background: $border; border: none; max-width: 1px; min-width: 1px; }
QFrame[role="line"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QWidget[role="side"] { background: $window; }
QWidget[role="page"] { background: $surface; }
QLabel[role="quote"] { border: none; border-left: 3px solid $accent; padding-left: 10px; }
QLabel[role="badge"] {
  background: $accent_soft; color: $accent; border-radius: 6px; padding: 1px 6px; font-weight: 600;
}
QLabel[role="heading"] { font-size: 20px; font-weight: 600; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="muted"], QLabel[role="small"] { color: $muted; }
QLabel[role="caution"] { color: $warning; }
QLabel[role="failure"] { color: $danger; }
QPushButton { background: $raised; border: 1px solid $border; border-radius: 6px; padding: 6px 14px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $muted; background: $window; }
QPushButton:default, QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; }
QPushButton:default:hover, QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton:default:focus, QPushButton[role="primary"]:focus { border: 2px solid $text; padding: 5px 13px; }
QPushButton:default:disabled, QPushButton[role="primary"]:disabled { background: $border; border-color: $border; color: $muted; }
QPushButton[role="choice"] { text-align: left; padding: 8px 12px; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 2px 4px; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border: 1px solid $accent; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px; background: transparent; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $border; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="chooser"] { padding: 4px 22px 4px 4px; }
QToolButton[role="chooser"]::menu-indicator {
  image: url("$chevron"); width: 12px; height: 12px;
  subcontrol-origin: padding; subcontrol-position: right center; right: 6px;
}
QToolButton[role="primary"] { background: $accent; border: 1px solid $accent; }
QToolButton[role="primary"]:hover { background: $accent_hover; }
QToolButton[role="primary"]:focus { border: 2px solid $text; padding: 3px; }
QToolButton[role="primary"]:disabled { background: $border; border-color: $border; }
QToolButton[role="chip"] { border: 1px solid $border; padding: 5px 6px; }
QToolButton[role="chip"]:checked { background: $accent_soft; border: 1px solid $accent; color: $accent; }
QToolButton[role="chip"]:focus { border: 1px solid $accent; }
QToolButton[role="thumb"]:checked { background: $accent_soft; }
QToolButton[role="rail"] { padding: 6px 2px; margin: 0; color: $muted; }
QToolButton[role="rail"]:checked { background: $accent_soft; color: $accent; }
QLineEdit, QComboBox, QSpinBox, QPlainTextEdit[role="field"] { background: $raised; border: 1px solid $border; border-radius: 6px; padding: 5px 8px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QPlainTextEdit[role="field"]:focus { border: 1px solid $accent; }
QLineEdit[role="search"] { padding: 5px 2px; }
QLineEdit:read-only { background: $window; color: $muted; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$chevron"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $border; padding: 4px; outline: none; icon-size: 16px;
}
QComboBox QAbstractItemView::item { padding: 4px 8px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $text; }
QCheckBox::indicator, QTreeView::indicator, QListView::indicator, QTableView::indicator {
  width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $raised;
}
QCheckBox::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked,
QTableView::indicator:checked {
  background: $accent; border: 1px solid $accent; image: url("$tick");
}
QListView[role="side"] { background: transparent; border: none; outline: none; }
QTreeView[role="rows"], QTableView { border: 1px solid transparent; }
QTreeView[role="rows"]:focus, QTableView:focus { border: 1px solid $accent; }
QAbstractScrollArea[role="document"] { border: 1px solid transparent; }
QAbstractScrollArea[role="document"]:focus { border: 1px solid $accent; }
QTextBrowser[role="bare"], QPlainTextEdit[role="bare"] { background: transparent; border: none; padding: 0; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[role="bare"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: $border; border-radius: 3px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $border; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { background: $border; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
  background: $raised; border: 2px solid $accent; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
}
QSlider::handle:horizontal:focus, QSlider::handle:horizontal:hover { background: $accent; }
QSplitter::handle { background: $border; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMenu { background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QHeaderView::section {
  background: $window; color: $muted; border: none; border-bottom: 1px solid $border; padding: 6px 8px;
}
""")


class _Follower(QObject):
    """Applies the palettes again when the system turns light or dark."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self.choice: Theme = "system"
        app.styleHints().colorSchemeChanged.connect(self.apply)

    @Slot()
    def apply(self) -> None:
        app = self.parent()
        assert isinstance(app, QApplication)
        now = _wanted(self.choice)
        _state.colours = now
        app.setPalette(_palette(now))
        values = {name: getattr(now, name) for name in Colours.__slots__}
        kind = "dark" if now.dark else "light"
        pictures = {name: resource("themes", f"{name}-{kind}.svg").as_posix() for name in ("chevron", "tick")}
        app.setStyleSheet(_SHEET.substitute(values | pictures))


class _State:
    colours: Colours = LIGHT


_state = _State()


def apply_theme(app: QApplication, choice: Theme) -> None:
    """Give the whole application the chosen theme, and keep following the system when it is "system"."""
    follower = app.findChild(_Follower, "theme")
    if follower is None:
        app.setStyle("Fusion")
        follower = _Follower(app)
    follower.choice = choice
    wanted = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    app.styleHints().setColorScheme(wanted[choice])  # native parts, such as title bars
    follower.apply()


def colours() -> Colours:
    """The colours in force. Ask again at each paint, or on `QEvent.Type.PaletteChange`."""
    return _state.colours


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a look of the central stylesheet."""
    set_look(widget, "role", role)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Change a property that the stylesheet looks at, and show it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            return  # never shown: it gets its look with its first appearance
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def reading_font(widget: QWidget) -> None:
    """Text that is read at length is a little larger than that of controls."""
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() + 1)
    widget.setFont(font)


def scrolled(holder: QWidget) -> QScrollArea:
    """`holder` in a scroll area that goes up and down only and has the ground of what lies behind it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    area.setWidget(holder)
    set_role(holder, "bare")
    return area


def _wanted(choice: Theme) -> Colours:
    if choice == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice == "dark" else LIGHT


def _palette(now: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for each, value in {
        role.Window: now.window, role.WindowText: now.text, role.Base: now.surface, role.Text: now.text,
        role.AlternateBase: now.window, role.Button: now.raised, role.ButtonText: now.text,
        role.BrightText: now.danger, role.ToolTipBase: now.raised, role.ToolTipText: now.text,
        role.PlaceholderText: now.muted, role.Highlight: now.accent, role.HighlightedText: now.on_accent,
        role.Link: now.accent, role.LinkVisited: now.accent, role.Accent: now.accent,
        role.Light: now.raised, role.Midlight: now.hover, role.Mid: now.border, role.Dark: now.border,
        role.Shadow: now.border,
    }.items():  # fmt: skip
        palette.setColor(each, QColor(value))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(now.muted))
    return palette
