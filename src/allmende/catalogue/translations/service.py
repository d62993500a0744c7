"""The plug-in point for a translation service, and the one that speaks LibreTranslate's API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from django.conf import settings

from allmende.core.fetch import Answer, Bounds, FetchFailed, request

BOUNDS: Final = Bounds(seconds=30, idle_seconds=25, size=2 * 2**20, redirects=0)
Post = Callable[[str, bytes, Mapping[str, str]], Answer]


class ServiceFailed(Exception):
    """There is no translation; the message says why.  ``is_final``: asking again would give the same."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class TranslationService(Protocol):
    """Translates plain texts; whoever offers another service implements this."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """``texts`` in ``target``, in their order; languages are ISO 639-1 codes.  Raises :class:`ServiceFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class LibreTranslate:
    """``POST /translate`` with q, source, target, format and api_key, as LibreTranslate and its likes answer it."""

    url: str
    key: str
    post: Post

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        body = {"q": list(texts), "source": source, "target": target, "format": "text"}
        if self.key:
            body["api_key"] = self.key
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            answer = self.post(f"{self.url}/translate", json.dumps(body).encode(), headers)
        except FetchFailed as error:
            raise ServiceFailed(f"The translation service cannot be reached: {error}") from error
        return _texts(answer, len(texts))


def _texts(answer: Answer, count: int) -> list[str]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    if answer.status != 200:
        reason = str(told.get("error") or answer.status)[:200]
        is_final = answer.status in {400, 404, 413, 422}
        raise ServiceFailed(f"The translation service refused: {reason}", is_final=is_final)
    found = told.get("translatedText")
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or len(found) != count or not all(isinstance(text, str) for text in found):
        raise ServiceFailed("The translation service gave an answer of another shape than LibreTranslate's.")
    return [text.strip() for text in found]


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    return request("POST", url, body=body, headers=headers, bounds=BOUNDS, allow=settings.ALLMENDE_FETCH_ALLOW)


def service_in_use() -> TranslationService | None:
    """The service that ``ALLMENDE_TRANSLATE_URL`` names, if any."""
    url = settings.ALLMENDE_TRANSLATE_URL
    return LibreTranslate(url, settings.ALLMENDE_TRANSLATE_KEY, _post) if url else None
