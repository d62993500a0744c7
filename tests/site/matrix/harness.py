"""The access matrix: every address of the site, asked by everybody.

A slice of the site (``tests/site/matrix/<slice>.py``) has two things:

* ``build(world)``: makes what its addresses need, and says with ``world.args[name] = {...}`` what stands in them;
* ``ROWS``: name of an address -> one or more :class:`Row`.

``tests/site/test_matrix.py`` fails when an address has no row, or answers somebody otherwise than its row says.  What a row
does is undone before the next person asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.test import Client

from allmende.catalogue.actions import ImportOptions, open_source, run_import
from allmende.catalogue.models import Event
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.guide.workspace.conftest import calendar, event

NOW: Final = datetime.now(UTC).replace(microsecond=0)
WHO: Final = ("guest", "stranger", "member", "editor", "manager", "coordinator", "operator")
"""No account; manager of another organisation; three roles in the town; coordinator of the network the town is in (and in
no organisation); operator."""

OPEN: Final = "200 200 200 200 200 200 200"
SIGNED_IN: Final = "302 200 200 200 200 200 200"
EDITORS: Final = "302 404 404 200 200 404 200"
MANAGERS: Final = "302 404 404 404 200 404 200"


@dataclass(frozen=True)
class Row:
    """A request, and the status for each of ``WHO``."""

    statuses: str
    method: str = "GET"
    data: dict[str, Any] | None = None
    query: str = ""
    """With its question mark."""
    with_key: bool = False
    """Whoever has a key (managers and the operator) sends it along."""


@dataclass
class World:
    """The town (a destination organisation), a museum elsewhere, a network that the town is in, and a concert."""

    town: Organisation
    other: Organisation
    network: Network
    concert: Event
    people: dict[str, User]
    clients: dict[str, Client]
    keys: dict[str, str]
    """Tokens to write with: the stranger's for the museum, the manager's and the operator's for the town."""
    args: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name of an address -> what stands in it."""


def _person(name: str, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title(), **more)


def make_world(folder: Any) -> World:
    """Everybody, signed in.  ``folder``: a path for a delivery."""
    town = found_organisation("Ville d’Uzès", by=None, now=NOW, kind="dmo")
    other = found_organisation("Musée de Nîmes", by=None, now=NOW, kind="museum")
    people = {name: _person(name, is_operator=name == "operator") for name in WHO[1:]}
    join_organisation(people["stranger"], other, "manager", by=None, now=NOW)
    for role in ("member", "editor", "manager"):
        join_organisation(people[role], town, role, by=None, now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", kind="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation=town, since=NOW)
    NetworkPerson.objects.create(network=network, user=people["coordinator"], role="coordinator", since=NOW)
    source = open_source(
        "agenda",
        defaults={"title": "Agenda", "organisation": town.name, "language": "fr", "timezone": "Europe/Paris"},
        now=NOW,
    )
    path = folder / "feed.ics"
    path.write_bytes(calendar(event("a"), event("b", "Lecture")))
    run_import(source, path, options=ImportOptions(), by=None, now=NOW, trusted=True)
    clients = {name: Client(headers={"accept-language": "en"}, raise_request_exception=True) for name in WHO}
    for name, user in people.items():
        clients[name].force_login(user)
    owners = {"stranger": other, "manager": town, "operator": town}
    keys = {who: make_key(owner, "matrix", may_write=True, by=people[who], now=NOW)[1] for who, owner in owners.items()}
    return World(town, other, network, Event.objects.order_by("pk")[0], people, clients, keys)
