"""The door: from counts to a release that is safe to publish."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.disclosure import history, noise
from allmende.engines.flows.disclosure.bounds import Checked, settle
from allmende.engines.flows.disclosure.facts import Bools, Facts, Ints, as_words, build, marked
from allmende.engines.flows.disclosure.parameters import Disclosure, DisclosureError
from allmende.engines.flows.disclosure.plan import Counts, Plan, TablePlan
from allmende.engines.flows.disclosure.private import Private, claimed_bound, noisy_devices
from allmende.engines.flows.disclosure.suppress import complete, primary, shield
from allmende.engines.flows.door import Secret
from allmende.engines.flows.release import ALL, MEASURE, Release, ReleasedTable


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be published (``release``), and what must be kept, and kept secret, for the next one (``records``)."""

    release: Release
    records: dict[str, pa.Table] = field(default_factory=dict, repr=False)
    """Relation -> record, see ``history``."""
    checked: dict[str, Checked] = field(default_factory=dict, repr=False)
    """Relation -> how many figures left out were checked in which way; kept, too."""


def protect(
    counts: Counts,
    plan: Plan,
    wanted: Disclosure | None = None,
    *,
    secret: Secret | None = None,
    previous: Sequence[Protected] = (),
    private: Private | None = None,
    now: datetime | None = None,
    lineage: dict[str, Any] | None = None,
) -> Protected:
    """A release of the planned tables in which nothing can be worked out about fewer devices than the threshold.

    Args:
        counts: for each table its levels, in devices and thousandths of people.
        plan: the tables, their dimensions and hierarchies.
        wanted: threshold, method, base of rounding.
        secret: for the methods with noise that can be repeated (rounding, cell key).
        previous: earlier releases of the same or overlapping content, from the earliest to the latest.
        private: for differential privacy: ledger, cost, bound on the rows of one device.
        now: for the ledger.
        lineage: is passed on to the release.

    Two calls with the same arguments give the same release; only differential privacy draws anew (and spends anew).

    Raises:
        DisclosureError: if it cannot be released safely as asked; ``BudgetSpent`` if the privacy budget does not cover it.
    """
    wanted = wanted or Disclosure()
    names = [table.name for table in plan.tables]
    if len(set(names)) != len(names):
        raise DisclosureError("Two tables of the plan have one name. Rename one.")
    for name in counts:
        if name not in names:
            raise DisclosureError(f"Counts are given for {name}, which is not in the plan. Plan it or leave it out.")
    if wanted.method == "dp":
        return _private(counts, plan, wanted, private, now, lineage or {})
    if wanted.method != "suppression" and secret is None:
        raise DisclosureError(
            f"Method {wanted.method} needs a secret, so that its noise can be repeated but not guessed."
        )
    tables: dict[str, ReleasedTable] = {}
    records: dict[str, pa.Table] = {}
    told: dict[str, Any] = {}
    looked: dict[str, Checked] = {}
    relations = list(dict.fromkeys(table.relation for table in plan.tables))
    built = {relation: _with_past(plan, counts, relation, previous) for relation in relations}
    base = _base([facts for facts, _ in built.values()], wanted)
    for relation in relations:
        facts, past = built[relation]
        out, checked = _left_out(facts, past, wanted, base)
        looked[relation] = checked
        people, kept = _figures(facts, past, out, wanted, secret, base)
        for table in (t for t in plan.tables if t.relation == relation):
            tables[table.name] = _released(facts, table, people)
        mine = marked([facts.members[t.name] for t in plan.tables if t.relation == relation], len(facts))
        records[relation] = _record(facts, people, kept, past, mine)
        # of what was left out no number is told that would tell empty figures from others
        told[relation] = {"kept": int(kept[mine].sum()), "checked": _methods(checked), "unsafe": checked.unsafe}
    protection = {
        "method": wanted.method,
        "threshold": wanted.threshold,
        "interval": wanted.width,
        "unit": "devices",
        "base": base,
        "relations": told,
        **_dimensions(plan),
    }
    if wanted.method == "cell_key":
        protection["noise"] = {"bound": wanted.noise_bound, "variance": wanted.noise_variance}
    if previous:
        protection["previous"] = len(previous)
    release = Release(tuple(tables[name] for name in names), _trees(plan), protection, lineage or {})
    return Protected(release, records, looked)


