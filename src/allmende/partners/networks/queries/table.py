"""Who is missing at the table: a network against the organisations of where it works.

A *line* is a kind of organisation, a municipality, or municipalities of one size.  What would be fair is said by two
measures: what similar networks have (the median of other networks of the same kind), and the line's share of the region.
``docs/decisions/0024-who-is-missing.md`` says why.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.db.models import Count, Q, QuerySet

from allmende.partners.models import Network, NetworkOrganisation, Organisation, Profile, Territory
from allmende.partners.networks.defaults import defaults_of
from allmende.partners.networks.queries.scope import organisations_of_region

State = NetworkOrganisation.State
Standing = Literal["missing", "few", "there", "nobody", "beside"]
"""None here though there are some; far fewer than is fair; enough; the region has none; does not belong at the table."""

SIZES: Final = ((1000, "s1"), (5000, "s2"), (20_000, "s3"), (100_000, "s4"))
"""Inhabitants below which a municipality has that size; s5 beyond, and s0 where they are not known."""
SIMILAR_AT_LEAST: Final = 2
"""Fewer similar networks say nothing about what is usual."""
FEW: Final = 0.5
"""Below this part of what is fair it is said to be few."""
PER_PAGE: Final = 25
MOST_TOWNS: Final = 15


@dataclass(frozen=True, slots=True)
class Line:
    """Organisations of one kind, place or size, in the region and at the table."""

    key: str
    label: str
    """Name of a municipality; empty where the key says it."""
    region: int
    members: int
    region_share: float
    """Of all organisations of the kinds that belong at the table or are there, 0 to 1."""
    member_share: float
    """Of all members from here, 0 to 1."""
    similar: float | None
    """Median number in similar networks; None: too few of them, or not asked of this line."""
    in_proportion: float
    """How many members would be here if the table were like the region."""
    standing: Standing
    belongs: bool
    """Whether something is missing without it."""

    @property
    def expected(self) -> int:
        """How many seats the picture draws."""
        if not self.region or not self.belongs:
            return self.members
        usual = self.similar if self.similar is not None else min(self.in_proportion, 3)
        return min(self.region, max(1, round(usual), self.members))


@dataclass(frozen=True, slots=True)
class Table:
    """The network against its region."""

    kinds: list[Line]
    towns: list[Line]
    """Without a member, those with the most organisations first."""
    towns_in_all: int
    towns_with_member: int
    sizes: list[Line]
    workforce: list[Line]
    """By the organisations' own size (persons employed, EU classes); empty while nobody has told theirs."""
    members: int
    """Organisations in the network, guests not counted."""
    region: int
    similar: int
    """Similar networks that could be compared with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation that might be invited."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    municipality: str
    networks: int
    """In how many networks it is already."""
    state: str
    """invited, asked, left; empty: nothing yet."""


@dataclass(frozen=True, slots=True)
class Candidates:
    rows: list[Candidate]
    total: int
    page: int
    pages: int


def table_kinds_of(network: Network) -> tuple[str, ...]:
    """Kinds of organisations that belong at the table of a network."""
    return tuple(network.table_kinds) or defaults_of(network.kind).table_kinds


def size_of(population: int | None) -> str:
    """The size of a municipality."""
    if population is None:
        return "s0"
    return next((key for limit, key in SIZES if population < limit), "s5")


def _similar(network: Network) -> tuple[int, dict[str, list[int]]]:
    """How many networks of the same kind there are, and for each kind of organisation their numbers of members."""
    rows = NetworkOrganisation.objects.filter(
        network__kind=network.kind, network__ended_at=None, state=State.MEMBER, is_guest=False
    ).exclude(network=network)
    counted = rows.order_by().values_list("network_id", "organisation__kind").annotate(n=Count("pk"))
    numbers: dict[str, list[int]] = defaultdict(list)
    networks = set()
    for network_id, kind, n in counted:
        networks.add(network_id)
        numbers[kind].append(n)
    return len(networks), numbers


def _standing(belongs: bool, region: int, members: int, fair: float) -> Standing:
    if not region:
        return "there" if members else "nobody"
    if not members:
        return "missing" if belongs else "beside"
    return "few" if belongs and members < FEW * fair else "there"


def _line(
    key: str,
    label: str,
    region: int,
    members: int,
    whole: tuple[int, int],
    *,
    belongs: bool = True,
    similar: float | None = None,
) -> Line:
    in_region, at_table = whole
    share = region / in_region if in_region else 0.0
    fair = similar if similar is not None else share * at_table if share * at_table >= 2 else 0.0
    return Line(
        key,
        label,
        region,
        members,
        share,
        members / at_table if at_table else 0.0,
        similar,
        share * at_table,
        _standing(belongs, region, members, fair),
        belongs,
    )


_ORDER: Final = {"missing": 0, "few": 1, "there": 2, "nobody": 3, "beside": 4}


def table_of(network: Network) -> Table:
    """The whole comparison; a constant number of queries, whatever the size of the region."""
    here = organisations_of_region(network)
    by_kind = dict(here.values_list("kind").annotate(n=Count("pk")))
    members = _members(network)
    member_kinds = Counter(kind for kind, _ in members)
    belonging = table_kinds_of(network)
    similar_n, similar = _similar(network)
    on_the_list = {*belonging, *member_kinds}
    whole = sum(by_kind.get(kind, 0) for kind in on_the_list), len(members)
    kinds = [
        _line(
            kind,
            "",
            by_kind.get(kind, 0),
            member_kinds[kind],
            whole,
            belongs=kind in belonging,
            similar=_median(similar.get(kind, []), similar_n),
        )
        for kind in Organisation.Kind.values
        if kind in on_the_list
    ]
    kinds.sort(key=lambda line: (_ORDER[line.standing], -line.region, line.key))
    towns = _towns(here.filter(kind__in=belonging), Counter(town for _, town in members), len(members))
    return Table(
        kinds=kinds,
        towns=towns.without,
        towns_in_all=towns.in_all,
        towns_with_member=towns.with_member,
        sizes=towns.sizes,
        workforce=_workforce(here.filter(kind__in=belonging), network, len(members)),
        members=len(members),
        region=sum(by_kind.values()),
        similar=similar_n,
    )


def _median(numbers: Sequence[int], networks: int) -> float | None:
    """The median over all similar networks: those that have none count as 0."""
    if networks < SIMILAR_AT_LEAST:
        return None
    return float(statistics.median([*numbers, *([0] * (networks - len(numbers)))]))


def _members(network: Network) -> list[tuple[str, int | None]]:
    """(kind, municipality) of each member from here."""
    rows = NetworkOrganisation.objects.filter(network=network, state=State.MEMBER, is_guest=False)
    return list(rows.values_list("organisation__kind", "organisation__municipality_id"))


@dataclass(frozen=True, slots=True)
class _Towns:
    without: list[Line]
    in_all: int
    with_member: int
    sizes: list[Line]


def _towns(organisations: QuerySet[Organisation], members: Counter[int | None], at_table: int) -> _Towns:
    """The fullest municipalities without a member, and all by their size; a region may have thousands of them."""
    counted = list(
        organisations.filter(municipality__isnull=False).values_list("municipality_id").annotate(n=Count("pk"))
    )
    counted.sort(key=lambda row: (-row[1], row[0]))
    fullest = [pk for pk, _ in counted if not members[pk]][:MOST_TOWNS]
    populations = dict(Territory.objects.filter(level="municipality").order_by().values_list("pk", "population"))
    named = {
        pk: (code, name)
        for pk, code, name in Territory.objects.filter(pk__in=fullest).order_by().values_list("pk", "code", "name")
    }
    region, there = Counter[str](), Counter[str]()
    for pk, n in counted:
        size = size_of(populations.get(pk))
        region[size] += n
        there[size] += members[pk]
    numbers = dict(counted)
    whole = sum(numbers.values()), at_table
    lines = [_line(*named[pk], numbers[pk], 0, whole) for pk in fullest]
    lines.sort(key=lambda line: (-line.region, line.label, line.key))
    sizes = [_line(key, "", region[key], there[key], whole) for key in sorted(region)]
    with_member = sum(members[pk] > 0 for pk in numbers)
    return _Towns(lines, len(counted), with_member, sizes if set(region) != {"s0"} else [])


def _workforce(organisations: QuerySet[Organisation], network: Network, at_table: int) -> list[Line]:
    """Lines of the organisations' own sizes, the smallest first; those that have not told theirs last."""
    counted = Counter(dict(organisations.order_by().values_list("profile__size").annotate(n=Count("pk"))))
    rows = NetworkOrganisation.objects.filter(network=network, state=State.MEMBER, is_guest=False)
    there = Counter(dict(rows.order_by().values_list("organisation__profile__size").annotate(n=Count("pk"))))
    for numbers in (counted, there):
        numbers[""] += numbers.pop(None, 0)  # no profile at all
    if not any(counted[size] for size in Profile.Size.values if size):
        return []
    whole = counted.total(), at_table
    sizes = [size for size in (*Profile.Size.values, "") if size or counted[""]]
    return [
        _line(size or "unknown", "", counted[size], there[size], whole, belongs=bool(size))
        for size in dict.fromkeys(sizes)
    ]


