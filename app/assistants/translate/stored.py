"""Translated segments as they are kept in a job."""

import json
from typing import Any, cast

from app.assistants.translate.events import Finding, FindingKind, Origin, TranslatedSegment
from app.documents.layout.segment import Segment
from app.storage.translation_jobs import StoredSegment


def to_stored(segment: TranslatedSegment, engine: str = "") -> StoredSegment:
    """`engine`: its name, kept where it wrote the target."""
    findings = json.dumps([[each.kind, each.text] for each in segment.findings], ensure_ascii=False)
    return StoredSegment(
        segment.key,
        segment.source,
        segment.target,
        segment.origin,
        findings,
        engine if segment.origin == "engine" else "",
    )


def from_stored(stored: StoredSegment, segment: Segment | None = None) -> TranslatedSegment:
    """`segment`: as the file has it, for its place and kind; without it both are not known."""
    return TranslatedSegment(
        key=stored.key,
        place=segment.place if segment else "",
        kind=segment.kind if segment else "text",
        source=stored.source,
        target=stored.target,
        origin=cast(Origin, stored.origin),
        findings=findings_from(stored.findings),
    )


def findings_from(text: str) -> tuple[Finding, ...]:
    """Nothing where the text is damaged: findings can be made anew."""
    try:
        found: Any = json.loads(text)
        return tuple(Finding(cast(FindingKind, str(kind)), str(what)) for kind, what in found)
    except (ValueError, TypeError):
        return ()