def _methods(checked: Checked) -> dict[str, Any]:
    return {
        "intervals": True,
        "linear_programs": checked.by_programs > 0,
        "all_circles": checked.unchecked == 0,
        "share_of_doubtful": math.floor(100 * checked.share) / 100,
    }


def _with_past(plan: Plan, counts: Counts, relation: str, previous: Sequence[Protected]) -> tuple[Facts, history.Past]:
    facts = build(plan, counts, relation)
    earlier = [one.records[relation] for one in previous if relation in one.records]
    if not earlier:
        return facts, history.look_up(facts, [])
    other: list[pa.Table] = []
    for record in earlier:
        rest = history.unknown_now(facts, record)
        other = [history.without(one, rest) for one in other]
        if rest.num_rows:
            other.append(rest)
    if any(one.num_rows for one in other):
        dimensions = facts.dimensions
        extra = TablePlan(_EARLIER, dimensions, relation)
        wide = Plan((*plan.tables, extra), plan.hierarchies)
        levels = [_known_dimensions(one, facts) for one in other]
        facts = build(wide, {**counts, _EARLIER: levels}, relation, lenient=True)
    return facts, history.look_up(facts, earlier)


_EARLIER = "(earlier releases)"


def _known_dimensions(record: pa.Table, facts: Facts) -> pa.Table:
    names = {d.name for d in facts.dimensions} | {"devices", "people_milli"}
    for name in set(record.column_names) - names - {MEASURE}:
        record = record.filter(pc.equal(record[name], ALL))
    return record.select([name for name in record.column_names if name in names])


def _base(every: list[Facts], wanted: Disclosure) -> int:
    needed = max(
        (noise.base_for(f.devices[: len(f) - f.hidden], f.milli[: len(f) - f.hidden], 1) for f in every), default=1
    )
    if wanted.people_base is None:
        return max(needed, 10)
    weights = [f.milli / np.maximum(f.devices, 1) for f in every]
    heaviest = max((float(w.max()) / 1000 for w in weights if len(w)), default=0.0)
    if wanted.people_base < heaviest:
        raise DisclosureError(
            f"people_base is {wanted.people_base}, but one device stands for up to {heaviest:.1f} people: figures would show "
            f"single devices. Choose {needed} or more, or leave it out."
        )
    return wanted.people_base


def _left_out(facts: Facts, past: history.Past, wanted: Disclosure, base: int) -> tuple[Bools, Checked]:
    fixed = history.as_before(facts, past, wanted)
    held = history.held_back(facts, past, wanted)
    out = (primary(facts, wanted) | held) & ~fixed
    earlier = facts.members.get(_EARLIER)
    if earlier is not None:
        ours = np.unique(
            np.concatenate([np.empty(0, np.int64), *(m for n, m in facts.members.items() if n != _EARLIER)])
        )
        only = np.setdiff1d(earlier, ours)
        out[only] = past.people[only] < 0
        fixed[only] = True
    state = shield(facts, out, fixed, wanted, _uncertainty(facts, wanted, base))
    complete(state)
    return state.out, settle(state, wanted.lp_limit)


def _uncertainty(facts: Facts, wanted: Disclosure, base: int) -> float:
    """By how many devices a figure shown may be off at least as far as a reader can tell.

    Plain rounding counts as none: whoever knows the numbers of devices from elsewhere must not learn more either.
    """
    if wanted.method == "cell_key":
        return float(wanted.noise_bound)
    if wanted.method == "rounding" and len(facts):
        weights = facts.milli[facts.devices > 0] / facts.devices[facts.devices > 0] / 1000
        return (base - 1) / 2 / max(float(weights.max()), 1e-9)
    return 0.0


