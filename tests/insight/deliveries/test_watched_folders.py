"""Watched folders: each finished file once, to done or failed, with a report beside it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from allmende.core.models import Notice
from allmende.insight.deliveries.actions import DeliveryForbidden
from allmende.insight.deliveries.watched import (
    FolderFacts,
    FolderRefused,
    look_into_folders,
    place_of,
    remember_match,
    save_folder,
)
from allmende.insight.models import Delivery, Series, WatchedFolder, WeatherStation
from tests.insight.conftest import NOW, World, make

GOOD = "site;time;count\nstrand;2026-06-01 12:00;10\n"
BAD = "site;time;count\nstrand;2026-06-01 12:00;10\nmond;2026-06-01 12:00;10\n"


@pytest.fixture
def folder(world: World) -> WatchedFolder:
    make(world)
    return save_folder(
        FolderFacts("strand", world.town.pk, "counter", applies_itself=True), None, by=world.editor, now=NOW
    )


def lay(folder: WatchedFolder, name: str, text: str, *, age: int = 60) -> Path:
    path = place_of(folder) / name
    path.write_text(text)
    os.utime(path, (NOW.timestamp() - age,) * 2)
    return path


def report(folder: WatchedFolder, where: str, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((place_of(folder) / where / f"{name}.report.json").read_text())
    return told


def test_a_good_file_is_applied_and_put_away(folder: WatchedFolder) -> None:
    path = lay(folder, "june.csv", GOOD)
    assert look_into_folders(NOW) == 1
    assert not path.exists()
    assert (place_of(folder) / "done" / "june.csv").read_text() == GOOD
    assert report(folder, "done", "june.csv")["state"] == "applied"
    assert Series.objects.get().last is not None
    assert look_into_folders(NOW) == 0


def test_a_file_that_is_being_written_is_left_alone(folder: WatchedFolder) -> None:
    lay(folder, "june.csv", GOOD, age=5)
    lay(folder, "june.csv.part", GOOD)
    lay(folder, ".hidden", GOOD)
    (place_of(folder) / "link.csv").symlink_to("/etc/passwd")
    assert look_into_folders(NOW) == 0
    assert look_into_folders(NOW + timedelta(minutes=1)) == 1


def test_a_file_with_errors_waits_for_a_person_who_is_told(folder: WatchedFolder, world: World) -> None:
    lay(folder, "june.csv", BAD)
    look_into_folders(NOW)
    delivery = Delivery.objects.get()
    assert (delivery.state, report(folder, "done", "june.csv")["state"]) == ("previewed", "waiting")
    assert not Series.objects.exists()
    assert Notice.objects.get().user == world.editor


def test_what_is_no_table_is_put_with_the_failed_ones(folder: WatchedFolder) -> None:
    lay(folder, "holiday.png", "\x89PNG nothing")
    lay(folder, "next.csv", GOOD)
    assert look_into_folders(NOW) == 2
    assert report(folder, "failed", "holiday.png")["message"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["applied", "unusable"]


def test_the_very_same_file_is_taken_once(folder: WatchedFolder) -> None:
    for _ in range(2):
        lay(folder, "june.csv", GOOD)
        look_into_folders(NOW)
    assert Delivery.objects.count() == 1
    assert len(list((place_of(folder) / "done").glob("june*.csv"))) == 2


def test_a_file_left_behind_by_a_killed_process_is_taken_again(folder: WatchedFolder) -> None:
    path = lay(folder, "june.csv", GOOD)
    look_into_folders(NOW - timedelta(days=1))  # makes the folders
    path.rename(place_of(folder) / ".taking" / "june.csv")
    assert look_into_folders(NOW - timedelta(days=1)) == 0
    from_now = NOW.fromtimestamp((place_of(folder) / ".taking" / "june.csv").stat().st_ctime, NOW.tzinfo)
    assert look_into_folders(from_now + timedelta(hours=2)) == 1


def test_the_columns_of_a_file_are_remembered_for_the_next(folder: WatchedFolder, world: World) -> None:
    lay(folder, "a.csv", GOOD)
    look_into_folders(NOW)
    first = Delivery.objects.get()
    first.columns = {**first.columns, "measure": "entries"}
    remember_match(folder, first, by=world.editor)
    lay(folder, "b.csv", GOOD)
    look_into_folders(NOW)
    lay(folder, "c.csv", GOOD.replace("10", "11"))
    look_into_folders(NOW)
    assert set(Series.objects.values_list("measure", flat=True)) == {"presence", "entries"}


def test_each_forecast_of_a_folder_is_of_the_day_on_which_it_came(folder: WatchedFolder, world: World) -> None:
    head = "station;time;temperature\n"
    WatchedFolder.objects.update(origin="weather")
    lay(folder, "a.csv", f"{head}Pier;2026-11-30T12:00Z;5\n")
    look_into_folders(NOW)
    first = Delivery.objects.get()
    first.columns = {**first.columns, "kind": "forecast", "issued_at": "2026-11-28T00:00Z"}
    remember_match(folder, first, by=world.editor)
    later = NOW + timedelta(days=1)
    lay(folder, "b.csv", f"{head}Pier;2026-12-01T12:00Z;6\n")
    look_into_folders(later)
    assert WeatherStation.objects.get().issued_at == later.replace(minute=0)


def test_only_editors_set_folders_up_and_names_are_safe(folder: WatchedFolder, world: World) -> None:
    facts = FolderFacts("harbour", world.town.pk, "counter")
    for by in (world.member, world.colleague, world.stranger):
        with pytest.raises(DeliveryForbidden):
            save_folder(facts, None, by=by, now=NOW)
        with pytest.raises(DeliveryForbidden):
            save_folder(facts, folder, by=by, now=NOW)
    for name in ("../up", "a/b", "", "Strand", "strand"):
        with pytest.raises(FolderRefused):
            save_folder(replace(facts, name=name), None, by=world.editor, now=NOW)
