"""The sections about where: map, areas, and moves between them."""

from __future__ import annotations

import numpy as np

from allmende.engines.flows.report.facts import Facts, Grid, places
from allmende.engines.flows.report.maps import Area, Flow, cell_map, flow_map, zone_map
from allmende.engines.flows.report.parts import Chart, Section, Table
from allmende.engines.flows.report.sections import absent, area_name, scale
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.report.svg import Bar, Said, bars, breaks
from allmende.engines.flows.report.wording import Words

MOST_CELLS = 25
MOST_FLOWS = 15
MOST_ARROWS = 25
MOST_AREAS = 15


def presence_map(facts: Facts, summary: RunSummary, words: Words) -> Section:
    """Mean presence by grid cell."""
    grid = facts.grid
    named = places(summary)
    if grid is None:
        return _zones_map(facts, named, words)
    limits = breaks(grid.people)
    best = sorted(range(len(grid.codes)), key=lambda at: -grid.people[at])
    size = f"{grid.size // 1000} km" if grid.size >= 1000 else f"{grid.size} m"
    said = Said(
        words("map.alt", size=size),
        words(
            "map.desc",
            count=words.number(len(grid.codes)),
            most=words.about(grid.people[best[0]]),
            cell=grid.codes[best[0]],
        ),
        words.number,
    )

    drawn = _fullest_first(tuple(named.values()), grid)

    def near(at: int) -> str:
        x, y = (edge + grid.size / 2 for edge in grid.corners[at])
        found = min(named.values(), key=lambda area: (area.x - x) ** 2 + (area.y - y) ** 2, default=None)
        return found.name if found else ""

    rows = tuple(
        (grid.codes[at], *((near(at),) if named else ()), words.about(grid.people[at])) for at in best[:MOST_CELLS]
    )
    return Section(
        "map",
        words("map.title"),
        words("map.lead", size=size),
        chart=Chart(
            lambda width, theme: cell_map(
                grid.corners, grid.people, size=grid.size, limits=limits, areas=drawn, width=width, said=said, theme=theme,
            ),
            said.title,
            said.desc,
        ),
        legend=(*scale(limits, words), ("void", words("map.void"))),
        table=Table(
            words("map.table", count=len(rows)),
            (words("map.cell"), words("map.near"), words("people")) if named else (words("map.cell"), words("people")),
            rows,
            names=2 if named else 1,
        ),
        notes=(words("map.note"),),
    )  # fmt: skip


def _fullest_first(areas: tuple[Area, ...], grid: Grid, most: int = 2000) -> tuple[Area, ...]:
    """Areas by the people in the cells next to their middle, so that where names are short of room, the fullest have one."""
    if not areas:
        return areas
    people = np.array(grid.people)
    best = np.argsort(-people, kind="stable")[:most]
    corners = np.array(grid.corners)[best] + grid.size / 2
    middles = np.array([(area.x, area.y) for area in areas])
    nearest = ((corners[:, None, :] - middles[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    total = np.bincount(nearest, people[best], minlength=len(areas))
    return tuple(areas[at] for at in np.argsort(-total, kind="stable"))


def _zones_map(facts: Facts, named: dict[str, Area], words: Words) -> Section:
    """Without cells: the zones themselves, where their outlines are known."""
    outlined = {code: area for code, area in named.items() if area.rings}
    shown = [facts.areas[code] for code in outlined if code in facts.areas]
    if not shown:
        return absent("map", words)
    limits = breaks(shown)
    said = Said(words("map.alt_zones"), words("map.desc_zones", count=words.number(len(shown))), words.number)
    return Section(
        "map",
        words("map.title"),
        words("map.lead_zones"),
        chart=Chart(
            lambda width, theme: zone_map(
                list(outlined.values()),
                [facts.areas.get(code) for code in outlined],
                limits=limits,
                width=width,
                said=said,
                theme=theme,
            ),
            said.title,
            said.desc,
        ),
        legend=(*scale(limits, words), ("void", words("map.void"))),
        table=_areas_table(facts, named, words),
        notes=(words("map.note"),),
    )


def by_area(facts: Facts, summary: RunSummary, words: Words) -> Section:
    """Zones and sites, the most first."""
    if not facts.areas:
        return absent("areas", words)
    named = places(summary)
    entries = [Bar(area_name(code, named), people) for code, people in facts.areas.items()][:MOST_AREAS]
    said = Said(
        words("areas.alt"),
        words("areas.desc", first=entries[0].label, most=words.about(entries[0].value)),
        words.about,
    )
    return Section(
        "areas",
        words("areas.title"),
        words("areas.lead") + " " + said.desc,
        chart=Chart(lambda width, theme: bars(entries, width=width, said=said, theme=theme), said.title, said.desc),
        table=_areas_table(facts, named, words),
    )


def _areas_table(facts: Facts, named: dict[str, Area], words: Words) -> Table:
    return Table(
        words("areas.table"),
        (words("areas.area"), words("people")),
        tuple((area_name(code, named), words.about(people)) for code, people in facts.areas.items()),
    )


def moves(facts: Facts, summary: RunSummary, words: Words) -> Section:
    """Origin and destination: arrows and the largest flows."""
    if not facts.moves:
        return absent("od", words)
    named = places(summary)
    drawn = [move for move in facts.moves if move.origin in named and move.destination in named][:MOST_ARROWS]
    arrows = [
        Flow(
            named[move.origin].x,
            named[move.origin].y,
            named[move.destination].x,
            named[move.destination].y,
            move.people,
        )
        for move in drawn
    ]
    order = dict.fromkeys(code for move in drawn for code in (move.origin, move.destination))
    areas = [*(named[code] for code in order), *(area for code, area in named.items() if code not in order)]
    first = facts.moves[0]
    between = sum(move.people for move in facts.moves)
    said = Said(
        words("od.alt"),
        words(
            "od.desc", origin=area_name(first.origin, named), destination=area_name(first.destination, named),
            most=words.about(first.people),
        ),
        words.number,
    )  # fmt: skip
    return Section(
        "od",
        words("od.title"),
        words("od.lead", total=words.about(between)) + " " + said.desc,
        chart=Chart(
            lambda width, theme: flow_map(arrows, areas, width=width, said=said, theme=theme), said.title, said.desc
        )
        if arrows
        else None,
        legend=(("flow", words("od.arrow", count=len(arrows))),) if arrows else (),
        table=Table(
            words("od.table", count=min(MOST_FLOWS, len(facts.moves))),
            (words("od.from"), words("od.to"), words("people"), words("share")),
            tuple(
                (
                    area_name(move.origin, named),
                    area_name(move.destination, named),
                    words.about(move.people),
                    words.percent(move.people / between),
                )
                for move in facts.moves[:MOST_FLOWS]
            ),
            names=2,
        ),
        open_table=True,
        notes=(words("od.within", people=words.about(facts.moves_within)),) if facts.moves_within else (),
    )
