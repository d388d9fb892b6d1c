import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from app.documents.layout.xlsx import read, write
from app.documents.limits import Limits


@pytest.fixture
def book(tmp_path: Path) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Costs"
    rows = [["Item", "Kind", "Amount"], ["Paper", "Office", 12], ["Chairs", "Yes", 300], ["Paper", "No", 4]]
    for row in rows:
        sheet.append(row)
    sheet["E1"] = '=IF(B3="Yes",SUM(Bills[Amount]),"none")'
    sheet["E2"] = CellRichText("Pay ", TextBlock(InlineFont(b=True), "soon"))
    sheet["E3"] = "1,250"
    sheet.add_table(Table(displayName="Bills", ref="A1:C4"))
    allowed = DataValidation(type="list", formula1='"No,Maybe"')
    allowed.add("B4")
    sheet.add_data_validation(allowed)
    sheet["A2"].comment = Comment("Recycled only", "Ada")
    sheet.oddHeader.center.text = "Costs of &A"
    path = tmp_path / "source.xlsx"
    workbook.save(path)
    return path


def test_each_text_once_and_never_what_formulas_mention(book: Path) -> None:
    layout = read(book, Limits())
    assert [(each.text, each.kind, each.place) for each in layout.segments] == [
        ("Item", "cell", "Costs!A1"),
        ("Kind", "cell", "Costs!B1"),
        ("Paper", "cell", "Costs!A2"),
        ("Office", "cell", "Costs!B2"),
        ("Pay <g1>soon</g1>", "cell", "Costs!E2"),
        ("Chairs", "cell", "Costs!A3"),
        ("Costs of", "text", "Costs"),
        ("Recycled only", "note", "Costs!A2"),
    ]
    assert "stay as they are" in layout.remark


def test_formulas_numbers_and_tables_stay_whole(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    targets = {each.key: each.text.upper() for each in read(book, Limits()).segments}
    targets |= {
        each.key: "Fällig <g1>bald</g1>" for each in read(book, Limits()).segments if "soon" in each.text
    }
    targets |= {each.key: "R&D of " for each in read(book, Limits()).segments if each.text == "Costs of"}
    write(book, out, targets, "de", Limits())
    sheet = openpyxl.load_workbook(out, rich_text=True)["Costs"]
    assert [[cell.value for cell in row] for row in sheet["A1:C4"]] == [
        ["ITEM", "KIND", "Amount"], ["PAPER", "OFFICE", 12], ["CHAIRS", "Yes", 300], ["PAPER", "No", 4]
    ]  # fmt: skip
    assert [each.name for each in sheet.tables["Bills"].tableColumns] == ["ITEM", "KIND", "Amount"]
    assert sheet["E1"].value == '=IF(B3="Yes",SUM(Bills[Amount]),"none")'
    rich = sheet["E2"].value
    assert str(rich) == "Fällig bald" and rich[1].font.b
    assert sheet["A2"].comment.text == "RECYCLED ONLY"
    with zipfile.ZipFile(out) as container:
        assert "&amp;CR&amp;&amp;D of  &amp;A" in container.read("xl/worksheets/sheet1.xml").decode()


def test_two_columns_never_get_one_name(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    targets = {each.key: "Art" for each in read(book, Limits()).segments if each.text in ("Item", "Kind")}
    write(book, out, targets, "de", Limits())
    sheet = openpyxl.load_workbook(out)["Costs"]
    names = [each.name for each in sheet.tables["Bills"].tableColumns]
    assert names == [cell.value for cell in sheet[1][:3]]
    assert len({each.casefold() for each in names}) == 3


def test_plain_text_for_a_formatted_cell(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    key = next(each.key for each in read(book, Limits()).segments if "soon" in each.text)
    write(book, out, {key: "Bald  zahlen\n"}, "de", Limits())
    assert openpyxl.load_workbook(out)["Costs"]["E2"].value == "Bald  zahlen\n"


def test_what_criteria_match_and_sheets_are_called_stays(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Costs"
    for row in (
        "Closed",
        "Open now",
        "Water pump big",
        "Costs",
        "Really?",
        "Reallys",
        "[1] ab",
        "Anything else",
    ):
        sheet.append([row])
    for criterion in ("<>Closed", "*PUMP*", "Open*", "=Really~?", "[1] ?b", "*"):
        sheet.append([f'=COUNTIF(A1:A7,"{criterion}")'])
    path = tmp_path / "criteria.xlsx"
    workbook.save(path)
    assert [each.text for each in read(path, Limits()).segments] == ["Costs", "Reallys", "Anything else"]
    sheet["B1"] = '=INDIRECT(A4&"!A1")'
    workbook.save(path)
    assert [each.text for each in read(path, Limits()).segments] == ["Reallys", "Anything else"]
