"""The ready mappings of the demo regions, on the real files they are for."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allmende.formats import geojson, plain_json
from allmende.formats.mapping import check_mapping, load_mapping
from allmende.formats.records import Address, Contact, Hours, Record
from tests.conftest import SHARED_DATA
from tests.formats.tabular_help import EXAMPLES, read_all, split_all

DATATOURISME = Path(__file__).parent / "data" / "datatourisme"


def mapping_named(name: str) -> dict[str, Any]:
    return load_mapping((EXAMPLES / "mappings" / f"{name}.json").read_bytes())


def read(path: Path, mapping: dict[str, Any] | str) -> tuple[list[Record], Counter[str]]:
    """Records of a file, and how often each problem occurred."""
    reader = geojson if path.suffix == ".geojson" else plain_json
    resolved = mapping_named(mapping) if isinstance(mapping, str) else mapping
    parsed, problems = read_all(reader, path.read_bytes(), resolved)
    found = Counter(problem.code for one in parsed for problem in one.problems)
    return [one.record for one in parsed if one.record], found + Counter(problem.code for problem in problems)


@pytest.mark.parametrize("path", sorted((EXAMPLES / "mappings").glob("*.json")), ids=lambda path: path.stem)
def test_every_ready_mapping_is_right(path: Path) -> None:
    assert check_mapping(load_mapping(path.read_bytes())) == []


def test_occitanie_400_events() -> None:
    records, problems = read(EXAMPLES / "occitanie/occitanie_400.json", "occitanie-events")
    assert (len(records), problems) == (400, Counter({"no-position": 18}))
    assert len({record.key for record in records}) == 400
    assert len({record.address.municipality_code for record in records if record.address.municipality_code}) == 181
    assert not any("&nbsp;" in record.description.get("fr", "") for record in records)
    first = records[0]
    assert (first.name, first.language, first.categories) == ({"fr": "18ème Festival du Polar"}, "fr", ["Culture"])
    assert first.schedule is not None
    assert (first.schedule.start, first.schedule.end) == (date(2022, 11, 9), date(2022, 11, 13))
    assert first.description["fr"].endswith("ainsi qu’une (...)")
    assert first.modified is not None


def test_occitanie_addresses_are_taken_apart() -> None:
    records, _ = read(EXAMPLES / "occitanie/occitanie_400.json", "occitanie-events")
    assert records[0].place_name == "Chartreuse de Villeneuve lez Avignon, médiathèque St Pons, monuments"
    assert records[0].address == Address("", "30400", "Villeneuve-lès-Avignon", "Gard", "FR", "30351")
    by_street = {record.address.street: (record.place_name, record.address.postal_code) for record in records}
    assert by_street["49, Bd d'europe"] == ("Cinéma Véo Muret", "31600")
    assert by_street["42 rue Mariès"] == ("Office de Tourisme", "81000")
    assert by_street["185 allée du Nouveau Monde"] == ("Maison de l'Orientation Montpellier Antigone", "34000")
    assert sum(1 for record in records if record.address.postal_code) == 395


def test_occitanie_as_geojson_finds_the_same_places() -> None:
    events = json.loads((EXAMPLES / "occitanie/occitanie_400.json").read_bytes())
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", **event} for event in events]}
    mapping = mapping_named("occitanie-events")
    mapping["fields"] = {name: path for name, path in mapping["fields"].items() if name not in ("lat", "lon")}
    parsed, _ = read_all(geojson, json.dumps(collection).encode(), mapping)
    records, _ = read(EXAMPLES / "occitanie/occitanie_400.json", "occitanie-events")
    assert [(one.record.lat, one.record.lon) for one in parsed if one.record] == [(one.lat, one.lon) for one in records]


def test_museums_of_occitanie() -> None:
    records, problems = read(EXAMPLES / "occitanie/musees_de_france_occitanie.json", "musees-de-france")
    assert (len(records), problems) == (132, Counter())
    first = records[0]
    assert (first.kind, first.key, first.name) == ("place", "M0543", {"fr": "musée départemental de l'Ariège"})
    assert first.address == Address("rue du Rocher", "09000", "Foix", "Ariège", "FR", "")
    assert first.url == "http://www.sites-touristiques-ariege.fr/chateau-de-foix/"
    assert (first.contact.phone, first.categories) == ("05 61 65 56 05", ["schema:Museum"])
    assert sum(1 for record in records if record.url) == 122


def test_christmas_market_with_a_column_for_each_day() -> None:
    records, problems = read(EXAMPLES / "niederrhein/moers.json", "weihnachtsmaerkte")
    assert (len(records), problems) == (44, Counter())
    market = records[0]
    assert market.schedule is not None
    assert (market.schedule.start, market.schedule.end) == (datetime(2016, 11, 21, 12), datetime(2016, 11, 21, 20))
    assert market.schedule.dates[2] == (datetime(2016, 11, 24, 12), datetime(2016, 11, 24, 22))
    assert len(market.schedule.dates) == 31
    assert market.address == Address("Kastell", "47441", "Moers", "", "DE", "")
    assert (market.place_name, market.organiser.name) == ("Kastellplatz", "Moers Marketing GmbH")
    assert [record.prices[0].minimum for record in records if record.prices][:3] == [
        Decimal(2),
        Decimal(2),
        Decimal(11),
    ]


def test_krefeld_names_its_town_only_in_the_web_address() -> None:
    records, problems = read(EXAMPLES / "niederrhein/krefeld.json", "weihnachtsmaerkte")
    assert (len(records), problems) == (146, Counter({"no-position": 141}))
    assert {record.address.locality for record in records} == {"Krefeld"}
    # The town lists some events twice; the importer says so by their key.
    assert len({record.key for record in records}) == 110


def test_berlin_leaves_out_what_has_no_day_yet() -> None:
    path = SHARED_DATA / "events_de_licensed/berlin.json"
    if not path.exists():
        pytest.skip("Berlin's markets are not part of the project; set ALLMENDE_SHARED_DATA")
    records, problems = read(path, "weihnachtsmaerkte")
    assert (len(records), problems) == (78, Counter({"bad-url": 22, "bad-date": 3}))


def test_the_calendar_of_a_village_is_found_under_its_year() -> None:
    records, problems = read(EXAMPLES / "wollbach/veranstaltungen.json", "wollbach-veranstaltungen")
    assert (len(records), problems) == (41, Counter())
    assert (records[1].name, records[1].place_name) == ({"de": "Neujahrsempfang"}, "Kandertalhalle")
    assert (records[1].organiser.name, records[1].key) == ("Ortsverwaltung Wollbach", "2026-01-06-Neujahrsempfang")
    camp = next(record for record in records if record.name == {"de": "St. Pauli Camp"})
    assert camp.schedule is not None
    assert (camp.schedule.start, camp.schedule.end) == (date(2026, 8, 3), date(2026, 8, 7))


def test_businesses_inns_and_associations_of_a_village() -> None:
    inns, inn_problems = read(EXAMPLES / "wollbach/gastronomie.json", "wollbach-gastronomie")
    businesses, business_problems = read(EXAMPLES / "wollbach/gewerbe.json", "wollbach-gewerbe")
    associations, association_problems = read(EXAMPLES / "wollbach/vereine.json", "wollbach-vereine")
    assert (len(inns), len(businesses), len(associations)) == (8, 28, 14)
    assert inn_problems + business_problems + association_problems == Counter()
    assert inns[2].contact.name == "Vito Tirendi, Vincenzo Russo"
    assert (inns[4].address.locality, inns[4].contact.email) == ("Egisholz", "info@ruettehof.de")
    assert businesses[0].categories == ["Einzelhandel"]
    assert associations[7].contact == Contact("Annette Krey", "https://www.mv-wollbach.de", "info@mv-wollbach.de")


@pytest.mark.parametrize(("name", "count", "nowhere"), [("museums", 468, 9), ("architecturalheritage", 460, 11)])
def test_museums_and_heritage_of_piemonte(name: str, count: int, nowhere: int) -> None:
    records, problems = read(EXAMPLES / f"piemonte/{name}.geojson", "piemonte-musei")
    assert (len(records), problems) == (count, Counter({"no-position": nowhere}))
    assert len({record.key for record in records}) == count
    assert {record.kind for record in records} == {"place"}


def test_datatourisme_place_with_hours_prices_and_translations() -> None:
    records, problems = read(DATATOURISME / "30-0075b425-3bee-3e37-ae93-5f5a5535d1b2.json", "datatourisme")
    assert (len(records), problems) == (1, Counter())
    abbey = records[0]
    assert (abbey.kind, abbey.name["fr"]) == ("place", "Abbaye Sainte-Trinité de La Lucerne")
    assert abbey.machine_translated == ("de", "es", "it", "nl")
    assert set(abbey.description) == {"de", "en", "es", "fr", "it", "nl"}
    assert abbey.address == Address("", "50320", "La Lucerne-d'Outremer", "Manche", "FR", "50281")
    assert abbey.hours[0] == Hours((2, 3, 4, 5), "10:00", "18:00", date(2024, 1, 1), date(2024, 12, 31))
    assert (abbey.prices[0].minimum, abbey.prices[0].label["fr"]) == (Decimal("6.5"), "Tarif réduit")
    assert (abbey.media[0].licence, abbey.media[0].credit[:6]) == ("CC BY 2.5", "Pinpin")
    assert abbey.extra["same_as"] == ["http://www.wikidata.org/entity/Q2820609"]


def test_datatourisme_event_with_many_days() -> None:
    records, problems = read(DATATOURISME / "49-00037bcf-28e4-3322-b72f-377587204703.json", "datatourisme")
    assert (len(records), problems) == (1, Counter())
    exhibition = records[0]
    assert exhibition.kind == "event"
    assert exhibition.schedule is not None
    assert (exhibition.schedule.start, len(exhibition.schedule.dates)) == (date(2023, 11, 9), 536)


def test_datatourisme_in_its_older_shape() -> None:
    records, problems = read(DATATOURISME / "sample.json", "datatourisme")
    assert problems == Counter()
    assert (records[0].name["en"], records[0].address.postal_code) == ("Nature Escape Test", "19400")


def test_dutch_museums_with_hours_in_words() -> None:
    path = SHARED_DATA / "museums_nl/museums.json"
    if not path.exists():
        pytest.skip("the Dutch museums may not ship; set ALLMENDE_SHARED_DATA")
    address = r"^(?P<street>.+), (?P<postal_code>\d{4} ?[A-Z]{2}) (?P<locality>[^,]+)(?:, (?P<phone>[\d ()+-]+))?$"
    mapping = {
        "kind": "place", "records": "", "key": "id", "language": "nl",
        "fields": {"name": "name", "description": "desc", "lat": "lat", "lon": "lon", "hours_text": "hours"},
        "split": [{"from": "address", "patterns": [address]}],
    }  # fmt: skip
    records, problems = read(path, mapping)
    assert len(records) == 576
    assert set(problems) <= {"no-position"}
    assert records[0].address == Address("Hoogstraat 166", "2851BE", "HAASTRECHT")
    assert records[0].contact.phone == "0182 50 13 54"
    assert sum(1 for record in records if record.address.postal_code) > 500


def test_the_same_file_gives_the_same_keys_and_bytes_again() -> None:
    data = (EXAMPLES / "occitanie/occitanie_400.json").read_bytes()
    mapping = mapping_named("occitanie-events")
    assert split_all(plain_json, data, mapping) == split_all(plain_json, data, mapping)
