"""The map of presence of a wide region has larger squares, and each part of it can be looked at by itself."""

from __future__ import annotations

from typing import Any

from allmende.insight.crowding.queries.gathered import code_of
from allmende.insight.models import Delivery, PresenceCell
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People, words

PATH = "/en/workspace/insight/crowding/presence/"


def cell(north: int) -> str:
    return code_of((1000, 2_300_000 + north * 1000, 3_800_000))


def release(figures: dict[str, float | None]) -> None:
    town = Organisation.objects.get(name="Ville d’Uzès")
    delivery = Delivery.objects.create(
        organisation=town, origin="operator", supplier="Telco", name="od", state="applied", received_at=NOW
    )
    both: dict[str, Any] = {"organisation": town, "delivery": delivery, "period": NOW.date().replace(day=1)}
    PresenceCell.objects.bulk_create(PresenceCell(cell=code, people=people, **both) for code, people in figures.items())


def test_a_wide_region_is_gathered_and_a_part_of_it_is_shown_as_delivered(people: People) -> None:
    release({cell(0): 40.0, cell(1): None, cell(200): 900.0})
    whole = words(people.member.get(PATH))
    assert "Squares of 10\u00a0km" in whole
    assert "at least 40 people" in whole
    assert "Part 1: 900 people" in whole
    assert "Part 2: at least 40 people" in whole
    part = words(people.member.get(f"{PATH}?at={cell(0)}"))
    assert "Squares of" not in part
    assert "1 square is withheld" in part
    assert "900" not in part.split("<table")[1].split("</table>")[0]
    assert "Squares of 10" in words(people.member.get(f"{PATH}?at=nonsense"))


def test_what_lies_together_is_shown_at_once(people: People) -> None:
    release({cell(0): 40.0, cell(1): None})
    page = words(people.member.get(PATH))
    assert "Squares of" not in page
    assert 'name="at"' not in page
