import pytest

from app.assistants.translate.term_finding import TermFinder
from app.assistants.translate.terms import Terms, missed
from app.storage.glossaries import Term


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Batteries are included.", ["battery"]),
        ("two rental contracts and a CONTRACT", ["rental contract", "contract"]),
        ("The contrast is stark; a category, a scatter", []),
        ("cats", ["cat"]),
        ("Is it here? The IT department", ["IT"]),
        ("Die Verträge des Bürgermeisters", ["Vertrag", "Bürgermeister"]),
        ("この電池はバッテリーです", ["電池", "バッテリー"]),
        ("ซื้อหนังสือสองเล่ม", ["หนังสือ"]),
        ("C++, not C; an AC++ is none", ["C++"]),
        ("Polish people polish", ["Polish", "polish"]),
        ("by e-mail or E\u2011Mail", ["e-mail"]),
        ("पुस्तक हिन्दी में", ["हिन्दी"]),
        ("", []),
    ],
)
def test_which_terms_occur(text, expected):
    names = "battery contract cat IT Vertrag Bürgermeister 電池 電 バッテリー C++ polish Polish e-mail หนังสือ हिन्दी".split()
    finder = TermFinder(Term(name, "x") for name in [*names, "rental contract"])
    assert [each.source for each in finder.present(text)] == expected


def test_a_term_stands_once_and_a_shorter_one_only_by_itself():
    terms = [Term("data", "x"), Term("data protection", "y"), Term("data protection officer", "z")]
    assert Terms(terms).present("Data protection officers") == terms[2:]
    assert Terms(terms).present("Data, data and data protection") == terms[:2]


def test_a_term_in_several_glossaries_counts_once_and_the_locked_one_goes_first():
    free, locked, sign = Term("valve", "Hahn"), Term("valve", "Ventil", locked=True), Term("→", "=>")
    for order in ([free, locked, sign], [locked, free, sign]):
        assert Terms(order).present("Close the valves → now.") == [locked, sign]


@pytest.mark.parametrize(
    ("term", "target", "used"),
    [
        ("Pumpe", "Die Wasserpumpen laufen.", True),
        ("Pumpe", "Pumuckl läuft.", False),
        ("Ei", "Einer muss sie beraten.", False),
        ("Rat", "Einer muss sie beraten.", False),
        ("Rat", "Die Räte kamen.", True),
        ("Vertrag", "Die Verträge gelten.", True),
        ("acqua", "Le acque sono fredde.", True),
        ("вода", "Налейте воды.", True),
        ("مضخة", "شغل المضخة الآن.", True),
        ("阀门", "关闭阀门。", True),
        ("阀门", "关闭水泵。", False),
        ("IT", "Es geht it.", False),
        ("PC", "Zwei PCs laufen.", True),
        ("=>", "a=>b", True),
        ("=>", "a->b", False),
    ],
)
def test_a_translation_is_used_in_any_form_but_not_as_letters_of_other_words(term, target, used):
    assert missed([Term("x", term)], target) == ([] if used else [Term("x", term)])
