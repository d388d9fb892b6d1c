import pytest

from app.base.errors import AppError
from app.documents.exchange.tables import read_terms

RENT, LEASE = ("rent", "Miete", False, ""), ("lease; tenancy", 'der "Vertrag"', False, "")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "terms.csv"


@pytest.mark.parametrize(
    "text",
    [
        'rent,Miete\n\n"lease; tenancy","der ""Vertrag"""\n',
        'rent;Miete\r\n"lease; tenancy";"der ""Vertrag"""\r\n',
        'sep=;\r\nrent;Miete\r\n"lease; tenancy";"der ""Vertrag"""',
        'rent\tMiete\nlease; tenancy\t"der ""Vertrag"""',
        '# our terms\nrent = Miete\nlease; tenancy = "der ""Vertrag"""',
        'rent|Miete|\n"lease; tenancy"| "der ""Vertrag"""|\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_quotes_and_marks(file, text, encoding):
    file.write_bytes(text.encode(encoding))
    assert read_terms(file).rows == [RENT, LEASE]


def test_old_code_pages(file):
    file.write_bytes("tenant;Mieter für Wohnräume\nnotice;Kündigung\ndoor;Tür".encode("cp1252"))
    assert read_terms(file).rows[1].target == "Kündigung"


def test_named_columns_in_any_order(file):
    file.write_text("Note,Target,Source,Locked\nlaw,Miete,rent,Yes\n,Pacht,lease,no\n,,alone\n")
    assert read_terms(file).rows == [
        ("rent", "Miete", True, "law"),
        ("lease", "Pacht", False, ""),
        ("alone", "", False, ""),
    ]


def test_columns_named_by_language(file):
    file.write_text("English,fr,German,Comment\nrent,loyer,Miete,law\n")
    assert read_terms(file, "de", "en") == ([("Miete", "rent", False, "law")], "de", "en")
    assert read_terms(file) == ([("rent", "loyer", False, "law")], "en", "fr")


def test_without_names_the_third_column_is_locked_or_a_note(file):
    file.write_text("rent,Miete,x\nlease,Pacht,,used for land\nflat\n")
    assert read_terms(file).rows == [
        ("rent", "Miete", True, ""),
        ("lease", "Pacht", False, "used for land"),
        ("flat", "", False, ""),
    ]
    file.write_text("rent,Miete,law\nlease,Pacht,\n")
    assert [row.note for row in read_terms(file).rows] == ["law", ""]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"rent\nlease\n", "only one column"),
        (b"PK\x03\x04" + bytes(range(32)) * 9, "not a table"),
    ],
)
def test_what_is_no_table_is_named(file, data, message):
    file.write_bytes(data)
    with pytest.raises(AppError, match=message) as raised:
        read_terms(file)
    assert raised.value.remedy


def test_an_open_quote_does_not_swallow_the_rest(file):
    file.write_text('rent,Miete\n"lease,Pacht\n' + "flat,Wohnung\n" * 20_000)
    assert len(read_terms(file).rows) == 20_002


def test_a_file_that_is_not_there(file):
    with pytest.raises(AppError, match="not there"):
        read_terms(file)
