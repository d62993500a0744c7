"""The weather in words that everybody understands, and what a forecast knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy

from allmende.core import formats
from allmende.guide.charts.scales import figure
from allmende.insight.weather.days import DayWeather
from allmende.insight.weather.queries import HourWeather, Near, Outlook

DAYLIGHT: Final = range(9, 17)
"""Hours of the day in which the sun may shine all year."""
SUNNY, SOME_SUN = 40.0, 15.0
"""Minutes of sunshine in an hour."""
CLEAR, CLOUDY = 25.0, 70.0
"""Per cent of the sky."""
A_LITTLE, MUCH = 0.1, 2.5
"""mm of rain in an hour: some, and more than light rain (WMO)."""
STRONG_WIND: Final = 10.8
"""m/s: Beaufort 6."""
SKIES: Final[Mapping[str, Promise | str]] = {
    "sun": pgettext_lazy("weather", "sunny"),
    "sun-cloud": pgettext_lazy("weather", "partly cloudy"),
    "cloud": pgettext_lazy("weather", "cloudy"),
    "moon": pgettext_lazy("weather", "clear"),
    "rain": pgettext_lazy("weather", "rain"),
    "drizzle": pgettext_lazy("weather", "light rain"),
    "snow": pgettext_lazy("weather", "snow"),
}
VARIABLES: Final[Mapping[str, Promise | str]] = {
    "temperature": pgettext_lazy("weather", "temperature"),
    "precipitation": pgettext_lazy("weather", "precipitation"),
    "sunshine": pgettext_lazy("weather", "sunshine"),
    "cloud": pgettext_lazy("weather", "clouds"),
    "wind": pgettext_lazy("weather", "wind"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A pictogram, and the words that say the same and more."""

    icon: str
    words: str


def hour_words(hour: HourWeather, at: datetime, zone: str, language: str) -> Told:
    """Such as “sunny, 27 °C”."""
    sky = _sky(hour, at.astimezone(ZoneInfo(zone)).hour)
    said = [str(SKIES[sky])] if sky else []
    if hour.temperature is not None:
        said.append(degrees(hour.temperature, language))
    if hour.precipitation is not None and hour.precipitation >= 1 and sky != "snow":
        said.append(millimetres(hour.precipitation, language))
    if hour.wind is not None and hour.wind >= STRONG_WIND:
        said.append(pgettext("weather", "strong wind"))
    return Told(
        {"drizzle": "rain", "": "degrees"}.get(sky, sky),
        ", ".join(said) or _rest(hour.precipitation, hour.wind, language),
    )


def _rest(rain: float | None, wind: float | None, language: str) -> str:
    """What is left to say where neither sky nor temperature is known."""
    if rain is not None:
        return pgettext("weather", "dry")
    return "–" if wind is None else figure(round(wind), language, "m/s")


def _sky(hour: HourWeather, clock: int) -> str:
    if hour.precipitation is not None and hour.precipitation >= A_LITTLE:
        if hour.temperature is not None and hour.temperature <= 0.5:
            return "snow"
        return "rain" if hour.precipitation > MUCH else "drizzle"
    is_day = clock in DAYLIGHT
    if hour.sunshine is not None and (is_day or hour.sunshine >= SOME_SUN):
        return "sun" if hour.sunshine >= SUNNY else "sun-cloud" if hour.sunshine >= SOME_SUN else "cloud"
    if hour.cloud is None:
        return ""
    if hour.cloud < CLEAR:
        return "sun" if 7 <= clock < 20 else "moon"
    return "cloud" if hour.cloud > CLOUDY else "sun-cloud"


def day_words(day: DayWeather, language: str) -> Told:
    """Such as “sunny, 14 to 22 °C, 3 mm of rain”."""
    sky = _sky_of_day(day)
    said = [str(SKIES[sky])] if sky else []
    if day.low is not None and day.high is not None:
        low, high = formats.number(round(day.low), language), degrees(day.high, language)
        said.append(
            high if round(day.low) == round(day.high) else gettext("%(low)s to %(high)s") % {"low": low, "high": high}
        )
    if day.rain is not None and day.rain >= 0.5 and sky != "snow":
        said.append(millimetres(day.rain, language))
    if day.sun is not None and day.sun >= 0.5:
        said.append(gettext("%(n)s h of sunshine") % {"n": formats.number(round(day.sun), language)})
    if day.wind is not None and day.wind >= STRONG_WIND:
        said.append(pgettext("weather", "strong wind"))
    return Told(
        {"drizzle": "rain", "": "degrees"}.get(sky, sky), ", ".join(said) or _rest(day.rain, day.wind, language)
    )


