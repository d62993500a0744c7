"""Every type of public page: no barrier that axe-core finds, nothing from elsewhere, no cookie, no sideways scrolling."""

from __future__ import annotations

import re

import pytest

from .conftest import Site, Visitor

pytestmark = pytest.mark.browser

PAGES = (
    "/fr/",
    "/fr/events/",
    "/fr/events/?category=exhibition&when=month",
    "/fr/events/?q=xqzvbnm",
    "/fr/places/",
    "/fr/offers/",
    "/fr/search/?q=musee",
    "/fr/search/",
    "/de/calendar/",
    "/fr/calendar/?category=music",
    "/de/calendar/week/",
    "/fr/calendar/day/",
    "/fr/calendar/day/?day=2040-01-01",
    "/fr/map/",
    "/fr/map/#12/43.6/1.44",
    "/fr/region/",
    "/fr/municipalities/",
    "/fr/municipalities/?q=mont",
    "/fr/municipalities/31555-toulouse/",
    "/fr/categories/",
    "/sv/categories/music/",
    "/fr/organisations/",
    "/de/organisations/?q=kultur&near=Toulouse&sort=distance",
    "/de/organisations/?kind=museum",
    "/fr/networks/",
    "/de/workspace/join/",
    "/de/workspace/join/?q=mus",
    "/fr/favourites/",
    "/fr/report/",
    "/da/accessibility/",
    "/nl/privacy/",
    "/en/imprint/",
    "/fr/sources/",
    "/fr/api/",
    "/fr/open-data/",
    "/fr/widgets/",
    "/de/open-data/",
    "/fr/no-such-page/",
)
WINDOWS = ((1280, "light"), (390, "dark"))


def _first_network(site: Site) -> str:
    found = re.search(r'href="(/fr/networks/[^"/?]+/)"', site.text("/fr/networks/"))
    assert found, "the demo has no public network"
    return found[1]


@pytest.fixture(params=[*PAGES, "event", "place", "organisation", "network", "report about an event", "a sent list"])
def path(request: pytest.FixtureRequest, site: Site, event_path: str, place_path: str) -> str:
    """Each page type's address."""
    key = "e" + event_path.rstrip("/").rpartition("-")[2]
    special = {
        "event": event_path,
        "place": place_path,
        "organisation": site.first("/fr/organisations/", "organisations"),
        "network": _first_network(site),
        "report about an event": f"/fr/report/?about={key}",
        "a sent list": f"/fr/favourites/?items={key}",
    }
    return special.get(request.param, request.param)


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_page_has_no_barrier_and_keeps_to_itself(visit: Visitor, path: str, width: int, scheme: str) -> None:
    window = visit(width=width, color_scheme=scheme)
    window.go(path)
    assert window.barriers() == []
    assert window.overflow() <= 0
    missing = [complaint for complaint in window.complaints if "404" not in complaint or "no-such-page" not in path]
    assert missing == []
    wanted = ["csrftoken"] if "about=" in path else []
    assert window.cookies() == wanted


@pytest.mark.parametrize(
    "path", ["/fr/", "/fr/events/", "/de/calendar/", "/de/calendar/week/", "/fr/map/", "/fr/privacy/"]
)
@pytest.mark.parametrize("width", [640, 320])
def test_page_fits_when_enlarged_to_200_and_400_percent(visit: Visitor, path: str, width: int) -> None:
    """A window of 1,280 px enlarged to 200 (400) percent is 640 (320) px wide (WCAG 1.4.4, 1.4.10)."""
    window = visit(width=width, height=512)
    window.go(path)
    assert window.overflow() <= 0
