"""A report of one run for people to read: one HTML file and one accessible PDF, in six languages.

``write_report`` reads a release (and ``summary.json``, if the run wrote one) and nothing else: what is in the report could be
published with the release.  Sections without data say so in a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from allmende.engines.flows.release import ReleaseError, read_release
from allmende.engines.flows.report.summary import NAME as SUMMARY_NAME
from allmende.engines.flows.report.summary import (
    Check,
    RunSummary,
    SummaryError,
    Uncertainty,
    Zone,
    read_summary,
    write_summary,
)
from allmende.engines.flows.report.wording import LANGUAGES, UnknownLanguage, Words

FORMATS = ("html", "pdf")


def write_report(
    folder: Path,
    out: Path,
    *,
    language: str,
    formats: Sequence[str] = FORMATS,
    made: datetime | None = None,
) -> tuple[Path, ...]:
    """Write ``report.LANGUAGE.html`` and ``report.LANGUAGE.pdf`` into ``out`` and name them.

    Args:
        folder: a release, or a run that has one in ``release``.  ``summary.json`` is looked for in both.
        out: the folder to write to; made if it is not there.
        language: one of ``LANGUAGES``.
        formats: which of ``html`` and ``pdf``.
        made: the moment written into the PDF; without it the same input gives the same bytes.

    Raises:
        ReleaseError: if there is no release, or a file of it was changed.
        SummaryError: if the summary cannot be read.
        UnknownLanguage: if there are no texts in that language.
        ValueError: if a format is none of the two.
    """
    # a run that only writes its summary shall not load maps, templates and typesetting for it
    from allmende.engines.flows.report.compose import compose
    from allmende.engines.flows.report.html import page
    from allmende.engines.flows.report.pdf import document

    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ValueError(f"There is no report as '{unknown[0]}'. Choose from {', '.join(FORMATS)}.")
    place = folder if (folder / "manifest.json").is_file() else folder / "release"
    if not (place / "manifest.json").is_file():
        raise ReleaseError(f"{folder}: no release in it. Name a release, or publish the run first.")
    with_summary = next((at for at in (folder, place, place.parent) if (at / SUMMARY_NAME).is_file()), folder)
    report = compose(read_release(place), read_summary(with_summary), Words(language))
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        content = page(report).encode() if name == "html" else document(report, made=made)
        path = out / f"report.{language}.{name}"
        work = path.with_name(f".{path.name}-new")
        work.write_bytes(content)
        os.replace(work, path)
        written.append(path)
    return tuple(written)


__all__ = [
    "FORMATS",
    "LANGUAGES",
    "Check",
    "RunSummary",
    "SummaryError",
    "Uncertainty",
    "UnknownLanguage",
    "Zone",
    "read_summary",
    "write_report",
    "write_summary",
]
