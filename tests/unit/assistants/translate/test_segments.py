import pytest

from app.assistants.translate.cutting import parts, words
from app.assistants.translate.formatting import repaired, tidied
from app.assistants.translate.placing import place
from app.assistants.translate.replies import bare, loops
from app.assistants.translate.segments import SegmentTranslator
from app.assistants.translate.text import translate_text
from app.documents.layout.tags import same_tags
from app.storage.glossaries import Term
from tests.fixtures.mangling import IdentityEngine


class Scripted(IdentityEngine):
    def __init__(self, answers, *, keeps_tags=True):
        super().__init__(keeps_tags=keeps_tags)
        self.answers = answers

    def answer(self, request):
        found = self.answers[request.text]
        return found.pop(0) if isinstance(found, list) else found


def test_what_has_nothing_to_translate_or_repeats_is_not_asked(cancel):
    engine = Scripted({"Open the lid.": "Den Deckel öffnen."})
    work = SegmentTranslator(engine, source="en", target="de")
    assert [work.translate(each, cancel).target for each in ("12.5 °C", "<x1>", "https://a.example/b", "")] == [
        "12.5 °C", "<x1>", "https://a.example/b", ""
    ]  # fmt: skip
    assert work.translate(" Open the lid.\t", cancel).target == " Den Deckel öffnen.\t"
    assert work.translate("Open the lid.", cancel).target == "Den Deckel öffnen."
    assert len(engine.requests) == 1


def test_memory_answers_unless_it_is_damaged_and_learns_only_what_is_sound(memory, cancel):
    memory.remember("en", "de", [("Keep 5 metres away.", "Halten Sie 5 Meter Abstand.")], "person")
    memory.remember("en", "de", [("Wait 9 minutes now.", "Warten Sie jetzt.")], "import")
    engine = Scripted({
        "Wait 9 minutes now.": "Warten Sie jetzt 9 Minuten.",
        "Keep {v1} away.": "never asked",
        "Stop at once please.": ["", ""],
    })  # fmt: skip
    work = SegmentTranslator(engine, source="en", target="de", memory=memory)
    assert work.translate("Keep 5 metres away.", cancel).origin == "memory"
    assert work.translate("Wait 9 minutes now.", cancel).origin == "engine"
    assert engine.requests[0].before == (("Wait 9 minutes now.", "Warten Sie jetzt."), ("Keep 5 metres away.", "Halten Sie 5 Meter Abstand."))  # fmt: skip
    lost = work.translate("Stop at once please.", cancel)
    assert (lost.origin, [each.kind for each in lost.findings]) == ("kept", ["empty"])
    work.remember()
    assert memory.exact("Stop at once please.", "en", "de") is None


def test_a_missed_term_is_asked_for_once_and_then_flagged(cancel):
    terms = [Term("valve", "Ventil", locked=True), Term("pump", "Pumpe"), Term("hose", "Schlauch")]
    answers = ["Schließen Sie den Hahn und die Pumpen.", "Schließen Sie das Ventil und die Pumpen."]
    engine = Scripted({"Close the valve and the pumps.": answers, "Close every valve.": "Alle Hähne zu."})
    work = SegmentTranslator(engine, source="en", target="de", terms=terms)
    assert work.translate("Close the valve and the pumps.", cancel).findings == ()
    assert engine.requests[0].terms == (("valve", "Ventil"), ("pump", "Pumpe"))
    assert "“valve” must be “Ventil”" in engine.requests[1].complaint
    flagged = work.translate("Close every valve.", cancel)
    assert (flagged.origin, [each.kind for each in flagged.findings]) == ("engine", ["glossary"])


def test_lost_tags_leave_plain_text_with_a_flag(cancel):
    engine = Scripted({"Press <g1>Start</g1> now<x2> please.": "Drücken Sie jetzt < g1 >Start."})
    done = SegmentTranslator(engine, source="en", target="de").translate(
        "Press <g1>Start</g1> now<x2> please.", cancel
    )
    assert done.target == "Drücken Sie jetzt Start.<x2>"
    assert {each.kind for each in done.findings} == {"tags"} and done.origin == "engine"


def test_engines_without_tags_get_plain_text_and_the_formatting_back(cancel):
    answers = {
        "Press the red button now.": "Drücken Sie jetzt den roten Knopf.", "red button": "roter Knopf", "red": "roten"
    }  # fmt: skip
    engine = Scripted(answers, keeps_tags=False)
    work = SegmentTranslator(engine, source="en", target="de")
    assert (
        work.translate("Press the <g1>red</g1> button now.<x2>", cancel).target
        == "Drücken Sie jetzt den <g1>roten</g1> Knopf.<x2>"
    )
    lost = work.translate("Press the <g1>red button</g1> now.", cancel)
    assert lost.target == "Drücken Sie jetzt den roten Knopf." and [each.kind for each in lost.findings] == [
        "tags"
    ]
    nested = place("<g1>All of <g2>it</g2></g1>", "Alles <it>".replace("<it>", "it"), lambda piece: piece)
    assert nested.text == "<g1>Alles <g2>it</g2></g1>"


def test_long_segments_are_cut_between_sentences_and_joined_again(cancel):
    text = (
        "<g1>"
        + " ".join(f"This is sentence number {number} of a long text." for number in range(120))
        + "</g1> End."
    )
    cut = parts(text)
    assert len(cut) > 3 and "".join(cut) == text and all(words(each) <= 350 for each in cut)
    done = SegmentTranslator(IdentityEngine(), source="de", target="en").translate(text, cancel)
    assert done.target == text and same_tags(text, done.target)


