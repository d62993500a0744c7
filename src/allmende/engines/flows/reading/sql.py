"""How a column of any form becomes a column of ``tables.EVENTS``, as SQL; and which rows cannot."""

from __future__ import annotations

from allmende.engines.flows.reading.sources import Source, literal, quoted

EARLIEST, LATEST = 631_152_000_000_000, 4_102_444_800_000_000
"""1990 and 2100 in microseconds: a time outside is a wrong unit or no time."""
FORMATS = ("%Y%m%d%H%M%S", "%Y%m%dT%H%M%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d %H%M%S")
BAD = {
    1: ("device_id", "the device is missing", "Deliver the pseudonym of the device, or leave such rows out."),
    2: (
        "ts",
        "the time cannot be read, or lies before 1990 or after 2100",
        "Write it as 2026-06-01T10:30:00Z or as seconds, milliseconds or microseconds since 1970.",
    ),
    3: ("lon", "the longitude is no number", "Write degrees as 12.3456, with a point."),
    4: ("lat", "the latitude is no number", "Write degrees as 55.6761, with a point."),
    5: ("mcc", "the country code is no number from 0 to 999", "Write the three digits of the mobile country code."),
    6: ("accuracy", "the accuracy is no number", "Write metres as a number."),
}
"""Why a row is left out -> column, problem and remedy."""


def _by_size(number: str) -> str:
    # a time after 1973 says by its size in which unit it is
    return (
        f"CASE WHEN {number} BETWEEN 1e8 AND 1e11 THEN CAST(round({number} * 1e6) AS BIGINT) "
        f"WHEN {number} BETWEEN 1e11 AND 1e14 THEN CAST(round({number} * 1e3) AS BIGINT) "
        f"WHEN {number} BETWEEN 1e14 AND 1e17 THEN CAST({number} AS BIGINT) "
        f"WHEN {number} BETWEEN 1e17 AND 4.2e18 THEN CAST({number} AS BIGINT) // 1000 END"
    )


def _whole_by_size(number: str) -> str:
    return (
        f"CASE WHEN {number} BETWEEN 100000000 AND 99999999999 THEN {number} * 1000000 "
        f"WHEN {number} BETWEEN 100000000000 AND 99999999999999 THEN {number} * 1000 "
        f"WHEN {number} BETWEEN 100000000000000 AND 99999999999999999 THEN {number} "
        f"WHEN {number} > 99999999999999999 THEN {number} // 1000 END"
    )


def time_of(column: str, kind: str, time_format: str | None) -> str:
    """Microseconds since 1970 in UTC, or null; times without an offset are of the session's time zone."""
    if kind == "TIMESTAMPTZ":
        return f"epoch_us({column})"
    if kind == "TIMESTAMP":
        return f"epoch_us(CAST(CAST({column} AS TIMESTAMP) AS TIMESTAMPTZ))"
    if kind == "BIGINT":
        return _whole_by_size(f"CAST({column} AS BIGINT)")
    if kind == "DOUBLE":
        return _by_size(f"CAST({column} AS DOUBLE)")
    if time_format:
        return f"epoch_us(CAST(try_strptime({column}, {literal(time_format)}) AS TIMESTAMPTZ))"
    formats = "[" + ", ".join(map(literal, FORMATS)) + "]"
    written = f"epoch_us(CAST(try_strptime({column}, {formats}) AS TIMESTAMPTZ))"
    digits = f"length({column}) = 14 AND left({column}, 2) IN ('19', '20')"
    return (
        f"CASE WHEN contains({column}, '-') THEN epoch_us(TRY_CAST({column} AS TIMESTAMPTZ)) "
        f"WHEN {digits} THEN {written} "
        f"WHEN NOT contains({column}, '.') AND TRY_CAST({column} AS BIGINT) IS NOT NULL "
        f"THEN {_whole_by_size(f'TRY_CAST({column} AS BIGINT)')} "
        f"ELSE coalesce({_by_size(f'TRY_CAST({column} AS DOUBLE)')}, epoch_us(TRY_CAST({column} AS TIMESTAMPTZ)), "
        f"{written}) END"
    )


def _number(column: str, kind: str, comma: bool) -> str:
    if kind != "VARCHAR":
        return f"CAST({column} AS DOUBLE)"
    return f"TRY_CAST(replace({column}, ',', '.') AS DOUBLE)" if comma else f"TRY_CAST({column} AS DOUBLE)"


def query(source: Source, columns: dict[str, str], *, whole_ids: bool, time_format: str | None) -> str:
    """One row for each row of the file, in its order: the columns of events and ``bad``, the reason to leave it out."""
    inner, cases = [], []
    for target, name in columns.items():
        column, kind = quoted(name), source.types[name]
        if target == "device_id":
            text = f"CAST({column} AS VARCHAR)" if kind != "BLOB" else column
            inner.append(
                f"{column if kind == 'BIGINT' else f'TRY_CAST({column} AS BIGINT)' if whole_ids else text} AS device_id"
            )
            inner.append(f"({text} IS NOT NULL) AS named")
            if whole_ids and kind != "BIGINT":
                inner.append(f"(CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) IS DISTINCT FROM {text}) AS worded")
        elif target == "ts":
            inner.append(f"{time_of(column, kind, time_format)} AS ts")
        elif target in ("lon", "lat", "x", "y", "accuracy"):
            inner.append(f"{_number(column, kind, source.decimal_comma)} AS {target}")
            inner.append(f"({column} IS NOT NULL) AS has_{target}")
        elif target == "plmn":
            if "mcc" not in columns:
                inner.append(f"TRY_CAST(left(CAST({column} AS VARCHAR), 3) AS SMALLINT) AS mcc")
                inner.append(f"({column} IS NOT NULL) AS has_mcc")
        elif target in ("mcc", "mnc"):
            inner.append(f"TRY_CAST({column} AS SMALLINT) AS {target}")
            inner.append(f"({column} IS NOT NULL) AS has_{target}")
        else:
            inner.append(f"{column} AS cell_id")
    cases.append("WHEN NOT named THEN 1")
    cases.append(f"WHEN ts IS NULL OR ts < {EARLIEST} OR ts >= {LATEST} THEN 2")
    for code, target in ((3, "lon"), (4, "lat"), (3, "x"), (4, "y"), (6, "accuracy")):
        if target in columns:
            cases.append(f"WHEN has_{target} AND {target} IS NULL THEN {code}")
    if "mcc" in columns or "plmn" in columns:
        cases.append("WHEN has_mcc AND (mcc IS NULL OR mcc < 0 OR mcc > 999) THEN 5")
    outer = ["device_id", "ts", *(c for c in ("lon", "lat", "x", "y") if c in columns)]
    if "accuracy" in columns:
        outer.append("CAST(accuracy AS FLOAT) AS accuracy")
    if "cell_id" in columns:
        outer.append("cell_id")
    if "mcc" in columns or "plmn" in columns:
        outer.append("mcc")
    if "mnc" in columns:
        outer.append("mnc")
    if any(part.endswith("AS worded") for part in inner):
        outer.append("worded AND named AS worded")
    left_out = f"CAST(CASE {' '.join(cases)} ELSE 0 END AS TINYINT) AS bad"
    rows = f"(SELECT {', '.join(inner)} FROM {source.sql})"  # noqa: S608 names and paths are in quotes
    return f"SELECT {', '.join(outer)}, {left_out} FROM {rows}"  # noqa: S608