def _figures(
    facts: Facts, past: history.Past, out: Bools, wanted: Disclosure, secret: Secret | None, base: int
) -> tuple[Ints, Bools]:
    """The people shown for each fact (-1: left out), and which facts keep an earlier figure."""
    if wanted.method == "suppression":
        people = noise.round_nearest(facts.milli, base)
    elif wanted.method == "rounding":
        assert secret is not None
        contents = [facts.cell_key] if facts.cell_key is not None else [_identity(facts)]
        draw = noise.draws([*contents, facts.milli], secret.key("rounding"))
        people = noise.round_random(facts.milli, base, draw)
    else:
        assert secret is not None
        if facts.cell_key is None:
            raise DisclosureError(
                f"Relation {facts.relation!r}: method cell_key needs a column cell_key in each level: the sum of "
                "door.record_keys over the different devices, modulo 2**63."
            )
        added = noise.cell_noise(facts.cell_key, wanted.noise_bound, wanted.noise_variance, secret.key("cell_key"))
        each = facts.milli / np.maximum(facts.devices, 1)
        noisy = np.rint(facts.milli + added * each).astype(np.int64)
        draw = noise.draws([facts.cell_key, noisy], secret.key("rounding"))
        people = noise.round_random(noisy, base, draw)
    people[out | (people <= 0)] = history.LEFT_OUT  # what is rounded to nobody would say that somebody was there
    kept = history.kept_figures(facts, past, out, wanted)
    people[kept] = past.people[kept]
    return people, kept


def _identity(facts: Facts) -> Ints:
    """A number for each fact that depends on its values only, not on what else is in the release."""
    total = np.zeros(len(facts), np.uint64)
    for at, dimension in enumerate(facts.dimensions):
        digests = [
            hashlib.blake2b(f"{dimension.name}={word}".encode(), digest_size=8).digest()
            for word in facts.words[at].to_pylist()
        ]
        if digests:
            numbers = np.frombuffer(b"".join(digests), "<u8").copy()
            numbers[0] = 0  # "*": as if the dimension were not there
            total += numbers[facts.codes[at]]
    return total.view(np.int64)


def _released(facts: Facts, table: TablePlan, people: Ints) -> ReleasedTable:
    rows = facts.members[table.name]
    rows = rows[people[rows] >= 0]
    columns: dict[str, pa.Array] = {d.name: facts.text(d.name, rows) for d in table.dimensions}
    columns[MEASURE] = pa.array(people[rows])
    return _as_released(table, pa.table(columns))


def _as_released(table: TablePlan, rows: pa.Table) -> ReleasedTable:
    return ReleasedTable(
        table.name,
        rows,
        tuple(d.name for d in table.dimensions),
        {d.name: d.hierarchy for d in table.dimensions if d.hierarchy},
        all(d.additive for d in table.dimensions),
    )


def _record(facts: Facts, people: Ints, kept: Bools, past: history.Past, mine: Ints) -> pa.Table:
    # a figure that is kept is the figure of the counts of then: the next change is measured from those
    devices = np.where(kept, past.devices, facts.devices)
    return history.record_of(facts, people, devices, mine)


def _dimensions(plan: Plan) -> dict[str, Any]:
    return {
        "additive": {table.name: {d.name: d.additive for d in table.dimensions} for table in plan.tables},
        "linked": {table.name: table.relation for table in plan.tables},
    }


def _trees(plan: Plan) -> dict[str, pa.Table]:
    used = {d.hierarchy for table in plan.tables for d in table.dimensions if d.hierarchy}
    return {name: plan.hierarchies[name] for name in sorted(used)}


