"""Subtitles: cues, their tags and their lines."""

from pathlib import Path

from tests.unit.documents.layout.text_files import changed, is_reproduced, segments, texts

_SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Hello there,</i>\r\nmy old friend.\r\n\r\n"
    "7\r\n00:00:03,000 --> 00:00:04,000 X1:2\r\n- Who?\r\n- {\\an8}Me <b>now</b>\r\n"
    '3\r\n00:00:05,000 --> 00:00:06,000\r\n<font color="red">All</font>\r\n'
)
_VTT = "WEBVTT\n\nNOTE keep this\n\nSTYLE\n::cue { }\n\nid\n00:01.000 --> 00:02.000 align:start\n<v Ann>Tom &amp; I</v>\n"


def test_cues_are_segments(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(_SRT.encode())
    assert texts(path) == ["<g1>Hello there,</g1> my old friend.", "- Who?<x1>- <x2>Me <g3>now</g3>", "All"]
    assert [each.place for each in segments(path)] == ["00:00:01", "00:00:03", "00:00:05"]
    assert is_reproduced(path)


def test_a_cue_keeps_to_its_number_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(_SRT.encode())
    out = changed(path, lambda text: text.replace("my old friend", "my very very old and quite dear friend"))
    assert b"<i>Hello there,</i> my very very\r\nold and quite dear friend.\r\n\r\n7" in out
    assert b"- Who?\r\n- {\\an8}Me <b>now</b>" in out


def test_vtt_blocks_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(_VTT)
    assert texts(path) == ["Tom & I"]
    assert is_reproduced(path)
    assert changed(path, lambda _: "A < B").decode() == _VTT.replace("Tom &amp; I", "A &lt; B")
