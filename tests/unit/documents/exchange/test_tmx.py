import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base.errors import AppError
from app.documents.exchange.tmx import Pair, read_tmx, write_tmx

_HEAD = (
    '<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="%s"/><body>'
)


def _read(body: str, *languages: str, srclang: str = "en") -> list[Pair | None]:
    text = _HEAD % srclang + body + "</body></tmx>"
    return list(read_tmx(io.BytesIO(text.encode()), "a.tmx", *languages))


def _unit(**texts: str) -> str:
    variants = (
        f'<tuv xml:lang="{code.replace("_", "-")}"><seg>{text}</seg></tuv>' for code, text in texts.items()
    )
    return f"<tu>{''.join(variants)}</tu>"


_TEXT = st.lists(
    st.one_of(
        st.sampled_from(["<g1>", "</g1>", "<x2>", "<g13>", "&amp;", "]]>", "\n", "\r", " "]),
        st.text(
            st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8
        ),
    ),
    max_size=6,
).map("".join)
_PAIR = st.builds(
    Pair,
    st.sampled_from(["en", "zh-Hant"]),
    st.sampled_from(["de", "ar"]),
    _TEXT,
    _TEXT,
    st.sampled_from(["engine", "person", ""]),
    st.integers(0, 2_000_000_000).map(float),
    _TEXT,
)


@settings(max_examples=30, deadline=None, database=None)
@given(st.lists(_PAIR, max_size=5))
def test_what_is_written_is_read_again(pairs):
    stream = io.BytesIO()
    assert write_tmx(stream, pairs) == len(pairs)
    assert list(read_tmx(io.BytesIO(stream.getvalue()), "a.tmx")) == pairs


def test_tags_are_elements_other_programs_know_and_control_characters_go():
    stream = io.BytesIO()
    write_tmx(stream, [Pair("en", "de", "a <g1>b</g1>\x0b<x2>", "x")])
    text = stream.getvalue().decode()
    assert (
        '<seg>a <bpt i="1" x="1">&lt;g1&gt;</bpt>b<ept i="1">&lt;/g1&gt;</ept><ph x="2">&lt;x2&gt;</ph></seg>'
        in text
    )
    assert 'creationtool="Alcove"' in text and 'version="1.4"' in text


def test_inline_elements_of_other_programs_become_tags():
    source = (
        '<bpt i="4">{\\b </bpt>Open<ept i="4">}</ept> the <ph x="7">&lt;br/&gt;</ph><hi>door</hi><!-- no -->.'
    )
    target = '<ph x="7">[br]</ph>Die <hi>Tür</hi> <bpt i="4">{\\b </bpt>öffnen<ept i="4">}</ept>.'
    (pair,) = _read(_unit(en=source, de=target))
    assert pair[:4] == (
        "en",
        "de",
        "<g1>Open</g1> the <x2><g3>door</g3>.",
        "<x2>Die <g3>Tür</g3> <g1>öffnen</g1>.",
    )


def test_tags_that_do_not_fit_together_are_left_out():
    (pair,) = _read(_unit(en='<bpt i="1">b</bpt>Open', de='Öffnen<it pos="end">e</it>'))
    assert pair[2:4] == ("Open", "Öffnen")


def test_languages_regions_and_several_targets():
    body = _unit(en_US="colour", de_AT="Farbe", zh_TW="顏色") + _unit(en="only")
    found = [each and each[:4] for each in _read(body, srclang="en-US")]
    assert found == [("en", "de", "colour", "Farbe"), ("en", "zh-Hant", "colour", "顏色"), None]
    assert [each and each[:4] for each in _read(body, "de", "en")] == [("de", "en", "Farbe", "colour"), None]
    assert _read(body, "en", "fr") == [None, None]
    (first,) = _read(_unit(de="eins", en="one"), srclang="*all*")
    assert first[:4] == ("de", "en", "eins", "one")


def test_entities_are_not_expanded_and_files_not_read(tmp_path):
    (tmp_path / "secret").write_text("secret")
    text = (
        f'<!DOCTYPE tmx [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}"><!ENTITY b "bomb">]>'
        f'<tmx><header srclang="en"/><body>{_unit(en="x &a;&b;", de="y")}</body></tmx>'
    )
    (pair,) = read_tmx(io.BytesIO(text.encode()), "a.tmx")
    assert (pair.source, pair.target) == ("x ", "y")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"term;Begriff\n", "not a TMX file"),
        (b"<html><tu/></html>", "not a TMX file"),
        (b"PK\x03\x04\x00\x00", "not a TMX file"),
        (b"<tmx><body><tu><tuv", "damaged at line 1"),
    ],
)
def test_other_and_broken_files_are_named(data, message):
    with pytest.raises(AppError, match=message) as raised:
        list(read_tmx(io.BytesIO(data), "a.tmx"))
    assert raised.value.remedy
