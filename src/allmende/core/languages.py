"""The languages of the interface."""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("de", "sv", "da", "nl", "fr", "en")
OWN_NAMES = {"de": "Deutsch", "sv": "Svenska", "da": "Dansk", "nl": "Nederlands", "fr": "Français", "en": "English"}
DEFAULT = "en"


def split_path(path: str) -> tuple[str, str]:
    """``/fr/events/`` -> ``("fr", "/events/")``; a path without a language -> ``("", path)``."""
    head, _, rest = path[1:].partition("/")
    if head in OWN_NAMES:
        return head, "/" + rest
    return "", path


@lru_cache(maxsize=1024)
def from_accept_language(header: str) -> str:
    """The interface language that a browser's Accept-Language likes best."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:300].split(",")):
        tag, _, weight = part.strip().partition(";")
        quality = 1.0
        if weight.strip().startswith("q="):
            try:
                quality = float(weight.strip()[2:])
            except ValueError:
                continue
        code = tag.strip().lower().split("-")[0]
        code = {"nb": "da", "no": "da", "nn": "da"}.get(code, code)
        if code in OWN_NAMES and quality > 0:
            wanted.append((-quality, place, code))
    return min(wanted)[2] if wanted else DEFAULT
