from dataclasses import replace

import pytest

from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.choosing import choose_translator
from app.assistants.translate.engines import CutShort, Request
from app.assistants.translate.segments import SegmentTranslator
from app.assistants.translate.small_translator import SmallTranslator
from app.engine.protocol import ModelSpec
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from app.models.catalog import Translation, load_catalog
from tests.fixtures.scripted_engine import ScriptedEngine

SPEC = ModelSpec("some-model.gguf")


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def test_a_model_refuses_languages_it_was_not_trained_for(catalog):
    starter = ChatTranslator(ScriptedEngine(), SPEC, catalog.tier("starter")[0])
    refused = starter.refusal("en", "de")
    assert refused is not None and "trained for English only" in refused.what and "German" in refused.remedy
    phi = ChatTranslator(ScriptedEngine(), SPEC, catalog.model("phi-4-mini-instruct"))
    assert phi.refusal("en", "de") is None and phi.caution("en", "de") == ""
    assert "Tamil" in phi.refusal("ta", "en").what


def test_a_refusal_names_a_model_for_both_languages(catalog):
    starter = ChatTranslator(ScriptedEngine(), SPEC, catalog.tier("starter")[0], catalog.models)
    assert starter.refusal("en", "de").remedy == (
        "Choose a model in Models that covers German, for example Hy-MT2-1.8B, or add a small translation model for"
        " English to German."
    )
    assert "Filipino, for example Hy-MT2-1.8B, or" in starter.refusal("en", "fil").remedy
    assert "covers Swahili, or add" in starter.refusal("en", "sw").remedy  # nobody names it
    assert "covers Tamil, or add" in ChatTranslator(
        ScriptedEngine(), SPEC, catalog.tier("starter")[0], [catalog.model("qwen3-4b")]
    ).refusal("en", "ta").remedy  # fmt: skip


def test_what_nobody_says_is_allowed_with_a_caution(catalog):
    unknown = ChatTranslator(ScriptedEngine(), SPEC, None)
    assert unknown.refusal("en", "de") is None and "does not know which languages" in unknown.caution(
        "en", "de"
    )
    many = ChatTranslator(ScriptedEngine(), SPEC, catalog.model("qwen3-4b"))
    assert many.refusal("en", "ta") is None and "Tamil" in many.caution("en", "ta")
    assert many.caution("en", "zh-Hant") == ""


def test_the_prompt_begins_the_same_and_ends_with_the_text(cancel):
    engine = ScriptedEngine(["Hallo.", "Welt."])
    translator = ChatTranslator(engine, SPEC, None)
    translator.translate(Request("Hello.", "en", "de"), cancel)
    about = {
        "terms": (("valve", "Ventil"),),
        "before": (("Hello.", "Hallo."),),
        "complaint": "5 was missing.",
    }
    translator.translate(Request("World.", "en", "de", **about), cancel)
    first, second = engine.requests
    assert first[0] == second[0] and "from English to German" in first[0].content
    assert "{v1}" in first[0].content
    assert [(each.role, each.content) for each in second[1:3]] == [
        ("user", "Hello."),
        ("assistant", "Hallo."),
    ]
    assert second[-1].content.endswith("\nWorld.")
    assert "valve = Ventil" in second[-1].content and "5 was missing." in second[-1].content


def test_a_trained_prompt_is_used_as_it_is(cancel, catalog):
    engine = ScriptedEngine(["Hallo {v1}."])
    translator = ChatTranslator(engine, SPEC, catalog.model("hy-mt2-1.8b"))
    assert translator.refusal("en", "de") is None and translator.refusal("en", "sw") is not None
    translator.translate(Request("Hello {v1} {target_language}.", "en", "de"), cancel)
    assert [(each.role, each.content) for each in engine.requests[0]] == [
        (
            "user",
            "Translate the following text into German. Note that you should only output the translated result without"
            " any additional explanation:\n\nHello {v1} {target_language}.",
        )
    ]


def test_a_trained_prompt_may_have_its_own_languages_and_want_their_codes(cancel, catalog):
    trained = Translation(
        "{source_language}-{target_language}: {text}", languages=("en", "de"), code_names=True
    )
    known = replace(catalog.model("phi-4-mini-instruct"), translation=trained)
    engine = ScriptedEngine(["Hallo."])
    translator = ChatTranslator(engine, SPEC, known)
    assert translator.refusal("en", "fr") is not None and "fr" in known.languages
    translator.translate(Request("Hello.", "en", "de"), cancel)
    assert engine.requests[0][0].content == "en-de: Hello."


