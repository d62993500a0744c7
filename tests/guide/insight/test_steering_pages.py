"""Trials are begun and ended by those who edit for the owner, and stand openly for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.core.models import User
from allmende.insight.models import Evaluation, Intervention, Site, SteeringDay
from tests.insight.steering.conftest import Coast, coast

from .test_busy_pages import CALM

__all__ = ["coast"]

pytestmark = pytest.mark.django_db
PATH = "/en/workspace/insight/steering/"


def signed_in(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


@pytest.fixture
def site(coast: Coast) -> Site:
    return coast.site("Stranden", coast.place("Stranden"), CALM, until=datetime.now(UTC))


def typed(*sites: Site, **more: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {
        "title": "Roligere middag",
        "site": [str(site.pk) for site in sites],
        "share": "50",
        "starts_on": (today + timedelta(days=2)).isoformat(),
        "ends_on": (today + timedelta(days=60)).isoformat(),
        "hypothesis": "Færre ved middag",
        "expected_percent": "−10",
        **more,
    }


def test_an_editor_begins_a_trial_and_everybody_reads_it(coast: Coast, site: Site) -> None:
    client = signed_in(coast.editor)
    assert "Stranden" in client.get(PATH).content.decode()
    answer = client.post(PATH, typed(site))
    assert (answer.status_code, answer["Location"]) == (303, PATH)
    trial = Intervention.objects.get()
    assert (trial.locked["share"], trial.expected_percent, trial.organisation) == (0.5, -10.0, coast.owner)
    html = client.get(PATH).content.decode()
    assert "Roligere middag" in html
    assert "Cancel this trial" in html
    public = Client().get("/en/steering/")
    assert public["Cache-Control"] == "public, max-age=60"
    told = public.content.decode()
    assert "Roligere middag" in told
    assert "50 %" in told
    assert "Nothing has been drawn yet" in told


def test_a_mistake_is_named_and_what_was_typed_stays(coast: Coast, site: Site) -> None:
    client = signed_in(coast.editor)
    answer = client.post(PATH, typed(hypothesis="Bevares"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose at least one measured place." in html
    assert "Bevares" in html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_on": "x"}, "Write the day as year-month-day"),
        ({"ends_on": "31.12.2026"}, "Write the day as year-month-day"),
        ({"ends_on": "9999-12-31"}, "Write the day as year-month-day"),
        ({"starts_on": "9999-12-31"}, "A trial takes at least two weeks"),
        ({"expected_percent": "ten"}, "Write a number"),
        ({"expected_percent": "nan"}, "Write a number"),
        ({"share": "zz"}, "between 10 and 90 per cent"),
    ],
)
def test_nothing_is_locked_otherwise_than_it_was_typed(
    coast: Coast, site: Site, wrong: dict[str, str], said: str
) -> None:
    answer = signed_in(coast.editor).post(PATH, typed(site, **wrong))
    html = answer.content.decode()
    assert (answer.status_code, said in html) == (422, True)
    assert not Intervention.objects.exists()
    if "share" not in wrong:
        assert f'value="{next(iter(wrong.values()))}"' in html


def test_who_does_not_edit_for_the_owner_neither_sees_nor_changes_it(coast: Coast, site: Site) -> None:
    signed_in(coast.editor).post(PATH, typed(site))
    trial = Intervention.objects.get()
    other = coast.site("Nabo", coast.place("Nabo"), CALM, owner=coast.other)
    for person in (coast.member, coast.stranger):
        client = signed_in(person)
        html = client.get(PATH).content.decode()
        assert "Roligere middag" not in html
        assert f'value="{site.pk}"' not in html
        assert client.post(PATH, typed(site)).status_code == 404
        assert client.post(f"{PATH}{trial.pk}/stop/").status_code == 404
    assert signed_in(coast.editor).post(PATH, typed(site, other)).status_code == 404
    assert Client().get(PATH).status_code == 302
    assert Client().post(f"{PATH}{trial.pk}/stop/").status_code == 302
    assert Intervention.objects.filter(cancelled_at__isnull=True).count() == 1


def test_an_editor_ends_a_trial_once(coast: Coast, site: Site) -> None:
    client = signed_in(coast.editor)
    client.post(PATH, typed(site))
    trial = Intervention.objects.get()
    assert client.get(f"{PATH}{trial.pk}/stop/").status_code == 405
    assert client.post(f"{PATH}{trial.pk}/stop/").status_code == 303
    assert "cancelled" in client.get(PATH).content.decode()
    assert client.post(f"{PATH}{trial.pk}/stop/").status_code == 404
    assert "cancelled" in Client().get("/en/steering/").content.decode()


def test_only_a_published_answer_is_shown_with_its_interval(coast: Coast, site: Site) -> None:
    signed_in(coast.editor).post(PATH, typed(site))
    now = datetime.now(UTC)
    answer = Evaluation.objects.create(
        intervention=Intervention.objects.get(),
        made_at=now,
        data_until=now.date(),
        verdict="worked",
        effect_percent=-9.4,
        low_percent=-15.2,
        high_percent=-3.6,
    )
    assert "It worked" not in Client().get("/en/steering/").content.decode()
    answer.published_at = now
    answer.save()
    assert "It worked: −9 % visitors (−15 to −4)" in Client().get("/en/steering/").content.decode()


def test_both_pages_cost_the_same_number_of_questions_with_one_trial_and_with_three(coast: Coast) -> None:
    client = signed_in(coast.editor)
    counts: dict[str, list[int]] = {}
    for number in range(3):
        site = coast.site(f"Strand {number}", coast.place(f"Strand {number}"), CALM, until=datetime.now(UTC))
        assert client.post(PATH, typed(site, title=f"Forsøg {number}")).status_code == 303
        SteeringDay.objects.get_or_create(
            site=site, day=datetime.now(UTC).date(), defaults={"is_on": True, "share": 0.5}
        )
        if number == 1:
            continue
        for path in (PATH, "/en/steering/"):
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            counts.setdefault(path, []).append(sum("contentstamp" not in query["sql"] for query in asked))
    assert all(one == three for one, three in counts.values()), counts
