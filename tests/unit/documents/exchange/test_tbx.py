import pytest

from app.base.errors import AppError
from app.documents.exchange.tbx import read_tbx

OLD = """<?xml version="1.0"?><!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd"><martif type="TBX" xml:lang="en"><text><body>
<termEntry id="1"><descrip type="definition">Money for
 a dwelling</descrip>
 <langSet xml:lang="en-GB"><tig><term>rent</term></tig><ntig><termGrp><term>rental <hi>fee</hi></term></termGrp></ntig></langSet>
 <langSet xml:lang="de"><tig><term>Mietzins</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
  <tig><term>Bestandzins</term></tig>
  <tig><term>Miete</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig></langSet></termEntry>
<termEntry id="2"><langSet xml:lang="en"><tig><term>lease</term></tig></langSet></termEntry>
</body></text></martif>"""
NEW = """<tbx xmlns="urn:iso:std:iso:30042:ed-2" xmlns:basic="http://www.tbxinfo.net/ns/basic" type="TBX-Basic" style="dct"><text><body>
<conceptEntry id="1"><langSec xml:lang="fr"><termSec><term>loyer</term>
 <basic:administrativeStatus>admittedTerm-admn-sts</basic:administrativeStatus></termSec></langSec>
 <langSec xml:lang="en"><termSec><term>rent</term><note>law</note></termSec></langSec></conceptEntry>
</body></text></tbx>"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "terms.tbx"


def test_the_older_form(file):
    file.write_text(OLD)
    note = "Money for a dwelling"
    assert read_tbx(file, "en", "de") == [
        ("rent", "Miete", False, note),
        ("rental fee", "Miete", False, note),
        ("lease", "", False, ""),
    ]


def test_version_3(file):
    file.write_text(NEW)
    assert read_tbx(file, "fr", "en-US") == [("loyer", "rent", False, "law")]


def test_a_deprecated_term_is_no_translation(file):
    file.write_text(NEW.replace("admittedTerm", "deprecatedTerm"))
    assert read_tbx(file, "en", "fr") == [("rent", "", False, "law")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NEW, "no terms in German"),
        (NEW[:-40], "damaged"),
        ("<tmx/>", "not a TBX file"),
        ("rent,Miete", "not a TBX file"),
        ("", "empty"),
    ],
)
def test_files_without_these_terms_are_named(file, text, message):
    file.write_text(text)
    with pytest.raises(AppError, match=message) as raised:
        read_tbx(file, "en", "de")
    assert raised.value.remedy


def test_a_monster_is_refused_unread(file):
    with file.open("wb") as stream:
        stream.truncate((100 << 20) + 1)
    with pytest.raises(AppError, match="too large"):
        read_tbx(file, "en", "de")