def candidates(
    network: Network, *, kinds: Iterable[str], municipality: str = "", words: str = "", page: int = 1
) -> Candidates:
    """Organisations from here that are not members, to be invited: those active in other networks first."""
    inside = NetworkOrganisation.objects.filter(network=network)
    states = dict(inside.values_list("organisation_id", "state"))
    found = organisations_of_region(network).filter(kind__in=list(kinds))
    found = found.exclude(pk__in=[pk for pk, state in states.items() if state == State.MEMBER])
    if municipality:
        found = found.filter(municipality__code=municipality)
    if words:
        found = found.filter(name__icontains=words)
    total = found.count()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    counted = found.annotate(n=Count("networks", filter=Q(networks__state=State.MEMBER)))
    first = (page - 1) * PER_PAGE
    ids = list(counted.order_by("-n", "name", "pk").values_list("pk", "n")[first : first + PER_PAGE])
    fields = ("pk", "slug", "name", "kind", "municipality__name")
    named = {
        row[0]: row for row in Organisation.objects.filter(pk__in=[pk for pk, _ in ids]).order_by().values_list(*fields)
    }
    labels = dict(Organisation.Kind.choices)
    rows = []
    for pk, n in ids:
        _, slug, name, kind, town = named[pk]
        rows.append(Candidate(pk, slug, name, kind, str(labels[kind]), town or "", n, states.get(pk, "")))
    return Candidates(rows, total, page, pages)
