import io
import json

import pytest

from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.events import TextTranslated
from app.base.errors import AppError
from app.cli.main import run
from app.cli.session import Session
from app.cli.translate import follow
from app.engine.small_translation.models import SmallModels
from tests.fixtures.tiny_model import write_tiny_model
from tests.fixtures.tiny_translation_model import write_tiny_translation_model

GERMAN = "Das ist ein Haus mit einem großen Garten."
ENGLISH = "This is a house with a large garden."
TEMPLATE = "{% for each in messages %}{{ each.content }}\n{% endfor %}"
TMX = """<?xml version="1.0"?><tmx version="1.4"><header srclang="de" datatype="plaintext"/><body><tu>
<tuv xml:lang="de"><seg>{german}</seg></tuv><tuv xml:lang="en"><seg>{english}</seg></tuv></tu></body></tmx>"""


@pytest.fixture
def translate(capsys, monkeypatch):
    """Runs `alcove …`; returns the exit code, what stands on stdout (from JSON) and on stderr."""

    def call(*arguments, text=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        code = run(list(map(str, arguments)), open_window=lambda paths: 0)
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if "--json" in arguments and shown.out else shown.out, shown.err

    return call


def test_a_text_is_refused_by_a_model_that_does_not_cover_its_languages(translate):
    code, out, err = translate("translate", "-", "--to", "en", text=GERMAN)
    assert (code, out) == (1, "") and "trained for English only" in err
    code, out, err = translate("translate", "-", "--to", "en", "--engine", "small", text=GERMAN)
    assert code == 1 and "No small model" in err


def test_usage_mistakes_are_told_before_anything_runs(translate, tmp_path):
    file = tmp_path / "a.md"
    file.write_text(GERMAN, encoding="utf-8")
    assert "German (de)" in translate("translate", file, "--to", "Germn")[2]
    assert "would overwrite" in translate("translate", file, "--to", "en", "--out", file)[2]
    for source in ("-", file):
        code, out, err = translate(
            "translate", source, "--to", "en", "--out", tmp_path / "no" / "x.md", text=GERMAN
        )
        assert (code, out) == (1, "") and "is not there" in err
    mine = tmp_path / "mine.md"
    mine.write_text("precious")
    for source in ("-", file):
        code, out, err = translate("translate", source, "--to", "en", "--out", mine, text=GERMAN)
        assert (code, out) == (1, "") and "there already" in err
        assert (
            "trained for English"
            in translate("translate", source, "--to", "en", "--out", mine, "--overwrite", text=GERMAN)[2]
        )
    assert mine.read_text() == "precious"
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\n,\n", encoding="utf-8")
    assert "no usable term" in translate("translate", file, "--to", "en", "--glossary", terms)[2]
    assert translate("translate", file)[0] == 2


def test_the_memory_goes_to_and_from_tmx(translate, tmp_path):
    assert "memory holds nothing" in translate("memory", "export", tmp_path / "out.tmx")[2]
    file = tmp_path / "in.tmx"
    file.write_text(TMX.format(german=GERMAN, english=ENGLISH), encoding="utf-8")
    code, out, _ = translate("memory", "import", file, "--json")
    assert (code, out["read"], out["new"]) == (0, 1, 1)
    code, out, _ = translate("memory", "export", tmp_path / "out.tmx", "--from", "German")
    assert code == 0 and out.startswith("1 translation")
    assert ENGLISH in (tmp_path / "out.tmx").read_text("utf-8")
    document = tmp_path / "mine.docx"
    document.write_text("precious")
    assert "does not end in .tmx" in translate("memory", "export", document)[2]
    assert document.read_text() == "precious"
    assert translate("memory", "forget", GERMAN, "--from", "de")[:2] == (0, "1 translation removed\n")
    assert "no translation of this text" in translate("memory", "forget", GERMAN)[2]


def test_a_text_that_cannot_be_saved_is_shown(paths, tmp_path, capsys):
    folder = tmp_path / "folder"
    folder.mkdir()

    def events():
        folder.rmdir()
        yield TextTranslated("whole", (), "Scripted", "de", "en", "complete")

    with pytest.raises(AppError, match=r"folder.* does not exist"):
        follow(Session(paths, lambda _paths: 0), events(), folder / "a.txt", as_json=False)
    assert capsys.readouterr().out == "whole\n"


def test_half_a_text_replaces_no_file_and_is_shown_also_when_the_engine_failed(paths, tmp_path, capsys):
    place = tmp_path / "whole.txt"
    place.write_text("whole", encoding="utf-8")

    def events():
        yield TextTranslated("half", (), "Scripted", "de", "en", "stopped")
        raise AppError("The language model stopped.", "Try again.")

    with pytest.raises(AppError, match="language model stopped"):
        follow(Session(paths, lambda _paths: 0), events(), place, as_json=False)
    assert place.read_text("utf-8") == "whole" and capsys.readouterr().out == "half\n"


def test_a_file_is_written_and_told_whatever_the_model_is_worth(translate, tmp_path):
    """A model with random weights: nobody knows its languages, and nothing it writes can be a translation."""
    file = tmp_path / "a.md"
    file.write_text(f"# {GERMAN}\n\n{ENGLISH}\n\n12.5 °C\n", encoding="utf-8")
    model = write_tiny_model(tmp_path / "tiny.gguf", template=TEMPLATE, context_length=4096)
    code, out, err = translate("translate", file, "--to", "en", "--model", model, "--json")
    assert code == 0, err
    assert "does not know which languages tiny covers" in err
    assert out["out"] == str(tmp_path / "a.en.md") and out["segments"] == 3 and out["state"] == "complete"
    assert [each["source"] for each in out["flagged"]] == [GERMAN] and out["flagged"][0]["reason"]
    assert (out["engine"], out["source_language"], out["origins"]["copied"]) == ("tiny", "de", 2)
    assert ENGLISH in (tmp_path / "a.en.md").read_text("utf-8")


@pytest.mark.parametrize(("engine", "tuned"), [("auto", []), ("chat", ["starter"])])
def test_the_starter_is_not_prepared_where_a_small_model_translates(
    translate, paths, monkeypatch, engine, tuned
):
    asked = []
    monkeypatch.setattr(
        "app.assistants.tune_starter.tune_starter_quickly", lambda *_: asked.append("starter") or iter(())
    )
    write_tiny_translation_model(SmallModels(paths.models).folder / "de-en", "de", "en", {"haus": "house"})
    monkeypatch.setattr(ChatTranslator, "refusal", lambda *_: None)  # the starter would refuse German
    translate("translate", "-", "--to", "en", "--from", "de", "--engine", engine, "--no-memory", text=GERMAN)
    assert asked == tuned
