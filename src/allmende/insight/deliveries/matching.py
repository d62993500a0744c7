"""Which column of a file means what: proposed from names and words, chosen by a person, kept with the delivery."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final
from zoneinfo import available_timezones

from django.utils.translation import gettext_noop

from allmende.core.slugs import fold
from allmende.insight.bridges.tables import Columns
from allmende.insight.deliveries.saying import Said
from allmende.insight.deliveries.words import MEASURES, State, TimeKind, hours_of, key_of, times_of, values_of
from allmende.insight.values import Measure, Resolution, VisitorClass

ROLES: Final = ("site", "time", "date", "hour", "value", "visitor_class", "origin", "measure")
WIDE: Final = "value@"
"""``value@beach``: the column holds the figures of the site ``beach``."""
LOOKED_AT: Final = 2000
"""Words of a column from which its role is guessed."""
_NAMES: Final[Mapping[str, str]] = {
    "site": "site site_id site_name place location ort standort stelle zahlstelle station sensor sensor_id counter device area "
    "gemeinde municipality commune kommun kommune gemeente zone name lieu plats sted locatie id_site museum beach",
    "time": "time timestamp datetime date_time zeit zeitstempel zeitpunkt start begin beginn from von tid tidpunkt horodatage "
    "phenomenontime date_heure moment period periode zeitraum tijd tijdstip",
    "date": "date day datum tag jour dag dato month monat mois manad maned maand",
    "hour": "hour stunde heure timme time_slot uur uhrzeit hours klokkeslaet tranche",
    "value": "value count counts wert anzahl zahl n total figure people visitors besucher persons personen visits valeur "
    "nombre antal aantal result reading messwert",
    "visitor_class": "visitor_class class klasse besuchergruppe group segment category categorie",
    "origin": "origin herkunft provenance herkomst ursprung country land pays origine residence",
    "measure": "measure messgrosse type art kind indicator indikator variable",
}
_ROLE_OF: Final = {word: role for role, words in _NAMES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Match:
    """How a file is read."""

    columns: dict[str, str] = field(default_factory=dict)
    """Name of a column -> role, or ``value@<site>``; columns without a role are left out."""
    site: str = ""
    """The site of all rows where no column says which."""
    sites: dict[str, str] = field(default_factory=dict)
    """Word in the file -> name of the site that it means; ``""``: leave its rows out."""
    timezone: str = ""
    """Of times without one; empty: that of each site."""
    resolution: str = Resolution.HOUR
    minutes: int = 60
    """Length of one reading where the resolution is an hour."""
    measure: str = Measure.PRESENCE
    unit: str = "people"
    visitor_class: str = VisitorClass.ALL
    suppressed: tuple[str, ...] = ()
    """Marks of figures that were held back, beside ``<10`` and ``*``, which are always understood."""
    suppressed_below: float | None = None
    decimal: str = ""
    """``.`` or ``,``; empty: as the column shows."""

    def as_json(self) -> dict[str, Any]:
        """To be kept with a delivery."""
        return {**asdict(self), "suppressed": list(self.suppressed)}

    def column_of(self, role: str) -> str | None:
        """The first column with a role."""
        return next((name for name, chosen in self.columns.items() if chosen == role), None)

    def wide(self) -> dict[str, str]:
        """Column -> site, where each site has a column of its own."""
        return {name: chosen.removeprefix(WIDE) for name, chosen in self.columns.items() if chosen.startswith(WIDE)}


def match_from(told: Mapping[str, Any]) -> Match:
    """A match from what is kept; what is unknown in it is left out."""
    known = {one.name for one in fields(Match)}
    values = {name: value for name, value in told.items() if name in known}
    if "suppressed" in values:
        values["suppressed"] = tuple(str(mark) for mark in values["suppressed"])
    return Match(**values)


def faults_of(match: Match, headers: Iterable[str], slugs: Iterable[str]) -> list[Said]:
    """What keeps a match from being used; each with its remedy."""
    there, known = set(headers), set(slugs)
    roles = list(match.columns.values())
    faults = [
        Said(gettext_noop("There is no column “%(name)s”."), {"name": name[:40]})
        for name, role in match.columns.items()
        if role and name not in there
    ]
    twice = gettext_noop("More than one column is taken for the same (%(role)s). Choose one.")
    faults += [Said(twice, {"role": role}) for role in ROLES if roles.count(role) > 1]
    if "time" not in roles and "date" not in roles:
        faults.append(Said(gettext_noop("No column says when. Choose the column with the time, or with the day.")))
    if "value" not in roles and not match.wide():
        faults.append(Said(gettext_noop("No column holds the figures. Choose it, or choose the site of each column.")))
    if "site" not in roles and not match.wide() and not match.site:
        faults.append(Said(gettext_noop("No column says where. Choose it, or choose one site for the whole file.")))
    if match.site and match.site not in known:
        faults.append(Said(gettext_noop("The site of the file is none of yours.")))
    unknown = sorted({slug for slug in [*match.wide().values(), *match.sites.values()] if slug and slug not in known})
    faults += [Said(gettext_noop("There is no site “%(name)s” of yours."), {"name": slug[:40]}) for slug in unknown[:5]]
    if match.timezone and match.timezone not in available_timezones():
        faults.append(Said(gettext_noop("There is no such time zone. Write one such as Europe/Paris.")))
    if match.minutes not in (1, 5, 10, 15, 20, 30, 60):
        faults.append(Said(gettext_noop("A reading is of 1, 5, 10, 15, 20, 30 or 60 minutes.")))
    choices = (
        (match.measure, Measure.values, gettext_noop("What is counted is none of those in the list.")),
        (match.resolution, Resolution.values, gettext_noop("The length of a period is none of those in the list.")),
        (match.visitor_class, VisitorClass.values, gettext_noop("Who is counted is none of those in the list.")),
    )
    return faults + [Said(key) for value, those, key in choices if value not in those]


def propose(columns: Columns, sites: Mapping[str, str], *, site: str = "", measure: str = "") -> Match:
    """A match from the names of the columns and their words.  ``sites``: folded name or slug -> slug."""
    roles = _roles(columns)
    if "value" not in roles.values():
        roles |= _wide(columns, roles, sites)
    named = next(
        (MEASURES[key_of(name)] for name, role in roles.items() if role == "value" and key_of(name) in MEASURES), ""
    )
    at = {name: number for number, name in enumerate(columns.headers)}
    resolution, minutes = _length(columns, roles, at)
    marks, below = _marks([columns.words[at[name]] for name, role in roles.items() if role.startswith("value")])
    measure = measure or named or Measure.PRESENCE
    return Match(
        columns=roles,
        site=site if "site" not in roles.values() and not any(role.startswith(WIDE) for role in roles.values()) else "",
        resolution=resolution,
        minutes=minutes,
        measure=measure,
        unit=UNITS.get(measure, "people"),
        suppressed=marks,
        suppressed_below=below,
    )


UNITS: Final[Mapping[str, str]] = {
    Measure.BICYCLES: "bicycles",
    Measure.VEHICLES: "vehicles",
    Measure.PARKED: "vehicles",
    Measure.TICKETS: "tickets",
    Measure.NIGHTS: "nights",
    Measure.SURVEY: "answers",
}


def _roles(columns: Columns) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, name in enumerate(columns.headers):
        role = _ROLE_OF.get(key_of(name)) or _ROLE_OF.get(key_of(re.sub(r"[(\[].*", "", name)), "")
        words = [word for word in columns.words[number][:LOOKED_AT] if word]
        if role in {"time", "date"} or (not role and words):
            kinds = times_of(words).kinds
            enough = 0.5 if role else 0.8  # a column that is called so may hold a few bad ones
            is_time = len(kinds) > 0 and (kinds != TimeKind.BAD).mean() >= enough
            timed = is_time and bool(((kinds == TimeKind.LOCAL) | (kinds == TimeKind.UTC)).any())
            role = ("time" if timed else "date") if is_time else ""
        if role and role not in found.values():
            found[name] = role
    if "time" in found.values():  # a day beside the full time says nothing new
        found = {name: role for name, role in found.items() if role not in {"date", "hour"}}
    if "value" not in found.values():
        found |= _by_measure(columns, found)
    return found


def _by_measure(columns: Columns, found: Mapping[str, str]) -> dict[str, str]:
    """One further column named after a measure, such as “Übernachtungen”."""
    named = [name for name in columns.headers if name not in found and key_of(name) in MEASURES]
    return {named[0]: "value"} if len(named) == 1 else {}


def _wide(columns: Columns, found: Mapping[str, str], sites: Mapping[str, str]) -> dict[str, str]:
    """Columns that are named after sites; failing that, a single further column of figures."""
    named = {
        name: WIDE + sites[fold(name).strip()]
        for name in columns.headers
        if name not in found and fold(name).strip() in sites
    }
    if named:
        return named
    further = [
        (n, name) for n, name in enumerate(columns.headers) if name not in found and _is_figures(columns.words[n])
    ]
    return {further[0][1]: "value"} if len(further) == 1 else {}


def _is_figures(words: Sequence[str]) -> bool:
    some = words[:LOOKED_AT]
    states = values_of(some, suppressed=()).states
    return bool(len(some)) and bool((states == State.FIGURE).any()) and float((states == State.BAD).mean()) < 0.1


def _length(columns: Columns, roles: Mapping[str, str], at: Mapping[str, int]) -> tuple[str, int]:
    """How long a period is, and a reading."""
    time = next((name for name, role in roles.items() if role == "time"), None)
    day = next((name for name, role in roles.items() if role == "date"), None)
    hour = next((name for name, role in roles.items() if role == "hour"), None)
    if time:
        times = times_of(columns.words[at[time]][: LOOKED_AT * 5])
        return Resolution.HOUR, _step(set((times.minutes[times.kinds != TimeKind.BAD] % 60).tolist()))
    if hour:
        minutes, _ = hours_of(columns.words[at[hour]])
        return Resolution.HOUR, _step(set((minutes[minutes >= 0] % 60).tolist()))
    kinds = times_of(columns.words[at[day]][:LOOKED_AT] if day else []).kinds
    return (Resolution.MONTH if bool((kinds == TimeKind.MONTH).any()) else Resolution.DAY), 60


def _step(minutes: set[int]) -> int:
    return next((step for step in (60, 30, 20, 15, 10, 5) if all(minute % step == 0 for minute in minutes)), 1)


def _marks(columns: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], float | None]:
    """Marks of held back figures that a person should look at: -1 where it is the only number below zero."""
    marks: set[str] = set()
    below: float | None = None
    for words in columns:
        values = values_of(words, suppressed=())
        below = values.below if values.below is not None else below
        negative = {words[n] for n in (values.figures < 0).nonzero()[0].tolist()}
        if negative == {"-1"}:
            marks.add("-1")
    return tuple(sorted(marks)), below
