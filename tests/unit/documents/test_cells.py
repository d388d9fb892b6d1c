"""Rows of sheets know their header's names and where they stand."""

import zipfile
from pathlib import Path

import pytest

from app.documents.building import place_text
from app.documents.cells import cell_range, column_name
from app.documents.document import Place, PlaceText
from app.documents.tables import csv_pieces, table_pieces
from tests.unit.documents.conftest import Reader, write_zip


def located(place: PlaceText) -> dict[str, str]:
    """The cells of each line."""
    return {
        place.text[start:end].rstrip("\n"): cell_range(place.rows, start, end)
        for start, end in zip(
            [row[0] for row in place.rows],
            [*(row[0] for row in place.rows[1:]), len(place.text)],
            strict=True,
        )
    }


def lines(*rows: list[str], origin: tuple[int, int] = (1, 1)) -> dict[str, str]:
    return located(place_text(Place("sheet", 1, "S"), table_pieces(rows, origin)))


def test_columns_and_ranges():
    assert [column_name(number) for number in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]
    rows = ((0, 2, 1, 6), (10, 3, 2, 6), (25, 9, 2, 2))
    assert cell_range(rows, 0, 30) == "A2:F9"
    assert cell_range(rows, 12, 20) == "B3:F3"
    assert cell_range(rows, 25, 26) == "B9"
    assert cell_range(rows, 5, 5) == cell_range((), 0, 9) == ""


def test_blank_rows_captions_and_columns_shift_nothing():
    found = lines(
        ["", "", ""],
        ["", "Prices", ""],
        ["", "Item", "", "Price"],
        ["", "Pear\u200b", "", "2"],
        ["\u200b", "\u200b"],
        ["", "", "", ""],
        ["", "Plum", "", "4"],
    )
    assert found == {"Prices": "B2", "Item: Pear; Price: 2": "B4:D4", "Item: Plum; Price: 4": "B7:D7"}


@pytest.mark.parametrize(
    "rows",
    [
        [["Region", "Costs", "", "Income", ""], ["", "Plan", "Real", "Plan", "Real"], ["Bonn", "1", "2", "3", "4"]],
        [["", "Costs", "", "Income", ""], ["Region", "Plan", "Real", "Plan", "Real"], ["Bonn", "1", "2", "3", "4"]],
        [["Costs by region", "", "", "", "in euros"], ["Region", "Costs Plan", "Costs Real", "Income Plan", "Income Real"],
         ["Bonn", "1", "2", "3", "4"]],
    ],
)  # fmt: skip
def test_headers_of_two_rows_and_below_others(rows):
    line = "Region: Bonn; Costs Plan: 1; Costs Real: 2; Income Plan: 3; Income Real: 4"
    assert lines(*rows)[line] == "A3:E3"


def test_years_name_columns_but_data_do_not():
    assert "Region: Bonn; 2024: 10; 2025: 12" in lines(["Region", "2024", "2025"], ["Bonn", "10", "12"])
    assert "Smith | 1980" in lines(["Smith", "1980"], ["Jones", "1975"])


def test_a_header_holds_over_a_blank_row_until_the_next_one():
    found = lines(
        ["Item", "Price"], [""], ["Pear", "2"], [""], ["Plum", "4"], [""], ["Name", "Phone"], ["Ada", "123"], ["Bob", "456"]
    )  # fmt: skip
    assert list(found)[1:] == [
        "Item: Pear; Price: 2",
        "Item: Plum; Price: 4",
        "Name: Ada; Phone: 123",
        "Name: Bob; Phone: 456",
    ]


def test_csv_rows_count_as_a_spreadsheet_counts_them():
    place = place_text(Place("document", 1), csv_pieces('Item,Note\nPear,"two\nlines"\n\nPlum,sweet\n'))
    assert located(place) == {"Item: Pear; Note: two lines": "A2:B2", "Item: Plum; Note: sweet": "A4:B4"}


def test_xlsx_cells_are_those_of_the_sheet(tmp_path: Path, read: Reader):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Q1 & Q2"
    for row, cells in {7: ("Item", "Price"), 8: ("Pear", 2), 11: ("Plum", 4)}.items():
        for column, value in zip("CE", cells, strict=True):
            sheet[f"{column}{row}"] = value
    sheet["A1"].number_format = "0.00"  # written, and blank
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx").document
    assert document is not None
    assert located(document.places[0]) == {"Item: Pear; Price: 2": "C8:E8", "Item: Plum; Price: 4": "C11:E11"}


def test_a_cell_of_spaces_shifts_nothing(tmp_path: Path, read: Reader):
    import openpyxl

    book = openpyxl.Workbook()
    for row in ((), (), (None, None, None, "Item", "Price"), (None, None, None, "Pear", 2)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as container:
        texts = {name: container.read(name).decode() for name in container.namelist()}
    cell = '<row r="2"><c r="B2" t="s"><v>0</v></c></row>'
    sheet, relations = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
    texts[sheet] = texts[sheet].replace("<sheetData>", f"<sheetData>{cell}")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    strings = f'<Relationship Type="{kind}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
    texts[relations] = texts[relations].replace("</Relationships>", strings)
    texts["xl/sharedStrings.xml"] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1">'
        '<si><t xml:space="preserve"> </t></si></sst>'
    )
    document = read(write_zip(tmp_path / "b.xlsx", dict(texts))).document
    assert document is not None
    assert located(document.places[0]) == {"Item: Pear; Price: 2": "D4:E4"}


def test_ods_cells_count_what_is_repeated(tmp_path: Path, read: Reader):
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    row = "<table:table-row>{}</table:table-row>"
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = (
        '<table:table-cell office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>'
    )
    blank = '<table:table-cell table:number-columns-repeated="2"/>'
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        '<table:table table:name="Fruit"><table:table-row table:number-rows-repeated="4"><table:table-cell/>'
        "</table:table-row>"
        + row.format(blank + text.format("Item") + text.format("Price"))
        + row.format(blank + text.format("Pear") + number)
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    members: dict[str, str | bytes] = {
        "mimetype": mimetype,
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": content,
    }
    document = read(write_zip(tmp_path / "a.ods", members)).document
    assert document is not None
    assert located(document.places[0]) == {"Item: Pear; Price: 2": "C6:D6"}


def test_a_sheet_whose_cells_are_not_found_is_read_all_the_same(tmp_path: Path, read: Reader):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Item", "Price"])
    book.active.append(["Pear", 2])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as container:
        texts: dict[str, str | bytes] = {name: container.read(name) for name in container.namelist()}
    relations = texts["xl/_rels/workbook.xml.rels"]
    assert isinstance(relations, bytes)
    texts["xl/_rels/workbook.xml.rels"] = relations.replace(b"Target=", b"Target =").replace(b'"', b"'")
    document = read(write_zip(tmp_path / "b.xlsx", texts)).document
    assert document is not None
    assert (document.places[0].text, document.places[0].rows) == ("Item: Pear; Price: 2", ())
