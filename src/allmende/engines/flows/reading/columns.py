"""Which column of a delivery holds what: by the names that operators use, or as given."""

from __future__ import annotations

import re
from collections.abc import Mapping

from allmende.engines.flows.tables import TableError, Violation

ALIASES: dict[str, tuple[str, ...]] = {
    "device_id": (
        "device_id", "device", "deviceid", "imsi_hash", "hashed_imsi", "msisdn_hash", "hashed_msisdn", "subscriber_id",
        "subscriber", "user_id", "userid", "user", "uid", "person_id", "customer_id", "caller_id", "maid", "ad_id", "idfa",
        "imsi", "msisdn", "agent_id", "id",
    ),
    "ts": (
        "ts", "timestamp", "datetime", "date_time", "event_time", "event_timestamp", "event_ts", "start_time", "starttime",
        "call_time", "utc", "time_utc", "utc_timestamp", "utc_time", "local_time", "localtime", "tracked_at", "epoch",
        "unix_time", "unixtime", "timestamp_ms", "timestamp_us", "t", "time",
    ),
    "lon": ("lon", "lng", "long", "longitude", "lon_wgs84", "location_lon", "gps_lon", "coord_lon"),
    "lat": ("lat", "latitude", "lat_wgs84", "location_lat", "gps_lat", "coord_lat"),
    "x": ("x", "easting", "x_coord", "coord_x", "x_3035"),
    "y": ("y", "northing", "y_coord", "coord_y", "y_3035"),
    "accuracy": ("accuracy", "horizontal_accuracy", "acc", "accuracy_m", "precision_m", "uncertainty_m", "radius_m"),
    "cell_id": ("cell_id", "cellid", "cell", "cgi", "ecgi", "ncgi", "eci", "ci", "cell_global_id", "antenna_id", "bts_id"),
    "mcc": ("mcc", "home_mcc", "mobile_country_code", "mcc_home", "country_mcc"),
    "mnc": ("mnc", "home_mnc", "mobile_network_code", "mnc_home"),
    "plmn": ("plmn", "home_plmn", "mccmnc", "mcc_mnc", "mcc_mnc_home", "network_code"),
}  # fmt: skip
"""Names for each column, the surest first; capitals, spaces and dots in a name do not matter."""


def plain(name: str) -> str:
    """``Time (UTC)`` -> ``time_utc``."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def chosen(
    names: list[str], given: Mapping[str, str] | None, *, cells: bool, crs: str | None, file: str
) -> dict[str, str]:
    """For each column of ``tables.EVENTS`` (or ``CELL_EVENTS``) the column of the file that holds it.

    Raises:
        TableError: a column that is needed cannot be found, or one that was given is not there.
    """
    by_plain = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    problems: list[Violation] = []
    listed = ", ".join(names[:20]) or "none"
    for target, name in (given or {}).items():
        if target not in ALIASES:
            remedy = f"Give names for {', '.join(ALIASES)}."
            problems.append(Violation("events", target, "there is no such column to be given", remedy))
        elif name in names:
            found[target] = name
        else:
            problems.append(
                Violation("events", target, f"{file} has no column {name}", f"It has these columns: {listed}.")
            )
    for target, aliases in ALIASES.items():
        if target not in found:
            hit = next((by_plain[alias] for alias in aliases if alias in by_plain), None)
            if hit is not None and hit not in found.values():
                found[target] = hit
    wanted = [
        "device_id",
        "ts",
        *(["cell_id"] if cells else ["x", "y"] if crs and "lon" not in found else ["lon", "lat"]),
    ]
    for target in wanted:
        if target in found or any(p.column == target for p in problems):
            continue
        remedy = f"Name the column that holds it; {file} has these columns: {listed}."
        if target in ("lon", "lat") and "x" in found and "y" in found:
            remedy = "It has x and y: say in which coordinate reference system (crs), for example EPSG:3035."
        elif target in ("lon", "lat") and "cell_id" in found:
            remedy = "Its events are placed by cells: give the cell plan."
        problems.append(Violation("events", target, f"the column is missing in {file}", remedy))
    if problems:
        raise TableError(problems)
    keep: tuple[str, ...]
    if cells:
        keep = ("device_id", "ts", "cell_id", "mcc", "mnc", "plmn")
    elif crs and "lon" not in found:
        keep = ("device_id", "ts", "x", "y", "accuracy", "mcc", "mnc", "plmn")
    else:
        keep = ("device_id", "ts", "lon", "lat", "accuracy", "mcc", "mnc", "plmn")
    return {target: found[target] for target in keep if target in found}
