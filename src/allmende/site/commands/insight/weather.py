"""``allmende insight weather``: take a file of weather in."""

from __future__ import annotations

import argparse

from allmende.site.commands.insight.conditions import add_common, take_in
from allmende.site.terminal import add_command


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "weather",
        "take a file of weather in",
        text="""Reads hourly weather as Deutscher Wetterdienst, Open-Meteo, SMHI and Meteostat deliver it, or a table (CSV, XLSX,
        Parquet) with the columns time, temperature, precipitation, sunshine, cloud_cover, wind. Hours before now were
        observed, later ones are a forecast, unless --kind says otherwise. The same file again changes nothing. What was
        taken in can be taken back in the workspace.""",
        example="""allmende insight weather open-meteo.json --organisation "Town hall"
        allmende insight weather produkt_tu_stunde.txt --organisation "Town hall" --lon 6.97 --lat 51.40 --preview""",
    )
    add_common(parser)
    parser.add_argument("--kind", choices=("auto", "observed", "forecast"), help="what its hours are")
    parser.add_argument("--issued", default="", metavar="TIME", help="when its forecast was issued; left out: now")
    parser.add_argument("--station", default="", help="name of the station, where no column names it")
    parser.add_argument("--lon", type=float, help="longitude of its only station, where nothing says it")
    parser.add_argument("--lat", type=float, help="its latitude")
    parser.add_argument("--timezone", default="", help="of times without one; left out: UTC")
    return parser


def run(args: argparse.Namespace) -> int:
    options = {name: getattr(args, name) for name in ("kind", "station", "lon", "lat", "timezone")}
    return take_in(args, "weather", {**options, "issued_at": args.issued})
