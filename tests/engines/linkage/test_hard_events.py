"""The hard cases of events, one test each."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from allmende.engines.linkage import candidates, clusters, decide, prepare
from tests.engines.linkage.things import EVENING, codes, compared, event


def test_week_one_and_week_two_are_two() -> None:
    found = compared(event("a", "Osterchallenge – Woche 1"), event("b", "Osterchallenge 2026 – Woche 2"))
    assert found.band == "apart"
    assert "ordinal-differs" in codes(found)


def test_first_and_second_concert_of_a_season_are_two() -> None:
    found = compared(event("a", "Jahreskonzert I"), event("b", "Jahreskonzert II"))
    assert (found.band, codes(found)) == ("apart", {"ordinal-differs"})


def test_week_one_that_one_register_starts_a_day_early_is_asked_about() -> None:
    found = compared(
        event("a", "TSV Osterchallenge – Woche 1", datetime(2026, 3, 31, 8, 30)),
        event("b", "Osterchallenge 2026 – Woche 1", datetime(2026, 3, 30, 8, 30)),
    )
    assert found.band == "ask"
    assert {"next-day", "same-ordinal"} <= codes(found)


def test_afternoon_and_evening_show_are_two() -> None:
    afternoon = event("a", "Viermal Schwarzer Kater (Nachmittag)", datetime(2026, 2, 14, 15))
    evening = event("b", "Viermal Schwarzer Kater (Abendvorstellung)", datetime(2026, 2, 14, 18))
    assert (compared(afternoon, evening).band, "time-of-day-differs" in codes(compared(afternoon, evening))) == (
        "apart",
        True,
    )


def test_afternoon_and_evening_show_without_times_are_two() -> None:
    day = date(2026, 2, 14)
    found = compared(event("a", "Schwarzer Kater (Nachmittag)", day), event("b", "Schwarzer Kater (Abend)", day))
    assert (found.band, codes(found)) == ("apart", {"time-of-day-differs"})


def test_the_same_show_the_next_day_is_another() -> None:
    found = compared(event("a", "Schwarzer Kater"), event("b", "Schwarzer Kater", EVENING + timedelta(days=1)))
    assert (found.band, codes(found)) == ("apart", {"next-day"})


def test_a_start_off_by_an_hour_is_still_seen() -> None:
    found = compared(
        event("a", "Vogelstimmenwanderung im Park", datetime(2026, 3, 7, 8)),
        event("b", "Vogelstimmenwanderung im Bernrieder Park", datetime(2026, 3, 7, 9)),
    )
    assert found.band in {"ask", "join"}
    assert "start-off-an-hour" in codes(found)


def test_a_concert_of_a_festival_is_a_part_of_it() -> None:
    festival = event("a", "MuMM! Mut- und Mitmachtage", date(2026, 2, 21))
    concert = event("b", "Ska-Jah Konzert – MuMM! Mut- und Mitmachtage", datetime(2026, 2, 21, 20))
    found = compared(festival, concert)
    assert (found.relation, found.band, "part-of" in codes(found)) == ("part", "ask", True)


def test_parts_are_not_put_into_one_record_with_the_whole() -> None:
    found = compared(event("a", "Mitmachtage", date(2026, 2, 21)), event("b", "Mitmachtage: Ska-Jah Konzert"))
    assert clusters(["a", "b"], [found], {}) == []


def test_short_and_long_name_of_a_municipality_are_one() -> None:
    start = datetime(2026, 2, 6, 20)
    where = {"lon": None, "lat": None, "street": ""}
    found = compared(
        event("a", "David Berlinghof: Wohlfühlprogramm", start, **(where | {"locality": "Bernried"})),
        event(
            "b",
            "David Berlinghof mit Felix Renner: Wohlfühlprogramm",
            start,
            **(where | {"locality": "Bernried am Starnberger See"}),
        ),
    )
    assert found.band in {"ask", "join"}
    assert "other-locality" not in codes(found)


def test_two_titles_with_one_page_and_one_start_are_joined() -> None:
    page = "https://touren.example/radtour/188023"
    found = compared(
        event("a", "Unterwegs im Südwesten – Tagestour", url=page),
        event("b", "ADFC Tagestour 'Unterwegs im Südwesten'", url=f"{page}-unterwegs-im-sudwesten?utm_source=feed"),
    )
    assert (found.band, found.reasons[0].code) == ("join", "same-url")


def test_a_list_of_dates_as_page_joins_nothing() -> None:
    page = "https://www.verein.example/termine/"
    found = compared(event("a", "Johannisfeier Tennis", url=page), event("b", "Mitgliederversammlung", url=page))
    assert found.band == "apart"


def test_one_date_of_a_series_is_an_occurrence() -> None:
    dates = tuple((EVENING + timedelta(days=7 * week), None) for week in range(10))
    found = compared(event("a", "Milonga La Luz"), event("b", "Milonga La Luz", dates=dates, is_series=True))
    assert (found.relation, found.band, "one-date-of-series" in codes(found)) == ("occurrence", "join", True)


def test_a_day_without_a_date_of_the_series_is_apart() -> None:
    dates = tuple((EVENING + timedelta(days=7 * week), None) for week in range(10))
    found = compared(
        event("a", "Milonga La Luz", EVENING + timedelta(days=3)), event("b", "Milonga La Luz", dates=dates)
    )
    assert (found.band, codes(found)) == ("apart", {"other-day"})


def test_one_event_in_two_languages_is_asked_about() -> None:
    found = compared(
        event("a", "Führung durch die Altstadt", organiser="Tourismusverband Fünfseenland"),
        event("b", "Walking through the old town", organiser="Tourismusverband Fünfseenland"),
    )
    assert found.band == "ask"
    assert {"same-start", "same-organiser"} <= codes(found)


def test_names_in_all_languages_are_compared() -> None:
    found = compared(
        event("a", "Musiknacht am See", names=("Musiknacht am See", "Music night by the lake")),
        event("b", "Music night by the lake"),
    )
    assert (found.band, "name-same" in codes(found)) == ("join", True)


def test_organiser_venue_municipality_and_region_list_one_event() -> None:
    listed = [
        event("organiser", "Anna Buchegger: Soloprogramm", organiser="Kulturverein", lon=None, lat=None),
        event("venue", "Anna Buchegger – Konzert", venue="Schlossberghalle"),
        event("municipality", "Anna Buchegger - Konzert", venue="Schlossberghalle Starnberg", lon=11.3443, lat=47.9981),
        event("region", "Konzert mit Anna Buchegger", street="", venue="Schlossberghalle, Starnberg"),
    ]
    prepared = [prepare(thing) for thing in listed]
    pairs = list(candidates(prepared))
    bands = [decide(prepared[i], prepared[j]).band for i, j in pairs]
    assert len(pairs) == 6
    assert "apart" not in bands


def test_one_source_with_two_dates_tells_of_two() -> None:
    found = compared(
        event("a", "Yoga am See", datetime(2026, 2, 14, 9), source="verein"),
        event("b", "Yoga am See", datetime(2026, 2, 14, 11), source="verein"),
    )
    assert found.band == "apart"


def test_a_source_that_lists_an_event_twice_is_joined() -> None:
    found = compared(
        event("a", "Orgelmusik zur Marktzeit", source="krefeld"),
        event("b", "Orgelmusik zur Marktzeit", source="krefeld"),
    )
    assert found.band == "join"
    assert len(clusters({"a": "krefeld", "b": "krefeld"}, [found], {})) == 1


def test_two_events_of_one_source_under_one_heading_are_not_joined() -> None:
    found = compared(
        event("a", "Weihnachtsmarkt: Roel Thomas", source="moers"),
        event("b", "Weihnachtsmarkt: Die goldenen Reiter", source="moers"),
    )
    assert found.band != "join"


def test_the_same_title_far_away_is_another() -> None:
    found = compared(
        event("a", "Flohmarkt"), event("b", "Flohmarkt", lon=11.6, lat=48.2, street="Marktplatz 1", locality="Garching")
    )
    assert (found.band, "far" in codes(found)) == ("apart", True)


def test_editions_of_two_years_are_two() -> None:
    found = compared(event("a", "Gilching Läuft 2025"), event("b", "Gilching Läuft 2026"))
    assert (found.band, codes(found)) == ("apart", {"edition-differs"})
