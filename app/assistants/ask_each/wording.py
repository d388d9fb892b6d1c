"""A table in words, for the conversation, the clipboard and the terminal."""

from app.assistants.places import label_of
from app.assistants.tables import Row, Table

_LINES = 100  # of the table in the text of a message: what a later search of the chats looks through


def told(table: Table) -> str:
    """ "12 documents were asked: 3 meet “in 2026”, 1 may or may not, 5 do not, 3 do not say."."""
    asked = (
        f"{table.documents:,} document was asked"
        if table.documents == 1
        else f"{table.documents:,} documents were asked"
    )
    if table.documents < table.total:
        asked = f"{table.documents:,} of {table.total:,} documents were asked"
    found = len(table.rows)
    if table.condition:
        said = [f"{found:,} {'meets' if found == 1 else 'meet'} “{table.condition}”"]
    else:
        said = [f"{found:,} {'answers' if found == 1 else 'answer'}"]
    if table.unsure:
        said.append(f"{len(table.unsure):,} may or may not")
    if table.outside:
        said.append(f"{table.outside:,} {_do(table.outside)} not")
    if table.without:
        said.append(f"{table.without:,} {_do(table.without)} not say")
    plain = " No condition was applied: the question was asked as it stands." if table.unapplied else ""
    return f"{asked}: {', '.join(said)}.{plain}"


def as_text(table: Table) -> str:
    """`told`, then a line for each of the first rows."""
    lines = [told(table), ""] if table.rows or table.unsure else [told(table)]
    lines += [line_of(row) for row in table.rows[:_LINES]]
    if table.unsure:
        lines += ["", "Not sure:", *(line_of(row) for row in table.unsure[:_LINES])]
    return "\n".join(lines)


def line_of(row: Row) -> str:
    """ "lease.pdf, page 3: 30 June 2026"."""
    return f"{label_of(row.source)}: {' '.join(row.answer.split())}"


def _do(count: int) -> str:
    return "does" if count == 1 else "do"
