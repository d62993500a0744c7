"""What the readers of weather and holidays say, as sentences with keys (see ``foreign``): pattern, and key."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

PLACES: Final = (
    (r"event (?P<event>\d+)", gettext_noop("event %(event)s")),
    (r"entry (?P<entry>\d+)", gettext_noop("entry %(entry)s")),
)
MESSAGES: Final = (
    (
        r"It has no day that can be read\. Correct DTSTART\.",
        gettext_noop("It has no day that can be read. Correct DTSTART."),
    ),
    (
        r"It repeats by a rule; .*",
        gettext_noop("It repeats by a rule; holidays differ from year to year. Deliver each year's days."),
    ),
    (r"It is no holiday\. Leave it out\.", gettext_noop("It is no holiday. Leave it out.")),
    (
        r"Its startDate or endDate is no day\. .*",
        gettext_noop("Its startDate or endDate is no day. Write it as 2026-07-04."),
    ),
    (
        r"Its first or last day cannot be read\. Write it as 2026-07-04\.",
        gettext_noop("Its first or last day cannot be read. Write it as 2026-07-04."),
    ),
    (
        r"Its first or last day cannot be read\. Export the table again\.",
        gettext_noop("Its first or last day cannot be read. Export the table again."),
    ),
    (
        r"It ends before it begins\. .*",
        gettext_noop("It ends before it begins. Correct the days at the source."),
    ),
    (
        r"It is longer than (?P<days>\d+) days\. .*",
        gettext_noop("It is longer than %(days)s days. Correct the days at the source."),
    ),
    (
        r"(?P<day>[\d-]+) cannot be right\. Correct the year at the source\.",
        gettext_noop("%(day)s cannot be right. Correct the year at the source."),
    ),
    (r"It has no name\. Write one\.", gettext_noop("It has no name. Write one.")),
    (
        r"(?P<word>.*) is no code of ISO 3166-2\. .*",
        gettext_noop("%(word)s is no code of ISO 3166-2. Write one such as DE-NW or FR-OCC."),
    ),
    (
        r"Write the country as two letters, such as FR\.",
        gettext_noop("Write the country as two letters, such as FR."),
    ),
    (r"Nothing says of which country it is\.", gettext_noop("Nothing says of which country it is.")),
)
REMEDIES: Final = ((r"Write country and part above\.", gettext_noop("Write country and part above.")),)
REFUSALS: Final = (
    (r"The file holds no holidays\.", gettext_noop("The file holds no holidays.")),
    (r"The file holds no weather\.", gettext_noop("The file holds no weather.")),
    (r"The file holds neither weather nor holidays\.", gettext_noop("The file holds neither weather nor holidays.")),
    (
        r"Nothing says which station it is\. .*",
        gettext_noop("Nothing says which station it is. Write its name, or add a column station."),
    ),
    (
        r"No column holds weather that is known here\. .*",
        gettext_noop(
            "No column holds weather that is known here. Name the columns time, temperature, precipitation, sunshine, "
            "cloud_cover, wind, as docs/how-to/deliver-weather.md shows."
        ),
    ),
    (
        r"No columns hold holidays\. .*",
        gettext_noop(
            "No columns hold holidays. Name them country, subdivision, kind, name, from, to, as "
            "docs/how-to/deliver-weather.md shows."
        ),
    ),
    (
        r"The file is larger than (?P<most>\d+) MB\. Split it by year\.",
        gettext_noop("The file is larger than %(most)s MB. Split it by year."),
    ),
    (
        r"The file is larger than (?P<most>\d+) MB\. Split it by country\.",
        gettext_noop("The file is larger than %(most)s MB. Split it by country."),
    ),
    (
        r"The file holds more than (?P<most>[\d,]+) holidays\. .*",
        gettext_noop("The file holds more than %(most)s holidays. Split it by country."),
    ),
    (
        r"The file holds more than (?P<most>[\d,]+) stations\. .*",
        gettext_noop("The file holds more than %(most)s stations. Split it by station."),
    ),
    (
        r"The calendar holds no event\. .*",
        gettext_noop("The calendar holds no event. Export it again with the holidays."),
    ),
    (
        r"The JSON is damaged\. .*",
        gettext_noop("The JSON is damaged. Save the answer of the service again, whole."),
    ),
    (
        r"The JSON holds no list of holidays .*",
        gettext_noop("The JSON holds no list of holidays with startDate and endDate."),
    ),
)
