"""Writers of the sample documents that need a library: PDF, DOCX, PPTX and XLSX."""

import io
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import docx
import openpyxl
import pptx
from docx.document import Document
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pptx.slide import Slide
from reportlab.lib import colors  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_JUSTIFY  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from sample_source import Block, Source, repacked

_INK = colors.HexColor("#1f3a4d")
_TEXT = ParagraphStyle(
    "text", fontName="Times-Roman", fontSize=11, leading=15, spaceAfter=7, alignment=TA_JUSTIFY
)
_ITEM = ParagraphStyle("item", parent=_TEXT, leftIndent=16, bulletIndent=4, spaceAfter=3)
_CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=9, leading=12)
_HEAD_CELL = ParagraphStyle("head cell", parent=_CELL, fontName="Helvetica-Bold")
_HEADINGS = {
    level: ParagraphStyle(
        f"heading {level}",
        fontName="Helvetica-Bold",
        fontSize=size,
        leading=size * 1.3,
        spaceBefore=before,
        spaceAfter=6,
        textColor=_INK,
        keepWithNext=1,
    )
    for level, size, before in ((1, 20, 0), (2, 14, 12), (3, 11.5, 8))
}


def pdf(source: Source) -> bytes:
    """A PDF with the title at the head and the page number at the foot of each page."""
    target = io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        leftMargin=26 * mm,
        rightMargin=26 * mm,
        topMargin=26 * mm,
        bottomMargin=24 * mm,
        title=source.title,
        author=source.author,
        subject=source.subject,
        creator="Alcove samples",
        invariant=1,
    )

    def head(canvas: Any, _: Any) -> None:
        if canvas.getPageNumber() > 1:
            _small(canvas).drawString(document.leftMargin, A4[1] - 16 * mm, source.title)

    def foot(canvas: Any, _: Any) -> None:
        _small(canvas).drawString(document.leftMargin, 14 * mm, source.author)
        canvas.drawRightString(A4[0] - document.rightMargin, 14 * mm, f"Page {canvas.getPageNumber()}")

    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=head, onPageEnd=foot))
    document.build([flowable for block in source.blocks for flowable in _flowables(block, document.width)])
    return target.getvalue()


def _small(canvas: Any) -> Any:
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(colors.grey)
    return canvas


def _flowables(block: Block, width: float) -> list[Any]:
    text = escape(block.text)
    match block.kind:
        case "heading":
            return [Paragraph(text, _HEADINGS[block.level])]
        case "bullet":
            return [Paragraph(text, _ITEM, bulletText="•")]
        case "break":
            return [PageBreak()]
        case "table":
            return [_pdf_table(block.rows, width), Spacer(1, 10)]
        case _:
            return [Paragraph(text, _TEXT)]


def _pdf_table(rows: list[list[str]], width: float) -> Any:
    longest = [min(max(len(row[column]) for row in rows), 45) + 3 for column in range(len(rows[0]))]
    cells = [
        [Paragraph(escape(text), _CELL if number else _HEAD_CELL) for text in row]
        for number, row in enumerate(rows)
    ]
    table = Table(cells, colWidths=[width * each / sum(longest) for each in longest], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.lightgrey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e9eff3")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def word(source: Source) -> bytes:
    """A DOCX file with headings, lists and tables in Word's own styles."""
    document = docx.Document()
    _describe(document.core_properties, source)
    for block in source.blocks:
        match block.kind:
            case "heading":
                document.add_heading(block.text, block.level - 1)
            case "bullet":
                document.add_paragraph(block.text, style="List Bullet")
            case "table":
                _word_table(document, block.rows)
            case _:
                document.add_paragraph(block.text)
    target = io.BytesIO()
    document.save(target)
    return repacked(target.getvalue(), source.written)


def _word_table(document: Document, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]), style="Light Grid Accent 1")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph()


def _describe(properties: Any, source: Source) -> None:
    moment = source.written.replace(tzinfo=None)
    properties.title = source.title
    properties.author = source.author
    properties.last_modified_by = source.author
    properties.subject = source.subject
    properties.comments = ""
    properties.created = moment
    properties.modified = moment


def slides(source: Source) -> bytes:
    """A PPTX file; each heading of the second level begins a slide, quotations become its notes."""
    deck = pptx.Presentation()
    _describe(deck.core_properties, source)
    slide: Slide | None = None
    lines: list[str] = []
    for block in [*source.blocks, Block("break")]:
        if block.kind in ("heading", "break"):
            if slide is not None:
                slide.placeholders[1].text = "\n".join(lines)
            lines = []
            if block.level == 2:
                slide = deck.slides.add_slide(deck.slide_layouts[1 if len(deck.slides) else 0])
                title = slide.shapes.title
                assert title is not None
                title.text = block.text
        elif block.kind == "note" and slide is not None:
            notes = slide.notes_slide.notes_text_frame
            assert notes is not None
            notes.text = block.text
        else:
            lines.append(block.text)
    target = io.BytesIO()
    deck.save(target)
    return repacked(target.getvalue(), source.written)


def spreadsheet(source: Source) -> bytes:
    """An XLSX file; each heading of the second level names a sheet, the table below fills it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    moment = source.written.replace(tzinfo=None)
    book.properties.title = source.title
    book.properties.creator = source.author
    book.properties.created = moment
    for block in source.blocks:
        if block.kind == "heading" and block.level == 2:
            book.create_sheet(block.text)
        elif block.kind == "table":
            _fill(book.worksheets[-1], block.rows)
    target = io.BytesIO()
    book.save(target)
    return repacked(target.getvalue(), source.written)


def _fill(sheet: Worksheet, rows: list[list[str]]) -> None:
    for row in rows:
        sheet.append([_value(text) for text in row])
    for column in range(1, len(rows[0]) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        width = max(len(row[column - 1]) for row in rows)
        sheet.column_dimensions[get_column_letter(column)].width = width + 3
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, datetime):
                cell.number_format = "d mmm yyyy"
    sheet.freeze_panes = "A2"


def _value(text: str) -> float | datetime | str | None:
    """What a person would have typed into the cell: a number, a day or words."""
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        pass
    try:
        return datetime.strptime(text, "%d %B %Y")
    except ValueError:
        return text or None
