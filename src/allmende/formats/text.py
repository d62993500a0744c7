"""Text as sources deliver it, made fit to show: plain paragraphs, safe web addresses, no invisible characters.

Nothing that leaves this module is markup.  Pages escape it once more; this module sees to it that a reader of a page
does not meet ``&nbsp;``, ``<p>`` or a name that is written backwards.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import quote, urlsplit

import nh3

MAX_TEXT: Final = 100_000
"""Longer texts are cut: no description of an event needs 40 pages, and markup can be made slow to read."""

_MANY_TAGS = 3000
_LAYERS = 3
"""Exports escape markup that was escaped already; nobody does so more often than this."""
# Control characters, joiners of nothing, marks that turn the direction of writing, halves of surrogate pairs.
_INVISIBLE = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
)
_STRIP = re.compile(f"[{_INVISIBLE}]")
_NEW_LINE = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_TAG = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BREAK = re.compile(r"<(?:br|/tr|/dt|/dd)\b[^<>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|section|article|header|footer|aside|main|h[1-6]|ul|ol|dl|table|blockquote|pre|hr|figure|address)\b[^<>]*>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_SAFE_URL = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?"
)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-zA-Z]{2,24}(?::\d{1,5})?(?:[/?#].*)?", re.DOTALL)
_URL_CHARS = "/?#[]@!$&'()*+,;=%:-._~"
_MAX_URL = 2000


def strip_control(text: str) -> str:
    """``text`` without characters that nobody sees: controls, half surrogates, marks that turn the direction."""
    return _STRIP.sub("", text)


def plain_text(text: str) -> str:
    """Plain paragraphs from HTML or plain text: entities decoded, scripts and styles gone, blank lines between blocks.

    Text without markup keeps its lines; spaces at their ends and more than one blank line go.
    """
    if _is_clean(text):
        return text.strip()
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    for _ in range(_LAYERS):
        text = html.unescape(_without_markup(text) if _has_markup(text) else text)
        if not _has_markup(text):
            break
    text = text.replace("\xa0", " ").replace("\t", " ").replace("\r\n", "\n")
    if _is_settled(text):
        return text.strip()
    if not text.replace("\n", " ").isprintable():
        text = _STRIP.sub("", _NEW_LINE.sub("\n", text))
    return _settled(text).strip()


def _settled(text: str) -> str:
    """One space where there are several, none around a line break, at most one blank line.

    Plain replacements, again and again: on texts of usual length they take a tenth of what patterns take.
    """
    for many, few in (("  ", " "), (" \n", "\n"), ("\n ", "\n"), ("\n\n\n", "\n\n")):
        while many in text:
            text = text.replace(many, few)
    return text


def _has_markup(text: str) -> bool:
    return "<" in text and ">" in text and _TAG.search(text) is not None


def _is_clean(text: str) -> bool:
    """Whether there is nothing to repair; most texts end here, and these searches cost next to nothing."""
    return "<" not in text and "&" not in text and _is_settled(text)


def _is_settled(text: str) -> bool:
    """Whether spaces, line breaks and invisible characters are in order."""
    if "  " in text:
        return False
    if text.isprintable():
        return True
    if "\n " in text or " \n" in text or "\n\n\n" in text:
        return False
    return text.replace("\n", " ").isprintable()


def one_line(text: str) -> str:
    """``plain_text`` on a single line, for names and addresses."""
    text = plain_text(text)
    return " ".join(text.split()) if "\n" in text else text


def _without_markup(text: str) -> str:
    """Text of an HTML fragment, still with its entities; line breaks stand where blocks ended."""
    if text.count("<") > _MANY_TAGS:
        # A tree of very many nested elements takes the parser time that grows with its square.
        return html.escape(html.unescape(_ANY_TAG.sub(" ", text)), quote=False)
    # Line breaks of HTML source are only spaces.
    if _BLOCK.search(text) or _BREAK.search(text):
        text = text.replace("\r", " ").replace("\n", " ")
    text = _ITEM.sub("\n• ", _BREAK.sub("\n", text))
    text = _CELL.sub(" ", _BLOCK.sub("\n\n", text))
    return nh3.clean(_STRIP.sub("", text), tags=set())  # it fails on halves of surrogate pairs


def clean_url(url: str) -> str:
    """A web address that is safe to link to, or ``""``: http and https only, no password, no hidden characters.

    An address without scheme (``www.museum.example/visit``) gets ``http://``.
    """
    if len(url) <= _MAX_URL and _SAFE_URL.fullmatch(url):
        return url
    url = re.sub(r"[\t\r\n]", "", _STRIP.sub("", url)).strip(" \xa0<>\"'")
    if not url or len(url) > _MAX_URL:
        return ""
    if "://" not in url[:10]:
        if not _BARE_HOST.fullmatch(url):
            return ""
        url = "http://" + url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or not re.fullmatch(r"[\w.-]+", host):
        return ""
    if not re.search(r"\w", host):
        return ""
    rest = url[url.index("://") + 3 + len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}{quote(rest, safe=_URL_CHARS)}"
