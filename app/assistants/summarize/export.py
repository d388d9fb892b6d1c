"""Summaries as files: Markdown, HTML (which the window prints as PDF), Word."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from app.assistants.places import label_of, place_words
from app.assistants.summarize.events import Coverage, Point, Summary
from app.assistants.summarize.wording import grouped, read_of
from app.base.errors import AppError
from app.base.files import replacing, write_text

_STYLE = "body{font-family:sans-serif;line-height:1.5;max-width:44em;margin:2em auto;padding:0 1em}.facts,.where{color:#666}"


def coverage_words(coverage: Coverage) -> str:
    """ "Read 214 of 214 pages with text": the index knows no others."""
    counted = read_of(coverage)
    if counted is None:
        return "Read all of it"
    unit, read, total = counted
    with_text = " with text" if unit in ("page", "slide") else ""
    return f"Read {read:,} of {total:,} {unit}s{with_text}"


def way_words(summary: Summary) -> str:
    """How it was made."""
    if summary.extractive:
        return "in the document's own sentences"
    return f"written by {summary.model}"


def facts_line(summary: Summary) -> str:
    """ "Read 214 of 214 pages with text · in the document's own sentences"."""
    stopped = " · stopped before the end" if summary.state == "stopped" else ""
    return f"{coverage_words(summary.coverage)} · {way_words(summary)}{stopped}"


def where(point: Point, summary: Summary) -> str:
    """The places a point comes from: "page 3; page 7". In a joint summary without a heading for each document also
    which document that is."""
    named = not summary.file and summary.style == "minutes"
    places = (
        label_of(each) if named else place_words(each.place).removeprefix(", ") for each in point.sources
    )
    return "; ".join(dict.fromkeys(each for each in places if each))


def as_markdown(summaries: Sequence[Summary]) -> str:
    parts = []
    for each in summaries:
        lines = [f"# {each.title}", f"*{facts_line(each)}*", *each.remarks]
        for title, points in grouped(each.points, each.style):
            lines += [f"## {title}"] if title else []
            lines.append("\n".join(f"- {_text(point, each)}" for point in points))
        parts.append("\n\n".join(lines))
    return "\n\n".join(parts) + "\n"


def as_text(summaries: Sequence[Summary]) -> str:
    """Without any marks of formatting."""
    parts = []
    for each in summaries:
        lines = [each.title, facts_line(each), *each.remarks]
        for title, points in grouped(each.points, each.style):
            lines += [title] if title else []
            lines.append("\n".join(f"• {_text(point, each)}" for point in points))
        parts.append("\n\n".join(line for line in lines if line))
    return "\n\n\n".join(parts) + "\n"


def as_html(summaries: Sequence[Summary]) -> str:
    """A whole page without anything to fetch."""
    body = "".join(_html_of(each) for each in summaries)
    title = escape(summaries[0].title if summaries else "")
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _html_of(summary: Summary) -> str:
    parts = [
        f'<h1 dir="auto">{escape(summary.title)}</h1>',
        f'<p class="facts">{escape(facts_line(summary))}</p>',
    ]
    parts += [f"<p>{escape(each)}</p>" for each in summary.remarks]
    for title, points in grouped(summary.points, summary.style):
        parts += [f'<h2 dir="auto">{escape(title)}</h2>'] if title else []
        parts.append("<ul>" + "".join(_html_item(each, summary) for each in points) + "</ul>")
    return "".join(parts)


def _html_item(point: Point, summary: Summary) -> str:
    said = where(point, summary)
    after = f' <span class="where">({escape(said)})</span>' if said else ""
    return f'<li dir="auto">{escape(point.text)}{after}</li>'


def write_docx(path: Path, summaries: Sequence[Summary]) -> None:
    """Raises `AppError` when it cannot be written."""
    import docx  # takes a while to load

    document = docx.Document()
    document.core_properties.author = ""
    for each in summaries:
        document.add_heading(_clean(each.title), 1)
        document.add_paragraph().add_run(_clean(facts_line(each))).italic = True
        for remark in each.remarks:
            document.add_paragraph(_clean(remark))
        for title, points in grouped(each.points, each.style):
            if title:
                document.add_heading(_clean(title), 2)
            for point in points:
                document.add_paragraph(_clean(_text(point, each)), style="List Bullet")
    with replacing(path) as stream:
        document.save(stream)


def write_summaries(path: Path, summaries: Sequence[Summary]) -> None:
    """In the format that the suffix of `path` names. Raises `AppError` for one that is not known."""
    writers: dict[str, Callable[[], Any]] = {
        ".md": lambda: write_text(path, as_markdown(summaries)),
        ".txt": lambda: write_text(path, as_text(summaries)),
        ".html": lambda: write_text(path, as_html(summaries)),
        ".docx": lambda: write_docx(path, summaries),
    }
    check_export(path)
    writers[path.suffix.casefold()]()


def check_export(path: Path) -> None:
    """Raises `AppError` when summaries are not written in that format, before any work is done."""
    if path.suffix.casefold() not in (".md", ".txt", ".html", ".docx"):
        raise AppError(
            f"A summary cannot be written as “{path.suffix or path.name}”.",
            "Choose a name that ends in .md, .txt, .html or .docx; PDF is made in the window.",
        )


def check_no_source(path: Path, sources: Iterable[str]) -> None:
    """Raises `AppError` when `path` is one of the files that are summarised ("" for pasted text), whatever it is called:
    through a link, or on a disk that does not tell capitals apart."""
    if any(each and _same(path, Path(each)) for each in sources):
        raise AppError(
            f"{path.name} is the document itself; the summary would replace it.",
            "Choose another name for the summary.",
        )


def _same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:  # one of them is not there, or cannot be looked at
        return first == second


def _text(point: Point, summary: Summary) -> str:
    said = where(point, summary)
    return f"{point.text} ({said})" if said else point.text


def _clean(text: str) -> str:
    """Without characters that XML does not allow."""
    return "".join(each for each in text if each >= " " or each in "\t\n")
