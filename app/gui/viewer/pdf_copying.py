"""Copying out of a PDF, by keys and by a right click."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from app.gui.viewer.page_selection import as_copied
from app.gui.viewer.pdf_view import PdfView


class PdfCopying(QObject):
    """Ctrl+C copies what is selected, else the quote, else the page in view; Ctrl+A selects that page."""

    def __init__(self, view: PdfView, text_of: Callable[[int], str]) -> None:
        super().__init__(view)
        self._view = view
        self._text_of = text_of
        self.quote = ""
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        for keys, action in (("Ctrl+C", self.copy), ("Ctrl+A", self._select_page)):
            shortcut = QShortcut(QKeySequence(keys), view, action)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    @Slot()
    def copy(self) -> None:
        if self._view.selection.text:
            self._copy_selected()
        elif self.quote:
            self._copy_quote()
        else:
            self._copy_page()

    def menu(self) -> QMenu:
        """What can be copied now."""
        menu = QMenu(self._view)
        if self._view.selection.text:
            menu.addAction(self.tr("Copy"), self._copy_selected)
        if self.quote:
            menu.addAction(self.tr("Copy the quote"), self._copy_quote)
        menu.addAction(self.tr("Copy the text of this page"), self._copy_page)
        menu.addAction(self.tr("Select this page"), self._select_page)
        return menu

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(at))

    @Slot()
    def _copy_selected(self) -> None:
        QGuiApplication.clipboard().setText(self._view.selection.text)

    @Slot()
    def _copy_quote(self) -> None:
        QGuiApplication.clipboard().setText(self.quote)

    @Slot()
    def _copy_page(self) -> None:
        QGuiApplication.clipboard().setText(as_copied(self._text_of(self._view.page)))

    @Slot()
    def _select_page(self) -> None:
        self._view.selection.select_page(self._view.page)