def _sky_of_day(day: DayWeather) -> str:
    if day.rain is not None and day.rain >= 2:
        return "snow" if day.high is not None and day.high <= 0.5 else "rain"
    if day.sun is not None:
        return "sun" if day.sun >= 7 else "sun-cloud" if day.sun >= 3 else "cloud"
    if day.cloud is None:
        return ""
    return "sun" if day.cloud < CLEAR else "cloud" if day.cloud > CLOUDY else "sun-cloud"


def degrees(value: float, language: str) -> str:
    """Whole degrees; never minus nought."""
    return figure(round(value) or 0, language, "°C")


def millimetres(value: float, language: str) -> str:
    """Rain or snow."""
    n = figure(round(value) if value >= 2 else round(value, 1), language, "mm")
    return gettext("%(n)s of rain") % {"n": n}


def known_how(day: Outlook) -> str:
    """Whether a day was observed, is expected, or is partly both."""
    if not day.expected_hours:
        return pgettext("weather", "as observed so far")
    return pgettext("weather", "forecast") if not day.observed_hours else pgettext("weather", "observed and forecast")


def station_words(near: Near, language: str) -> str:
    """Such as “Sète, 4 km away (Météo-France, Licence Ouverte)”."""
    km = formats.number(round(near.km, 1) if near.km < 10 else round(near.km), language)
    said = gettext("%(station)s, %(km)s km away") % {"station": near.station.name, "km": km}
    credit = ", ".join(one for one in (near.station.source, near.station.licence) if one)
    return f"{said} ({credit})" if credit else said


def list_of(words: Sequence[str], language: str) -> str:
    """Words in a row: a, b and c."""
    return formats.words(list(words), language)


def forecast_knows(inputs: Mapping[str, Any], zone: str, language: str, *, tested: bool) -> list[str]:
    """What weather and holidays a forecast rests on, in sentences; none of a forecast that was made before they were kept."""
    said = []
    weather = inputs.get("weather")
    if isinstance(weather, dict):
        names = list_of([str(VARIABLES.get(one, one)) for one in weather.get("columns", ())], language)
        until = formats.day_medium(date.fromisoformat(weather["expected_until"]), language)
        issued = formats.at_local(datetime.fromisoformat(weather["issued_at"]).astimezone(ZoneInfo(zone)), language)
        told = {"names": names, "day": until, "time": issued, "observed": weather["observed_at"], "forecast": weather["forecast_at"]}  # fmt: skip
        said.append(
            gettext(
                "It knows the weather (%(names)s): as observed at %(observed)s, and as forecast for %(forecast)s on %(time)s, up to "
                "%(day)s. The days after that have the mean of the same week of earlier years."
            )
            % told
        )
        if tested and 10 * weather.get("days_as_forecast", 0) >= 9 * weather.get("days_tested", 1):
            said.append(gettext("In its test the weather was known as it had been forecast three days before."))
        elif tested:
            said.append(
                gettext(
                    "In its test the weather was known as it came. A forecast knows it less well, so that it is off somewhat more "
                    "than the test says."
                )
            )
    elif (reason := str(inputs.get("weather_not", ""))) in WITHOUT:
        said.append(str(WITHOUT[reason]))
    if "school_holidays" in inputs:
        part = inputs.get("subdivision") or ""
        if inputs["school_holidays"]:
            said.append(gettext("It knows the school holidays (%(part)s).") % {"part": part})
        else:
            said.append(gettext("It does not know the school holidays: a year of them, up to today, is not delivered."))
    return said


WITHOUT: Final[Mapping[str, Promise | str]] = {
    "none": pgettext_lazy("forecast", "It does not know the weather: none is delivered within 30 km."),
    "no_forecast": pgettext_lazy(
        "forecast", "It does not know the weather: no weather forecast of the last three days is delivered."
    ),
    "too_little": pgettext_lazy("forecast", "It does not know the weather: less than half a year of it is delivered."),
}
