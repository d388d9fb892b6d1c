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
    ],
)
def test_what_stands_around_a_translation_is_taken_away(reply, source, said):
    assert bare(reply, source) == said


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
