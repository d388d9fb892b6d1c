import pytest

from app.assistants.translate.checks import check, losses
from app.assistants.translate.masking import mask, unmask
from app.assistants.translate.numbers import missing
from app.assistants.translate.terms import Terms
from app.storage.glossaries import Term


def kinds(source, target, to="de", terms=()):
    found = check(source, target, source_language="en", target_language=to, terms=terms)
    return [each.kind for each in found]


def test_every_value_gets_a_mark_and_comes_back_however_the_mark_is_written():
    text = (
        "<g1>Take</g1> 5 mg at 12.5 °C, €1,200.00 or 30 %: %s, %(n)d, {x}, {{y}}, ${z}, $1, {n, plural, one {#} other {#s}};"
        " see https://a.example/b?c=(1). Mail me@a.example, C:\\x\\y.txt, 2024-05-06, 10:30 pm, +49 30 1234567, v1.2, ABC-12."
    )
    masked = mask(text)
    assert len(masked.values) == 19 and masked.text.startswith(
        "<g1>Take</g1> {v1} at {v2}, {v3} or {v4}: {v5},"
    )
    assert "https://a.example/b?c=(1)" in masked.values and not any(each.isdigit() for each in masked.values)
    for written in ("{{ v{} }}", "{{V{}}}", "｛v{}｝", "[v{}]"):
        said = masked.text
        for number in range(1, 20):
            said = said.replace(f"{{v{number}}}", written.format(number))
        assert unmask(said, masked.values) == text


def test_marks_and_tags_of_the_source_itself_cannot_be_taken_for_ours():
    text = "Write {v1} or < G2 > before 5 mg."
    masked = mask(text)
    assert masked.values == ("{v1}", "< G2 >", "5 mg") and unmask(masked.text, masked.values) == text


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("1,234.5 and 1,200.00", "1.234,5 und 1.200", []),
        ("1 200 of 3", "1200 von 3", []),
        ("1.5 million", "150万", []),
        ("in 2024", "٢٠٢٤", []),
        ("12.5 and 7", "125 und 7", ["12.5"]),
        ("7 of 7", "7", ["7"]),
        ("800.5", "00.8005", ["800.5"]),
    ],
)  # fmt: skip
def test_numbers_are_compared_by_value(source, target, lost):
    assert missing(source, target)[0] == lost


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("Open the lid.", "Öffnen Sie den Deckel.", []),
        ("Open the lid.", " ", ["empty"]),
        ("Open <g1>the</g1> lid.", "Öffnen Sie <g1>den Deckel.", ["tags"]),
        ("See %s at https://a.example.", "Siehe %s.", ["placeholders"]),
        ("Wait 5 minutes.", "Warten Sie fünf Minuten.", ["numbers"]),
        ("Wait a while.", "Warten Sie 45 Minuten.", ["numbers"]),
        ("Take 5 mg now.", "Nehmen Sie jetzt 5 g.", ["numbers"]),
        ("Please open the lid now.", "Please open the lid now.", ["untranslated"]),
        ("New York Times Building Company", "New York Times Building Company", []),
        ("Please open the lid and wait for the water.", "Please lift the lid and then wait for all the water.", ["language"]),
        ("Please open the lid and wait for it.", "Пожалуйста, откройте крышку и подождите.", ["language"]),
        ("Open the lid of the tank and wait until it is full.", "Deckel auf.", ["length"]),
        ("Open the lid, then wait until it is full.", "Den Deckel öffnen " + "und warten " * 8, ["repetition"]),
    ],
)  # fmt: skip
def test_findings(source, target, found):
    assert kinds(source, target) == found


def test_terms_are_found_as_words_and_ordinary_ones_in_any_inflection():
    terms = Terms(
        [
            Term("heat pump", "Wärmepumpe"),
            Term("pump", "Pumpe"),
            Term("US", "USA", locked=True),
            Term("阀门", "valve"),
        ]
    )
    assert [each.source for each in terms.present("Heat pumps in the US use us")] == ["heat pump", "US"]
    assert [each.source for each in terms.present("A heat pump and a pump; pumpkin")] == ["heat pump", "pump"]
    assert [each.source for each in terms.present("关闭阀门。")] == ["阀门"]
    ordinary, locked = Term("house", "Haus"), Term("house", "Haus", locked=True)
    assert kinds("The houses are old.", "Alt sind die Hauses.", terms=[ordinary]) == []
    assert kinds("The houses are old.", "Alt sind die Hauses.", terms=[locked]) == ["glossary"]


