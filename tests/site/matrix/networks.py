"""Networks: their place in the workspace, and what the guide shows of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.conf import settings

from allmende.partners.models import Membership
from allmende.partners.networks import actions
from allmende.partners.networks.queries.files import FOLDER
from tests.site.matrix.harness import NOW, OPEN, SIGNED_IN, Row, World

INSIDE: Final = "302 404 200 200 200 200 200"
"""Everybody with a role in the network; people of the town are its members."""
COORDINATORS: Final = "302 404 404 404 404 200 200"
FOUNDERS: Final = "302 404 404 404 200 404 200"


def done(statuses: str) -> str:
    """The answers of a form that was sent, where its page answers ``statuses``."""
    return statuses.replace("200", "303")


ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_networks": (Row(SIGNED_IN),),
    "workspace_network_new": (
        Row("302 200 404 404 200 404 200"),
        # The stranger may propose, but must say in whose name.
        Row("302 404 404 404 422 404 422", "POST", {"name": " ", "kind": "culture"}),
    ),
    "workspace_cooperation": (Row(SIGNED_IN),),
    "workspace_network_proposal": (Row(done(FOUNDERS), "POST", {"do": "decline"}),),
    "workspace_network": (Row(SIGNED_IN),),
    "workspace_network_membership": (Row("302 404 404 404 303 404 404", "POST", {"do": "leave"}),),
    "workspace_network_news": (Row(INSIDE), Row(done(INSIDE), "POST", {"title": "Hello"})),
    "workspace_network_one_news": (Row(COORDINATORS), Row(done(COORDINATORS), "POST", {"title": "Hello"})),
    "workspace_network_calendar": (
        Row(INSIDE),
        Row(done(INSIDE), "POST", {"title": "Meeting", "day": "2030-01-05"}),
        Row(INSIDE, "POST", {"do": "feed"}),
    ),
    "workspace_network_date": (
        Row(COORDINATORS),
        Row(done(COORDINATORS), "POST", {"title": "Meeting", "day": "2030-01-05"}),
    ),
    "workspace_network_tasks": (Row(INSIDE), Row(done(INSIDE), "POST", {"do": "add", "title": "Call everybody"})),
    "workspace_network_groups": (Row(INSIDE), Row(done(COORDINATORS), "POST", {"name": "Schools"})),
    "workspace_network_group": (Row(INSIDE), Row("302 404 303 303 303 303 422", "POST", {"do": "join"})),
    "workspace_network_files": (Row(INSIDE), Row(INSIDE.replace("200", "422"), "POST", {"do": "keep"})),
    "workspace_network_file": (Row(INSIDE),),
    "workspace_network_members": (Row(INSIDE), Row(done(COORDINATORS), "POST", {"do": "add_guest", "name": "Bern"})),
    "workspace_network_table": (Row(INSIDE), Row(done(COORDINATORS), "POST", {"do": "withdraw"})),
    "workspace_network_table_csv": (Row(INSIDE),),
    "workspace_network_web": (Row(INSIDE),),
    "workspace_network_settings": (Row(COORDINATORS), Row(done(COORDINATORS), "POST", {"do": "end"})),
    "networks": (Row(OPEN),),
    "network": (Row(OPEN),),
    "network_ics": (Row(OPEN),),
    "network_feed": (Row(OPEN),),
    "network_file": (Row(OPEN),),
}


def build(world: World) -> None:
    network, coordinator = world.network, world.people["coordinator"]
    told: dict[str, Any] = {"by": coordinator, "now": NOW}
    stranger = world.people["stranger"]
    proposal = actions.propose_network(
        "Museums", kind="culture", organisation_id=world.other.pk, by=stranger, now=NOW, language="en"
    )
    news = actions.post_news(network, "For members", "Secret", is_public=False, language="en", **told)
    date = actions.save_date(network, title="Round", day=NOW.date(), **told)
    group = actions.save_group(network, "Programme", **told)
    # The coordinator is in no organisation here: working groups are open to people of the network all the same.
    assert not Membership.objects.filter(user=coordinator).exists()
    file = actions.keep_file(
        network, "plan.pdf", [b"%PDF-1.7"], root=Path(settings.ALLMENDE_DATA) / FOLDER, is_public=True, **told
    )
    token = actions.make_feed(network, **told)
    for name in ROWS:
        world.args[name] = {"slug": network.slug}
    for name in ("networks", "workspace_networks", "workspace_network_new", "workspace_cooperation"):
        del world.args[name]
    world.args["workspace_network_proposal"] = {"pk": proposal.pk}
    world.args["workspace_network_one_news"] = {"slug": network.slug, "pk": news.pk}
    world.args["workspace_network_date"] = {"slug": network.slug, "pk": date.pk}
    world.args["workspace_network_group"] = {"slug": network.slug, "pk": group.pk}
    for name in ("workspace_network_file", "network_file"):
        world.args[name] = {"slug": network.slug, "pk": file.pk}
    world.args["network_feed"] = {"token": token}
    ROWS["workspace_network_membership"][0].data["organisation"] = world.town.pk  # type: ignore[index]
