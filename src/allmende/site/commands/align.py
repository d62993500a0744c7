"""``allmende align``: clashes, the season and gaps, for reports and other programs."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from typing import Any

from allmende.site.terminal import Exit, Failed, add_command, answer

MONTHS_AHEAD = 3
LISTED = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "align",
        "list clashes, the season by week, or gaps in the offer",
        text="""What the workspace shows under Planning. clashes: pairs of published events that take guests from one
        another. season: event days by week, and thin weeks. gaps: what guests of a municipality look for in
        vain. Season and gaps are counted anew first if something changed. Changes nothing that is published.""",
        example="""allmende align clashes --from 2027-05-01 --to 2027-06-30
        allmende align season --by category
        allmende align gaps --rule quiet-weekend --json | jq '.gaps[0]'""",
    )
    parser.add_argument("what", choices=("clashes", "season", "gaps"), help="what to list")
    parser.add_argument("--from", dest="first", default="", metavar="DAY", help="clashes: first day (default: today)")
    parser.add_argument("--to", dest="last", default="", metavar="DAY", help="clashes: last day (default: in 3 months)")
    parser.add_argument("--category", default="", metavar="KEY", help="clashes: at least one of the two is of this")
    parser.add_argument(
        "--by",
        default="municipality",
        choices=("municipality", "department", "category", "audience"),
        help="season: what a row is (default: municipality)",
    )
    parser.add_argument("--rule", default="", metavar="KEY", help="gaps: only of this rule")
    parser.add_argument("--untold", action="store_true", help="gaps: also where only a fact is not told")
    parser.add_argument("--language", default="en", metavar="CODE", help="language of names (default: en)")
    return parser


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise Failed(f"{text} is no day; write it as 2027-05-17.", Exit.UNUSABLE) from error


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)

    from django.utils import timezone

    now = timezone.now()
    payload, lines = {"clashes": _clashes, "season": _season, "gaps": _gaps}[args.what](args, now)
    answer(args, payload, lines)
    return Exit.OK


def _clashes(args: argparse.Namespace, now: datetime) -> tuple[dict[str, Any], list[str]]:
    from allmende.catalogue import vocabulary
    from allmende.catalogue.queries.clashes import list_clashes

    known = {one.key for one in vocabulary.categories() if "event" in one.kinds}
    if args.category and args.category not in known:
        raise Failed(f"There is no category {args.category!r} of events.", Exit.UNUSABLE)
    first = _day(args.first, now.date())
    last = _day(args.last, first + timedelta(days=31 * MONTHS_AHEAD))
    if last < first:
        raise Failed("The last day lies before the first one.", Exit.UNUSABLE)
    rows, total = list_clashes(first, last, language=args.language, category=args.category)
    found: list[dict[str, Any]] = [
        {
            "points": round(row.pair.points, 1),
            "day": row.pair.on,
            "days": row.pair.days,
            "km": round(row.pair.km, 1),
            "time": row.pair.time,
            "category": row.pair.category,
            "audience": row.pair.audience,
            "events": [
                {"id": card.id, "name": card.name.text, "municipality": card.municipality}
                for card in (row.left, row.right)
            ],
        }
        for row in rows
    ]
    lines = [
        f"{one['day']}  {one['points']:5.1f}  {one['km']:4.1f} km  "
        + "  |  ".join(f"{event['name']} ({event['municipality']})" for event in one["events"])
        for one in found
    ]
    return {"from": first, "to": last, "total": total, "clashes": found}, [*lines, f"{total} clashes"]


def _season(args: argparse.Namespace, now: datetime) -> tuple[dict[str, Any], list[str]]:
    from allmende.catalogue.actions.align import refresh_alignment_if_stale
    from allmende.catalogue.queries.season import SeasonFilter, season

    refresh_alignment_if_stale(now=now)
    table = season(SeasonFilter(axis=args.by), today=now.date(), language=args.language)
    rows = [
        {
            "key": row.key,
            "name": table.labels[row.key],
            "total": row.total,
            "median": row.median,
            "weeks": [week.n for week in row.weeks],
        }
        for row in table.rows
    ]
    thin = [{"from": run[0].monday, "weeks": len(run), "index": [week.index for week in run]} for run in table.thin]
    whole = {"total": table.whole.total, "median": table.whole.median, "weeks": [week.n for week in table.whole.weeks]}
    lines = [f"{table.whole.total} event days in the coming year, {table.whole.median:g} in the median week"]
    lines += [f"thin: {one['weeks']} weeks from {one['from']}" for one in thin]
    lines += [f"{row['total']:7,}  {row['name']}" for row in rows]
    payload = {"mondays": list(table.mondays), "whole": whole, "thin": thin, "by": args.by, "rows": rows}
    return payload, lines


def _gaps(args: argparse.Namespace, now: datetime) -> tuple[dict[str, Any], list[str]]:
    from allmende.catalogue.actions.align import refresh_alignment_if_stale
    from allmende.catalogue.queries.gaps import GapFilter, list_gaps, rules

    if args.rule and args.rule not in rules():
        raise Failed(f"There is no rule {args.rule!r}; there are {', '.join(rules())}.", Exit.UNUSABLE)
    refresh_alignment_if_stale(now=now)
    wanted = GapFilter(rule=args.rule, certain=None if args.untold else True)
    listing = list_gaps(wanted, user=None, language=args.language, limit=None)
    found: list[dict[str, Any]] = [
        {
            "rule": row.rule.key,
            "km": row.rule.km,
            "municipality": row.municipality,
            "code": row.code,
            "severity": row.severity,
            "population": row.population,
            "fits": row.fits,
            "untold": row.untold,
            "seen": row.seen,
            "sources": row.sources,
            "from": row.first_day,
            "to": row.last_day,
            "nearest": {
                "kind": row.nearest.kind,
                "id": row.nearest.id,
                "name": row.nearest.name.text,
                "km": row.nearest.km,
            }
            if row.nearest
            else None,
            "around": row.around_count,
            "fillers": [
                {"kind": thing.kind, "id": thing.id, "name": thing.name.text, "km": thing.km, "why": thing.why}
                for thing in row.fillers
            ],
        }
        for row in listing.rows
    ]
    lines = [
        f"{one['severity']}  {one['rule']:20}  {one['municipality']}"
        + (f"  (nearest: {one['nearest']['name']}, {one['nearest']['km']} km)" if one["nearest"] else "")
        for one in found[:LISTED]
    ]
    more = [f"… and {len(found) - LISTED} more; --json lists all"] if len(found) > LISTED else []
    return {"gaps": found}, [*lines, *more, f"{len(found)} gaps"]
