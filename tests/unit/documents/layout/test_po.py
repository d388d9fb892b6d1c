"""Gettext catalogues: strings, plurals, fuzzy ones, and the bytes around them."""

from pathlib import Path

import pytest

from tests.unit.documents.layout.text_files import is_reproduced, rewritten, segments

_DONE = """# Top
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

#: a.c:1
#, c-format
msgctxt "menu"
msgid "Open \\"%s\\""
msgstr "Ouvrir \\"%s\\""

#~ msgid "old"
#~ msgstr "vieux"
"""
_OPEN = """
#, fuzzy
msgid "Close"
msgstr "Ouvre"

msgid "One file"
msgid_plural "%d files"
msgstr[0] ""
msgstr[1] ""
msgstr[2] ""

msgid ""
"Two <x1>\\n"
"lines\\n"
msgstr ""
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "a.po"
    path.write_text(_DONE + _OPEN)
    return path


def test_strings_are_segments(catalogue: Path) -> None:
    found = [(each.text, each.target, each.place) for each in segments(catalogue)]
    assert found == [
        ('Open "%s"', 'Ouvrir "%s"', "menu"),
        ("Close", "", ""),
        ("One file", "", ""),
        ("%d files", "", ""),
        ("Two <x1>\nlines", "", ""),
    ]


def test_a_catalogue_with_its_own_translations_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "done.po"
    path.write_bytes(_DONE.replace("\n", "\r\n").encode())
    assert is_reproduced(path)


def test_only_translations_and_the_language_change(catalogue: Path) -> None:
    targets = {"2": "Ferme", "3": "Un fichier", "4": "%d fichiers", "5": "Deux <x1>\nlignes"}
    out = rewritten(catalogue, targets, "es").decode()
    expected = (_DONE + _OPEN).replace("Language: fr", "Language: es").replace('"Ouvre"', '"Ferme"')
    expected = expected.replace('[0] ""', '[0] "Un fichier"')
    for number in (1, 2):
        expected = expected.replace(f'[{number}] ""', f'[{number}] "%d fichiers"')
    assert out == expected.removesuffix('msgstr ""\n') + 'msgstr ""\n"Deux <x1>\\n"\n"lignes\\n"\n'
