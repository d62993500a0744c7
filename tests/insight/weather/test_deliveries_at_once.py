"""Two people deliver weather of the same station at the same moment: both are kept, and nobody sees an error."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from allmende.insight.deliveries.actions import apply_delivery
from allmende.insight.models import WeatherStation
from allmende.insight.weather import store
from tests.insight.conftest import NOW, World
from tests.insight.weather.conftest import NOON, keep, open_meteo


@pytest.mark.postgres  # on SQLite whoever writes is alone
@pytest.mark.django_db(transaction=True)
def test_the_same_station_and_month_from_several_sides(world: World) -> None:
    parts = [[value if number == at else None for number in range(4)] for at, value in enumerate((5.0, 6.0, 7.0, 8.0))]
    deliveries = [keep(world, open_meteo(NOON, part)) for part in parts]
    failures: list[BaseException] = []
    together = threading.Barrier(len(deliveries))

    def go(number: int) -> None:
        try:
            together.wait()
            apply_delivery(deliveries[number], by=world.editor, now=NOW)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(deliveries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    begin = store.hour_of(NOON)
    kept = store.read_observed(WeatherStation.objects.get().pk, begin, begin + 4)
    assert kept[:, store.TEMPERATURE].tolist() == [5.0, 6.0, 7.0, 8.0]