@pytest.mark.parametrize(
    ("reply", "source", "said"),
    [
        ("Sure, here is the translation:\n\nHallo.", "Hello.", "Hallo."),
        ("German translation: „Hallo.“", "Hello.", "Hallo."),
        ("```\nHallo.\n```", "Hello.", "Hallo."),
        ("<think>Hm.</think>\n\nHallo.", "Hello.", "Hallo."),
        ("Hallo.\n\n(Note: informal.)", "Hello.", "Hallo."),
        ("„Hallo“, sagte er.", "“Hello,” he said.", "„Hallo“, sagte er."),
        ("Hinweis: Strom!", "Note: power!", "Hinweis: Strom!"),
        ("Answer: 42", "Respuesta: 42", "Answer: 42"),
        ("Output: It is safe.", "Es ist sicher.", "Output: It is safe."),
        (
            "In German law: The buyer pays.",
            "Nach deutschem Recht: Der Käufer zahlt.",
            "In German law: The buyer pays.",
        ),
        (
            "Certainly do not forget: turn off.",
            "Nicht vergessen： aus.",
            "Certainly do not forget: turn off.",
        ),
        ("In anything: stay calm.", "Ruhig bleiben.", "In anything: stay calm."),
        ("In German: Hallo.", "Hello.", "Hallo."),
        ("Sure, here is the translation:\nAchtung: heiß.", "Caution: hot.", "Achtung: heiß."),
        ("<think>Okay, the user wants me to", "Hello.", ""),
    ],
)
def test_what_stands_around_a_translation_is_taken_away(reply, source, said):
    assert bare(reply, source) == said


def test_what_no_file_can_hold_never_leaves_the_engine(cancel):
    for keeps_tags in (True, False):
        engine = Scripted({"Open the lid.": "Den\x01 Deckel\ud800 öffnen."}, keeps_tags=keeps_tags)
        done = SegmentTranslator(engine, source="en", target="de").translate("Open the lid.", cancel)
        assert done.target == "Den Deckel öffnen."


def test_what_the_person_wrote_stays_also_without_a_value(memory, cancel):
    source, edited = "You have 5 <g1>minutes</g1> now.<x2>", "Sie haben jetzt fünf <g1>Minuten.<x2>"
    memory.remember("en", "de", [(source, edited)], "person")
    work = SegmentTranslator(Scripted({}), source="en", target="de", memory=memory)
    done = work.translate(source, cancel)
    assert (done.target, done.origin) == ("Sie haben jetzt fünf Minuten.<x2>", "memory")
    assert {each.kind for each in done.findings} == {"tags", "numbers"}


def test_words_on_both_sides_of_a_break_are_words_of_their_own(cancel):
    answers = {
        "First line": "Erste Zeile", "second line": "zweite Zeile", "Open the pump now.": "Jetzt die Pumpe öffnen."
    }  # fmt: skip
    engine = Scripted(answers, keeps_tags=False)
    work = SegmentTranslator(engine, source="en", target="de", terms=[Term("line", "Zeile", locked=True)])
    done = work.translate("<g1>First line<x2>second line</g1>", cancel)
    assert (done.target, done.findings) == ("<g1>Erste Zeile<x2>zweite Zeile</g1>", ())
    assert engine.requests[0].terms == (("line", "Zeile"),)
    assert [each.text for each in engine.requests] == ["First line", "second line"]
    work.translate("Open the pump<x1> now.", cancel)  # a footnote parts nothing
    assert engine.requests[-1].text == "Open the pump now."
    engine.answers["second line"] = ""
    lost = SegmentTranslator(engine, source="en", target="de").translate("First line<x1>second line", cancel)
    assert (lost.target, lost.origin) == ("First line<x1>second line", "kept")


def test_no_cut_goes_through_a_value_and_the_whole_is_checked(cancel):
    address = "https://example.org/" + "a/b" * 60
    text = "説明" * 45 + f"{address} " + "説明" * 200
    cut = parts(text, 40)
    assert "".join(cut) == text and len(cut) > 5 and sum(address in each for each in cut) == 1
    long = " ".join(f"This is sentence {number} of it." for number in range(150))
    behind = parts(long)[1].split()[3]
    across = Term(f"{int(behind) - 1} of it. This is sentence {behind}", "Grenze")
    done = SegmentTranslator(IdentityEngine(), source="en", target="de", terms=[across]).translate(
        long, cancel
    )
    assert [each.kind for each in done.findings if "Grenze" in each.text] == ["glossary"]


def test_loops_and_careless_tags():
    assert loops("und so weiter " * 5) and loops("a" * 30)
    assert not loops("Row, row, row your boat.") and not loops("_" * 12)
    assert tidied("< G1 >a</ g1 ><X2/>&lt;x3&gt;") == "<g1>a</g1><x2><x3>"
    assert repaired("<g1>a</g1> <g2>b</g2>", "<g1>a <g2>b</g1></g2>").lost == (2,)


def test_pasted_text_keeps_its_lines_and_what_looks_like_tags(cancel):
    engine = Scripted(
        {"Open the lid now.": "Jetzt den Deckel öffnen.", "Use ‹g1› here.": "Hier ‹g1› nehmen."}
    )
    text = "Open the lid now.\r\n\r\n  Use <g1> here.\nOpen the lid now.\n"
    finished = list(
        translate_text(text, target="de", source="en", translator=engine, memory=None, cancel=cancel)
    )[-1]
    assert finished.text == "Jetzt den Deckel öffnen.\r\n\r\n  Hier <g1> nehmen.\nJetzt den Deckel öffnen.\n"
    assert (finished.state, len(finished.segments)) == ("complete", 3)