def test_a_retry_of_a_trained_prompt_asks_something_else(cancel, catalog):
    engine = ScriptedEngine(["Nehmen Sie es täglich ein.", "Nehmen Sie {v1} täglich ein."])
    translator = ChatTranslator(engine, SPEC, catalog.model("hy-mt2-1.8b"))
    work = SegmentTranslator(translator, source="en", target="de")
    assert work.translate("Take 5 mg every day.", cancel).target == "Nehmen Sie 5 mg täglich ein."
    (first,), (again,) = engine.requests
    assert again.content.endswith(f"\n\n{first.content}")
    assert "“5” is missing" in again.content and "“5”" not in first.content


def test_terms_come_before_a_trained_prompt(cancel, catalog):
    engine = ScriptedEngine(["Ventil"])
    translator = ChatTranslator(engine, SPEC, catalog.model("hy-mt2-1.8b"))
    translator.translate(Request("Valve", "en", "de", terms=(("valve", "Ventil"),)), cancel)
    assert "\nvalve = Ventil\n\nTranslate the following" in engine.requests[0][0].content


def test_a_loop_is_cut_short(cancel):
    engine = ScriptedEngine(["ja und nein " * 4000])
    reply = ChatTranslator(engine, SPEC, None).translate(
        Request(" ".join(map(str, range(999))), "en", "de"), cancel
    )
    assert len(reply) < 400


LONG = "The first sentence says what to do. The second one says that nobody may open the lid while it runs."


def test_an_answer_that_reaches_its_limit_is_asked_for_with_twice_the_room_and_then_flagged(cancel, memory):
    said = " ".join(f"Wort{number}" for number in range(150))
    engine = ScriptedEngine([said])
    assert ChatTranslator(engine, SPEC, None).translate(Request(LONG, "en", "de"), cancel) == said
    assert len(engine.requests) == 2 and engine.requests[0] == engine.requests[1]
    engine = ScriptedEngine([f"{said} {said}"])
    with pytest.raises(CutShort):
        ChatTranslator(engine, SPEC, None).translate(Request(LONG, "en", "de"), cancel)
    work = SegmentTranslator(ChatTranslator(engine, SPEC, None), source="en", target="de", memory=memory)
    done = work.translate(LONG, cancel)
    assert "cut short" in done.findings[0].text and done.findings[0].kind == "length"
    work.remember()
    assert memory.exact(LONG, "en", "de") is None


def test_one_retry_names_the_complaint_and_then_the_source_is_kept(cancel):
    engine = ScriptedEngine(
        ["Sure, here is the translation:\n\nNehmen Sie es täglich ein.", "Nehmen Sie {v1} täglich ein."]
    )
    work = SegmentTranslator(ChatTranslator(engine, SPEC, None), source="en", target="de")
    done = work.translate("Take 5 mg every day.", cancel)
    assert (done.target, done.origin, done.findings) == ("Nehmen Sie 5 mg täglich ein.", "engine", ())
    assert "5 mg" not in engine.requests[0][-1].content and "“5” is missing" in engine.requests[1][-1].content

    engine.answers = ["Nehmen Sie es täglich ein."]
    done = work.translate("Take 7 mg every day.", cancel)
    assert (done.target, done.origin) == ("Take 7 mg every day.", "kept")
    assert [(each.kind, "“7”" in each.text) for each in done.findings] == [("kept", True)]
    assert len(engine.requests) == 4


def test_small_models_come_first_where_they_are(paths, catalog):
    small = SmallTranslation(paths)
    chat = ChatTranslator(ScriptedEngine(), SPEC, catalog.tier("starter")[0])
    parts = {"chat": chat, "small_models": SmallModels(paths.models), "small": small}
    assert choose_translator("en", "de", **parts).translator is chat
    chosen = choose_translator("en", "de", wish="small", **parts)
    assert isinstance(chosen.translator, SmallTranslator)
    assert "No small model" in chosen.translator.refusal("en", "de").what
    small.close()
