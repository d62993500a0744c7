"""Counts and map clusters when several people save at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from allmende.catalogue.actions import edit_item, refresh_derived
from allmende.catalogue.models import Event, FacetCount, MapCluster
from allmende.core.content import content_stamp
from allmende.core.models import User

from .conftest import NOW, Deliver, event

ROUNDS = 6


@pytest.mark.postgres  # on SQLite whoever writes is alone
@pytest.mark.django_db(transaction=True)
def test_they_are_computed_by_several_at_once_and_stay_whole(deliver: Deliver) -> None:
    deliver([event(f"e{n}", lat=44.0 + n, lon=4.0) for n in range(3)])
    refresh_derived()
    counts = sorted(FacetCount.objects.exclude(facet="stamp").values_list("kind", "facet", "value", "n"))
    failures: list[BaseException] = []

    def go() -> None:
        try:
            for _ in range(ROUNDS):
                refresh_derived()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(FacetCount.objects.exclude(facet="stamp").values_list("kind", "facet", "value", "n")) == counts
    assert MapCluster.objects.filter(zoom=15).count() == 3


def _is_fresh() -> bool:
    return FacetCount.objects.get(facet="stamp", value="stamp").n == content_stamp()


@pytest.mark.django_db
def test_an_edit_counts_anew_only_what_depends_on_it(deliver: Deliver) -> None:
    deliver([event("e1")])
    refresh_derived(now=NOW)
    operator = User.objects.create_user("op@example.org", is_operator=True)
    pk = Event.objects.get().pk
    edit_item("event", pk, {"url": "https://example.org/"}, by=operator, now=NOW)
    assert not _is_fresh()
    edit_item("event", pk, {"lon": 4.5, "lat": 44.5}, by=operator, now=NOW)
    assert _is_fresh()
    assert MapCluster.objects.filter(zoom=15, lon=4.5).exists()
