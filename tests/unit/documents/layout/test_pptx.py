from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.util import Inches

from app.documents.layout.pptx import read, write
from app.documents.limits import Limits


@pytest.fixture
def slides(tmp_path: Path) -> Path:
    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[5])
    first.shapes.title.text = "Welcome"
    frame = first.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame
    paragraph = frame.paragraphs[0]
    paragraph.add_run().text = "Read the "
    bold = paragraph.add_run()
    bold.text, bold.font.bold = "house ", True
    again = paragraph.add_run()
    again.text, again.font.bold = "rules", True
    paragraph.add_line_break()
    paragraph.add_run().text = "today"
    first.notes_slide.notes_text_frame.text = "Speak slowly"
    second = show.slides.add_slide(show.slide_layouts[6])
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "In a group"
    group.shapes[0].text_frame.auto_size = MSO_AUTO_SIZE.NONE
    group.shapes[0]._element.nvSpPr.cNvPr.set("descr", "A round sign")
    second.shapes.add_table(1, 1, 0, 0, 9, 9).table.cell(0, 0).text = "In a table"
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("b", [1])
    chart = second.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 9, 9, data).chart
    chart.chart_title.text_frame.text = "Share of costs"
    path = tmp_path / "source.pptx"
    show.save(str(path))
    return path


def test_texts_in_the_order_of_the_slides(slides: Path) -> None:
    segments = read(slides, Limits()).segments
    assert [(each.text, each.kind, each.place) for each in segments if each.kind != "title"] == [
        ("Welcome", "heading", "slide 1"),
        ("Read the <g1>house rules</g1><x2>today", "text", "slide 1"),
        ("Speak slowly", "note", "slide 1, notes"),
        ("In a group", "text", "slide 2"),
        ("In a table", "cell", "slide 2"),
        ("A round sign", "alt", "slide 2"),
        ("Share of costs", "text", "slide 2"),
    ]


def test_translated_slides_keep_their_formatting(slides: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pptx"
    targets = {each.key: f"«{each.text}»" for each in read(slides, Limits()).segments}
    key = next(each.key for each in read(slides, Limits()).segments if "house" in each.text)
    targets[key] = "Heute<x2><g1>die Hausordnung</g1> lesen"
    assert write(slides, out, targets, "de", Limits()).remarks == ()
    show = Presentation(str(out))
    first, second = show.slides
    assert first.shapes.title.text == "«Welcome»"
    paragraph = first.shapes[1].text_frame.paragraphs[0]
    assert paragraph.text == "Heute\vdie Hausordnung lesen"
    assert [(run.text, run.font.bold, run._r.rPr.get("lang")) for run in paragraph.runs] == [
        ("Heute", None, "de"), ("die Hausordnung", True, "de"), (" lesen", None, "de")
    ]  # fmt: skip
    assert first.notes_slide.notes_text_frame.text == "«Speak slowly»"
    group, table, chart = second.shapes
    assert group.shapes[0].text_frame.text == "«In a group»"
    assert table.table.cell(0, 0).text == "«In a table»"
    assert chart.chart.chart_title.text_frame.text == "«Share of costs»"


def test_a_box_that_overflows_is_named_and_arabic_starts_at_the_right(slides: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pptx"
    segment = next(each for each in read(slides, Limits()).segments if each.text == "In a group")
    rebuilt = write(slides, out, {segment.key: "كلمة " * 20}, "ar", Limits())
    assert rebuilt.remarks == ("Slide 2: a text has become much longer; look whether it still fits its box.",)
    properties = Presentation(str(out)).slides[1].shapes[0].shapes[0].text_frame.paragraphs[0]._p.pPr
    assert (properties.get("rtl"), properties.get("algn")) == ("1", "r")


def test_plain_text_for_a_formatted_paragraph(slides: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pptx"
    segment = next(each for each in read(slides, Limits()).segments if "house" in each.text)
    write(slides, out, {segment.key: "Hausordnung"}, "", Limits())
    paragraph = Presentation(str(out)).slides[0].shapes[1].text_frame.paragraphs[0]
    assert paragraph.text == "Hausordnung\v" and len(paragraph.runs) == 1