def test_people_s_translations_are_hardly_ever_suspected(shared):
    folder = shared / "translation" / "ntrex"
    source = (folder / "newstest2019-src.eng.txt").read_text("utf-8").splitlines()[:240]
    for name, to in (("deu", "de"), ("jpn", "ja"), ("arb", "ar")):
        target = (folder / f"newstest2019-ref.{name}.txt").read_text("utf-8").splitlines()[:240]
        found = [kinds(*pair, to=to) for pair in zip(source, target, strict=True)]
        but_numbers = sum(bool(set(each) - {"numbers"}) for each in found)
        assert but_numbers <= 3 and sum(map(bool, found)) <= 0.1 * len(found), (name, found)
    assert losses(source[0], source[0]).lost == ()


@pytest.mark.parametrize(
    ("source", "target", "same"),
    [
        ("-15 points", "15 Punkte", False),
        ("-15 points", "minus 15 Punkte", True),
        ("<0.5 of it", "0,5 davon", False),
        ("<0.5 of it", "weniger als 0,5 davon", True),
        (">= 5 of it", "5 davon", False),
        ("5 million people", "5 Menschen", False),
        ("5 million people", "5 Tausend Menschen", False),
        ("5 billion people", "5 Billionen Menschen", False),
        ("5 billion people", "5 Milliarden Menschen", True),
        ("5 to 6 million people", "5 bis 6 Millionen Menschen", True),
        ("3,500 people", "3,5 Leute", False),
        ("3,500 people", "3.500 Leute", True),
        ("20 tablets", "2020 Tabletten", False),
        ("the summer of ’98", "der Sommer 1998", True),
        ("½ tablet", "eine Tablette", False),
        ("½ tablet", "0,5 Tabletten", True),
        ("10⁻⁶ parts", "10 Teile", False),
        ("section 1.10", "Abschnitt 1.1", False),
        ("agent 007", "Agent 7", False),
        ("at 3:45 pm", "um 3:45", False),
        ("at 3:45 pm", "um 15.45 Uhr", True),
    ],
)
def test_signs_scales_and_zeros_are_part_of_a_number(source, target, same):
    assert (missing(source, target, "en", "de") == ([], [])) is same


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("Add 10 g of salt.", "Geben Sie 10 kg Salz dazu.", ["numbers"]),
        ("Add 10 g of salt.", "Geben Sie 10 Gramm Salz dazu.", []),
        ("Keep 5 m away.", "Bleiben Sie 5 km weg.", ["numbers"]),
        ("Inject 5 mg now.", "Spritzen Sie 5 mmg.", ["numbers"]),
        ("Take 10 g and 10 kg.", "Nehmen Sie 10 g und 10 g.", ["numbers"]),
        ("5 mg to adults and 2 mg to children", "2 mg für Erwachsene und 5 mg für Kinder", ["numbers"]),
        ("On 03/04/2024 it began.", "Am 04.03.2024 begann es.", []),
        ("See `the text that is here` now.", "Siehe `the text that is here` jetzt.", ["kept"]),
    ],
)
def test_units_belong_to_their_numbers_and_values_to_their_places(source, target, found):
    assert kinds(source, target) == found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Store at -20 °C, <0.5 mg, >= 5 bar or 5 000 000 g.",
            ["-20 °C", "<0.5 mg", ">= 5 bar", "5 000 000 g"],
        ),
        (
            "Hi %{name}, { name }, :name, [[name]], __SUM__",
            ["%{name}", "{ name }", ":name", "[[name]]", "__SUM__"],
        ),
        ("Visit example.com and shop.example.org/a.", ["example.com", "shop.example.org/a"]),
        ("Pay $5 for the big_box and then come back for $10 more", ["$5", "big_box", "$10"]),
        ("{the first equation, then the rest} if <b and c>", []),
        ("Solve $x_1 = 2$ now.", ["$x_1 = 2$"]),
        ("詳細はhttps://example.com/helpをご覧ください。", ["https://example.com/help"]),
    ],
)
def test_only_values_are_masked(text, kept):
    assert list(mask(text).values) == kept


@pytest.mark.parametrize(
    "piece",
    "1 0.143, AB- 0123456789abcdef A 这个文本没有标点1 {a, {a,{b} <a a. /a 1. a_ (1 +1 $_ \\( ` %( 123\u00a0 &".split(
        " "
    ),
)
def test_time_grows_with_the_length_only(piece):
    text = (piece * 100_000)[:100_000]
    assert unmask(mask(text).text, mask(text).values) == text
