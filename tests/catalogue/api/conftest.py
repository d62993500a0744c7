"""A small region, asked through the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from allmende.site.api import ANONYMOUS, WITH_KEY
from tests.guide.conftest import Deliver, Region, _fresh, deliver, in_days, region

__all__ = ["Deliver", "Region", "_fresh", "deliver", "in_days", "region"]


@dataclass
class Asker:
    """Asks the API as a program does."""

    client: Client

    def get(self, path: str, **headers: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=headers)

    def json(self, path: str, status: int = 200, **headers: Any) -> Any:
        answer = self.get(path, **headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    def ids(self, path: str) -> list[int]:
        return [item["id"] for item in self.json(path)["items"]]

    def all(self, path: str, most: int = 50) -> list[Any]:
        """The items of all pages, following ``next``."""
        items: list[Any] = []
        page = self.json(path)
        for _ in range(most):
            items += page["items"]
            if page["next"] is None:
                return items
            page = self.json(page["next"].partition("/api/v1/")[2])
        raise AssertionError("the list does not end")


@pytest.fixture
def api() -> Asker:
    """The public."""
    ANONYMOUS.forget()
    WITH_KEY.forget()
    return Asker(Client())
