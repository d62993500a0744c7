"""Opening hours in words: all of a text is understood, or nothing."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.formats.opening_hours import parse_opening_hours
from allmende.formats.records import Hours

WEEK = tuple(range(7))
ALL = tuple(range(8))
TUESDAY_TO_SUNDAY = (1, 2, 3, 4, 5, 6)


def yearly(days: tuple[int, ...], opens: str, closes: str, first: tuple[int, int], last: tuple[int, int]) -> Hours:
    return Hours(days, opens, closes, date(2000, *first), date(2000, *last), every_year=True)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Di-So 10-17 Uhr, Mo geschlossen", [Hours(TUESDAY_TO_SUNDAY, "10:00", "17:00"), Hours((0,), "", "")]),
        ("de", "Mo–Fr 9–12 und 14–18 Uhr", [Hours((0, 1, 2, 3, 4), "09:00", "12:00"), Hours((0, 1, 2, 3, 4), "14:00", "18:00")]),
        ("de", "täglich von 10:00 bis 18:00 Uhr", [Hours(WEEK, "10:00", "18:00")]),
        ("de", "1. April bis 31. Oktober: Di-So 10-17 Uhr", [yearly(TUESDAY_TO_SUNDAY, "10:00", "17:00", (4, 1), (10, 31))]),
        ("de", "01.11.-31.03. Sa und So 11-16 Uhr", [yearly((5, 6), "11:00", "16:00", (11, 1), (3, 31))]),
        ("de", "Sonn- und Feiertage 11-17 Uhr", [Hours((6, 7), "11:00", "17:00")]),
        ("de", "samstags 14.30-17 Uhr", [Hours((5,), "14:30", "17:00")]),
        ("fr", "mardi au dimanche 10h-18h", [Hours(TUESDAY_TO_SUNDAY, "10:00", "18:00")]),
        ("fr", "Ouvert du mardi au samedi de 10h à 12h et de 14h à 18h30, fermé le lundi", [Hours((1, 2, 3, 4, 5), "10:00", "12:00"), Hours((1, 2, 3, 4, 5), "14:00", "18:30"), Hours((0,), "", "")]),
        ("fr", "juillet et août : tous les jours de 10h à 19h", [yearly(ALL, "10:00", "19:00", (7, 1), (8, 31))]),
        ("fr", "Tous les jours 9h-17h, fermé le 1er janvier et le 25 décembre", [Hours(WEEK, "09:00", "17:00"), yearly(ALL, "", "", (1, 1), (1, 1)), yearly(ALL, "", "", (12, 25), (12, 25))]),
        ("nl", "di t/m zo, 10-17 u\ngesloten op 1 jan, 27 apr + 25 dec", [Hours(TUESDAY_TO_SUNDAY, "10:00", "17:00"), yearly(ALL, "", "", (1, 1), (1, 1)), yearly(ALL, "", "", (4, 27), (4, 27)), yearly(ALL, "", "", (12, 25), (12, 25))]),
        ("nl", "wo, za + zo 13.30-17 u", [Hours((2, 5, 6), "13:30", "17:00")]),
        ("nl", "apr t/m okt: di t/m za 10-17 u\nnov t/m mrt: za 12-16 u", [yearly((1, 2, 3, 4, 5), "10:00", "17:00", (4, 1), (10, 31)), yearly((5,), "12:00", "16:00", (11, 1), (3, 31))]),
        ("nl", "ma 13-18 u, di/do 11-20 u; feestdagen gesloten", [Hours((0,), "13:00", "18:00"), Hours((1, 3), "11:00", "20:00"), Hours((7,), "", "")]),
        ("da", "Tirsdag til søndag kl. 10-17, mandag lukket", [Hours(TUESDAY_TO_SUNDAY, "10:00", "17:00"), Hours((0,), "", "")]),
        ("da", "Alle dage kl. 10.00-16.00", [Hours(WEEK, "10:00", "16:00")]),
        ("sv", "Öppet tisdag-söndag kl 11-16, måndagar stängt", [Hours(TUESDAY_TO_SUNDAY, "11:00", "16:00"), Hours((0,), "", "")]),
        ("sv", "juni-augusti alla dagar 10-18", [yearly(ALL, "10:00", "18:00", (6, 1), (8, 31))]),
        ("en", "Open daily 10am-5pm", [Hours(WEEK, "10:00", "17:00")]),
        ("en", "Tuesday to Sunday, 10:30 am to 4 pm", [Hours(TUESDAY_TO_SUNDAY, "10:30", "16:00")]),
        ("en", "Tu-Su 10:00-17:00; PH off; Apr-Oct Mo-Su 09:00-18:00", [Hours(TUESDAY_TO_SUNDAY, "10:00", "17:00"), Hours((7,), "", ""), yearly(ALL, "09:00", "18:00", (4, 1), (10, 31))]),
        ("sv", "Mo-Fr 08:00-18:00; We 10:00-14:00", [Hours((0, 1, 3, 4), "08:00", "18:00"), Hours((2,), "10:00", "14:00")]),
        ("en", "Mo-Su 18:00-02:00", [Hours(WEEK, "18:00", "02:00")]),
        ("en", "Mo-Fr 08:00-12:00,13:00-17:00", [Hours((0, 1, 2, 3, 4), "08:00", "12:00"), Hours((0, 1, 2, 3, 4), "13:00", "17:00")]),
        ("en", "Apr 01-Oct 31 Sa,Su 09:00-17:00", [yearly((5, 6), "09:00", "17:00", (4, 1), (10, 31))]),
        ("en", "Fr-Mo 10:00-12:00", [Hours((0, 4, 5, 6), "10:00", "12:00")]),
        ("de", "24/7", [Hours(ALL, "00:00", "00:00")]),
        ("de", "1. Mai bis 3. Juni 2026: Mo 10-12 Uhr", [Hours((0,), "10:00", "12:00", date(2026, 5, 1), date(2026, 6, 3))]),
        ("de", "1. Mai 2026 bis 3. Juni 2026: Mo 10-12 Uhr", [Hours((0,), "10:00", "12:00", date(2026, 5, 1), date(2026, 6, 3))]),
    ],
)  # fmt: skip
def test_common_texts_are_understood(language: str, text: str, expected: list[Hours]) -> None:
    assert parse_opening_hours(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "nach Vereinbarung"),
        ("de", "Di-So 10-17 Uhr, letzter Einlass 16 Uhr"),
        ("de", "geschlossen"),
        ("de", "10-17 Uhr"),
        ("nl", "di t/m zo 11-17 u\ngesloten op 1e Paasdag"),
        ("nl", "zie website"),
        ("fr", "mardi au dimanche"),
        ("en", "Mo-Fr 09:00"),
        ("en", "Mo-Fr 09:00-"),
        ("en", "Mo-Zz 09:00-17:00"),
        ("en", "Mo 31:00-40:00"),
        ("en", "Feb 30-Mar 31 Mo 09:00-17:00"),
        ("en", ""),
        ("en", "Mo 9-17 " * 400),
    ],
)
def test_what_is_not_wholly_understood_is_left_alone(language: str, text: str) -> None:
    assert parse_opening_hours(text, language) is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Mo", "di", "t/m", "-", ",", "10", "17:00", "u", "geschlossen", "apr", "31", "\n", ";", "PH", "täglich", "2026",
             "fermé", "8.30", "31.12.", "et", "&", "off", "24/7", "am", "jan", "Feb", "29", "(", "12pm"]
        ),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=40),
    st.sampled_from(["de", "fr", "nl", "da", "sv", "en", "", "xx"]),
)  # fmt: skip
def test_any_text_is_understood_or_left_alone(text: str, language: str) -> None:
    lines = parse_opening_hours(text, language)
    assert lines is None or lines != []
    for line in lines or []:
        assert line.days == tuple(sorted(set(line.days))) != ()
        assert set(line.days) <= set(ALL)
        assert (line.opens == "") == (line.closes == "")
        assert line.opens == "" or (len(line.opens), len(line.closes)) == (5, 5)
        assert (line.valid_from is None) == (line.valid_through is None)


def test_a_third_of_the_dutch_museums_is_understood() -> None:
    shared = Path(os.environ.get("ALLMENDE_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = shared / "museums_nl" / "museums.json"
    if not path.exists():
        pytest.skip(f"{path.name} may not be shipped; set ALLMENDE_SHARED_DATA to test with it")
    texts = [item["hours"] for item in json.loads(path.read_text(encoding="utf-8"))]
    understood = [text for text in texts if parse_opening_hours(text, "nl") is not None]
    assert len(texts) == 576
    assert len(understood) >= 200
    assert all("paas" not in text.lower() and "website" not in text.lower() for text in understood)
