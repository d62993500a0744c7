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

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from allmende.core.prepared import prepared
from allmende.partners.models import Network, NetworkOrganisation, Organisation, Profile, Territory
from allmende.partners.networks.defaults import defaults_of
from allmende.partners.networks.queries.scope import organisations_from, territory_ids

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
    numbers: dict[str, list[int]] = defaultdict(list)
    networks = set()
    for network_id, kind, n in _kinds_in_networks(str(network.kind), network.pk):
        networks.add(network_id)
        numbers[kind].append(n)
    return len(networks), numbers


@prepared
def _kinds_in_networks(kind: str, without: int) -> QuerySet[NetworkOrganisation, tuple[int, str, int]]:
    rows = NetworkOrganisation.objects.filter(
        network__kind=kind, network__ended_at=None, state=State.MEMBER, is_guest=False
    ).exclude(network=without)
    return rows.order_by().values_list("network_id", "organisation__kind").annotate(n=Count("pk"))


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
    here = territory_ids(network)
    by_kind = dict(_by_kind(here))
    members = _members(network.pk)
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
    towns = _towns(_by_town(here, belonging), Counter(town for _, town in members), len(members))
    return Table(
        kinds=kinds,
        towns=towns.without,
        towns_in_all=towns.in_all,
        towns_with_member=towns.with_member,
        sizes=towns.sizes,
        workforce=_workforce(
            dict(_by_workforce(here, belonging)),
            sum(by_kind.get(kind, 0) for kind in belonging),
            dict(_members_by_workforce(network.pk)),
            len(members),
        ),
        members=len(members),
        region=sum(by_kind.values()),
        similar=similar_n,
    )


def _median(numbers: Sequence[int], networks: int) -> float | None:
    """The median over all similar networks: those that have none count as 0."""
    if networks < SIMILAR_AT_LEAST:
        return None
    return float(statistics.median([*numbers, *([0] * (networks - len(numbers)))]))


def _seats(network_id: int) -> QuerySet[NetworkOrganisation]:
    return NetworkOrganisation.objects.filter(network_id=network_id, state=State.MEMBER, is_guest=False).order_by()


@prepared
def _members(network_id: int) -> QuerySet[NetworkOrganisation, tuple[str, int | None]]:
    """(kind, municipality) of each member from here."""
    return _seats(network_id).values_list("organisation__kind", "organisation__municipality_id")


@prepared
def _by_kind(here: Sequence[int]) -> QuerySet[Organisation, tuple[str, int]]:
    return organisations_from(here).values_list("kind").annotate(n=Count("pk"))


@prepared
def _by_town(here: Sequence[int], kinds: Sequence[str]) -> QuerySet[Organisation, tuple[int, int]]:
    found = organisations_from(here).filter(kind__in=kinds, municipality__isnull=False)
    return found.values_list("municipality_id").annotate(n=Count("pk"))


@prepared
def _by_workforce(here: Sequence[int], kinds: Sequence[str]) -> QuerySet[Organisation, tuple[str, int]]:
    """Of those that have told how many people work there; the others follow from how many there are."""
    found = organisations_from(here).filter(kind__in=kinds, profile__size__gt="")
    return found.values_list("profile__size").annotate(n=Count("pk"))


@prepared
def _members_by_workforce(network_id: int) -> QuerySet[NetworkOrganisation, tuple[str, int]]:
    found = _seats(network_id).filter(organisation__profile__size__gt="")
    return found.values_list("organisation__profile__size").annotate(n=Count("pk"))


@prepared
def _populations() -> QuerySet[Territory, tuple[int, int | None]]:
    return Territory.objects.filter(level="municipality").order_by().values_list("pk", "population")


@prepared
def _codes(territories: Sequence[int]) -> QuerySet[Territory, tuple[int, str, str]]:
    return Territory.objects.filter(pk__in=territories).order_by().values_list("pk", "code", "name")


@dataclass(frozen=True, slots=True)
class _Towns:
    without: list[Line]
    in_all: int
    with_member: int
    sizes: list[Line]


def _towns(counted: list[tuple[int, int]], members: Counter[int | None], at_table: int) -> _Towns:
    """The fullest municipalities without a member, and all by their size; a region may have thousands of them."""
    counted = sorted(counted, key=lambda row: (-row[1], row[0]))
    fullest = [pk for pk, _ in counted if not members[pk]][:MOST_TOWNS]
    populations = dict(_populations())
    named = {pk: (code, name) for pk, code, name in _codes(fullest)} if fullest else {}
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


def _workforce(region: dict[str, int], in_region: int, members: dict[str, int], at_table: int) -> list[Line]:
    """Lines of the organisations' own sizes, the smallest first; those that have not told theirs last."""
    if not region:
        return []
    counted, there = Counter(region), Counter(members)
    counted[""] = in_region - counted.total()
    there[""] = at_table - there.total()
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
    found = _outside(network.pk, territory_ids(network), list(kinds), municipality)
    if words:
        found = found.filter(name__icontains=words)
    total = found.count()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    first = (page - 1) * PER_PAGE
    ids = list(_busiest(found)[first : first + PER_PAGE])
    numbers = [pk for pk, _ in ids]
    named = {row[0]: row for row in _named(numbers)} if numbers else {}
    states = dict(_states(network.pk, numbers)) if numbers else {}
    labels = dict(Organisation.Kind.choices)
    rows = []
    for pk, n in ids:
        _, slug, name, kind, town = named[pk]
        rows.append(Candidate(pk, slug, name, kind, str(labels[kind]), town or "", n, states.get(pk, "")))
    return Candidates(rows, total, page, pages)


def _outside(network_id: int, here: Sequence[int], kinds: Sequence[str], municipality: str) -> QuerySet[Organisation]:
    inside = NetworkOrganisation.objects.filter(network_id=network_id, state=State.MEMBER).values("organisation_id")
    found = organisations_from(here).filter(kind__in=kinds).exclude(pk__in=inside)
    return found.filter(municipality__code=municipality) if municipality else found


def _busiest(found: QuerySet[Organisation]) -> QuerySet[Organisation, tuple[int, int]]:
    """(id, in how many networks), the most first.  By a subquery: SQLite would sort a join by all that is grouped."""
    ties = NetworkOrganisation.objects.filter(organisation=OuterRef("pk"), state=State.MEMBER).order_by()
    counted = found.annotate(n=Coalesce(Subquery(ties.values("organisation").annotate(n=Count("pk")).values("n")), 0))
    return counted.order_by("-n", "name", "pk").values_list("pk", "n")


@prepared
def _named(organisations: Sequence[int]) -> QuerySet[Organisation, tuple[int, str, str, str, str | None]]:
    found = Organisation.objects.filter(pk__in=organisations).order_by()
    return found.values_list("pk", "slug", "name", "kind", "municipality__name")


@prepared
def _states(network_id: int, organisations: Sequence[int]) -> QuerySet[NetworkOrganisation, tuple[int, str]]:
    ties = NetworkOrganisation.objects.filter(network_id=network_id, organisation__in=organisations).order_by()
    return ties.values_list("organisation_id", "state")
