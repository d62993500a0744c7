"""What all reports on paper share: type, headings, page numbers, language, hyphenation, and tags for screen readers.

A report brings its own template, which begins with ``#import "base.typ": *`` and ``#show: paper.with(report, …)``; the
base is ``templates/base.typ`` beside this file.  The same content gives the same bytes on every machine.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst

__all__ = ["CannotSet", "set_pdf"]
STANDARD: Final = "ua-1"
"""PDF/UA-1: the typesetter refuses what a screen reader could not read."""


class CannotSet(ValueError):
    """The content cannot be set; the message is the typesetter's."""


def set_pdf(
    package: str, content: Mapping[str, Any], *, made: datetime, drawings: Mapping[str, str] | None = None
) -> bytes:
    """The PDF that ``templates/report.typ`` of ``package`` makes of ``content``.

    ``content`` has at least ``title``, ``author``, ``language`` (ISO 639-1), ``label`` (on top of every page, or empty) and
    ``page_of`` (``Page {page} of {pages}``).  ``drawings``: name of a file -> SVG.  Raises :class:`CannotSet`.
    """
    with tempfile.TemporaryDirectory(prefix="allmende-paper-") as name:
        folder = Path(name)
        (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        for file, of in (("base.typ", __package__), ("report.typ", package)):
            (folder / file).write_text((files(of) / "templates" / file).read_text("utf-8"), "utf-8")
        for file, svg in (drawings or {}).items():
            (folder / file).write_text(svg, "utf-8")
        try:
            return typst.compile(
                folder / "report.typ",
                root=folder,
                ignore_system_fonts=True,  # the same on every machine
                format="pdf",
                pdf_standards=[STANDARD],
                timestamp=int(made.timestamp()),
            )
        except typst.TypstError as error:
            raise CannotSet(str(error)) from error
