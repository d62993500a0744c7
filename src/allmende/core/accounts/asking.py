"""How django-allauth asks providers: through ``core.fetch``, like everything else that leaves this machine (decision 14)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.utils.http import urlencode

from allmende.core.fetch import Answer, Bounds, FetchFailed, named, request

BOUNDS: Final = Bounds(seconds=12, idle_seconds=8, size=2**20, redirects=2)


class SafeAdapter(DefaultSocialAccountAdapter):
    """Gives the provider code a way out with bounds on time, size and place."""

    def get_requests_session(self) -> Way:
        return Way()


class Said:
    """An answer with as much of a ``requests.Response`` as is used."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = answer.headers
        self.content = answer.body

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        if not 200 <= self.status_code < 300:
            raise FetchFailed(f"HTTP {self.status_code}", status=self.status_code)


class Way:
    """As much of a ``requests.Session`` as is used.

    Beside public addresses and ``ALLMENDE_FETCH_ALLOW``, the hosts of the providers themselves may be asked: the operator
    named them.
    """

    def __enter__(self) -> Way:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Said:
        return self.request("GET", url, headers=headers)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> Said:
        sent = {"Accept": "application/json", **(headers or {})}
        if auth is not None:
            sent["Authorization"] = f"Basic {b64encode(f'{auth.username}:{auth.password}'.encode()).decode()}"
        if data:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
        allow = (*settings.ALLMENDE_FETCH_ALLOW, *(named(provider.url) for provider in settings.ALLMENDE_OIDC))
        body = urlencode(data).encode() if data else b""
        return Said(request(method, url, body=body, headers=sent, bounds=BOUNDS, allow=allow))
