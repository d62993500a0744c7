"""Letters made fit to be read on a page: plain paragraphs, and web addresses that can be followed."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

from allmende.core.mailbox import Letter
from allmende.formats.text import plain_text, strip_control

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
LONGEST: Final = 100_000


def to_page(letter: Letter) -> Markup:
    """The letter's text, with nothing of its markup; addresses are links that tell nobody where one came from."""
    text = letter.text or plain_text(letter.html)
    text = strip_control(text.replace("\r\n", "\n"))[:LONGEST].strip()
    parts: list[Markup] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        parts.append(escape(text[at : match.start()]))
        parts.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(match[0]))
        at = match.end()
    parts.append(escape(text[at:]))
    return Markup("").join(parts)