def _private(
    counts: Counts,
    plan: Plan,
    wanted: Disclosure,
    private: Private | None,
    now: datetime | None,
    lineage: dict[str, Any],
) -> Protected:
    if private is None or now is None:
        raise DisclosureError("Method dp needs private=Private(ledger, cost, rows_per_device) and now=.")
    jobs: list[tuple[TablePlan, pa.Table, pa.Table]] = []
    claimed = 0
    for table in plan.tables:
        for level in counts.get(table.name, ()):
            claimed += claimed_bound(level, table.name)
            jobs.append((table, level, _domain(table, level)))
    if claimed > private.rows_per_device:
        raise DisclosureError(
            f"One device counts in up to {claimed} rows of all levels together, but rows_per_device is "
            f"{private.rows_per_device}. Bound the levels to less, or state {claimed}."
        )
    true = [_over_domain(table, level, domain) for table, level, domain in jobs]
    what = ", ".join(dict.fromkeys(table.name for table, _, _ in jobs))
    left = private.ledger.spend(private.cost, private.unit, what, now.isoformat())
    noisy = noisy_devices(np.concatenate([np.empty(0, np.int64), *true]), private)
    base = wanted.people_base or max(
        10, noise.base_for(np.array([1]), np.array([int(1000 * private.people_per_device)]))
    )
    ends = np.cumsum([0, *(len(t) for t in true)])
    parts: dict[str, list[pa.Table]] = {table.name: [] for table in plan.tables}
    for number, (table, _, domain) in enumerate(jobs):
        devices = noisy[ends[number] : ends[number + 1]]
        shown = np.flatnonzero(devices >= wanted.threshold)
        people = noise.round_nearest(np.rint(devices[shown] * private.people_per_device * 1000).astype(np.int64), base)
        rows = domain.take(pa.array(shown))
        columns = {
            d.name: as_words(rows[d.name].combine_chunks(), d.words)  # as in the other methods
            if d.name in rows.column_names
            else pa.array([ALL] * len(shown), pa.string())
            for d in table.dimensions
        }
        parts[table.name].append(pa.table({**columns, MEASURE: pa.array(people)}))
    protection = {
        "method": "dp",
        "threshold": wanted.threshold,
        "interval": 0,
        "unit": "devices",
        "base": base,
        "noise": {
            "distribution": f"discrete {private.noise}",
            "scale": private.scale,
            private.unit: private.cost,
            "per": "device",
            "rows_per_device": private.rows_per_device,
        },
        "budget": {"left": left, "unit": private.unit},
        **_dimensions(plan),
    }
    tables = tuple(_as_released(t, pa.concat_tables(parts[t.name])) for t in plan.tables if parts[t.name])
    return Protected(Release(tables, _trees(plan), protection, lineage))


def _domain(table: TablePlan, level: pa.Table) -> pa.Table:
    names = [d.name for d in table.dimensions if d.name in level.column_names]
    for domain in table.domain:
        if set(domain.column_names) == set(names):
            return domain.select(names)
    raise DisclosureError(
        f"Table {table.name}: no domain with the columns {', '.join(names)}. Which rows there are must not come from the "
        "data: list them in the plan, also those where nobody may have been."
    )


def _over_domain(table: TablePlan, level: pa.Table, domain: pa.Table) -> Ints:
    names = domain.column_names
    if domain.group_by(names).aggregate([]).num_rows != domain.num_rows:
        raise DisclosureError(f"Table {table.name}: the domain lists a row twice. List each once.")
    numbered = domain.append_column("row", pa.array(np.arange(domain.num_rows)))
    cast = level.select([*names, "devices"]).cast(
        pa.schema([*(domain.schema.field(n) for n in names), ("devices", pa.int64())])
    )
    joined = numbered.join(cast, keys=names) if names else numbered.append_column("devices", cast["devices"])
    devices = np.zeros(domain.num_rows, np.int64)
    devices[joined["row"].to_numpy()] = joined["devices"].fill_null(0).to_numpy()
    return devices
