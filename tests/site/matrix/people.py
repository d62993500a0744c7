"""Pages about people and their data."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from allmende.partners.models import JoinRequest, Membership
from allmende.partners.people import actions
from allmende.partners.people.tokens import new_token
from tests.site.matrix.harness import MANAGERS, NOW, OPEN, SIGNED_IN, Row, World

MEMBERS: Final = "302 404 200 200 200 404 200"
OWN_AND_MANAGERS: Final = "302 404 404 200 200 404 200"
"""What is the editor's own."""
OPERATOR: Final = "302 404 404 404 404 404 200"
REGION: Final = "302 404 404 404 200 404 200"


def done(statuses: str) -> str:
    """The answers of a form that was sent, where its page answers ``statuses``."""
    return statuses.replace("200", "303")


SENT: Final = {"email": "new@example.org", "role": "editor"}
DAYS: Final = {"starts": NOW.date().isoformat(), "ends": (NOW + timedelta(days=3)).date().isoformat()}

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_people": (Row(SIGNED_IN),),
    "workspace_organisation_people": (Row(MEMBERS), Row(done(MANAGERS), "POST", SENT)),
    "workspace_member_role": (Row(done(MANAGERS), "POST"),),
    "workspace_member_deputy": (Row(done(OWN_AND_MANAGERS), "POST", DAYS),),
    "workspace_member_leave": (Row(OWN_AND_MANAGERS), Row(done(OWN_AND_MANAGERS), "POST")),
    "workspace_deputy_end": (Row("302 404 303 303 303 404 303", "POST"),),
    "workspace_invite_again": (Row(done(MANAGERS), "POST"),),
    "workspace_invite_revoke": (Row(done(MANAGERS), "POST"),),
    "workspace_join_decide": (Row(done(MANAGERS), "POST", {"answer": "decline"}),),
    # Whoever holds the link of a letter gets in, with whatever account.
    "workspace_invitation": (Row(OPEN), Row("422 303 303 303 303 303 303", "POST", {"answer": "accept"})),
    "workspace_join": (Row(OPEN, query="?q=ville"),),
    "workspace_join_ask": (Row(OPEN), Row("422 303 422 422 422 303 303", "POST")),
    "workspace_join_confirm": (Row(OPEN), Row("200 200 200 200 200 200 200", "POST")),
    "workspace_data": (Row(SIGNED_IN),),
    "workspace_data_export": (Row(SIGNED_IN),),
    "workspace_data_tables": (Row(SIGNED_IN),),
    "workspace_data_to_read": (Row(SIGNED_IN),),
    "workspace_data_erase": (Row(done(SIGNED_IN), "POST"),),
    "workspace_consent": (Row(SIGNED_IN), Row(done(SIGNED_IN), "POST", {"digest": "1"})),
    "workspace_erasures": (Row(OPERATOR),),
    "workspace_processing": (Row(REGION),),
    # The tests keep their letters in memory: there is no mailbox.
    "workspace_mailbox": (Row("302 404 404 404 404 404 404"),),
    "workspace_letter": (Row("302 404 404 404 404 404 404"),),
}


def build(world: World) -> None:
    assert not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    manager, editor = world.people["manager"], world.people["editor"]
    invited = actions.invite_person(
        world.town, "guest@example.org", "editor", language="en", by=manager, now=NOW
    ).invitation
    token, invited.digest = new_token()
    invited.save()
    mine = Membership.objects.get(user=editor)
    theirs = Membership.objects.get(user=world.people["member"])
    deputy = actions.name_deputy(
        theirs, editor, starts_at=NOW, ends_at=NOW + timedelta(days=1), by=world.people["member"], now=NOW
    )
    asked = JoinRequest.objects.create(
        organisation=world.town, email="asks@example.org", name="A", language="en", state="waiting", created_at=NOW
    )
    confirm, digest = new_token()
    JoinRequest.objects.create(
        organisation=world.other,
        email="c@example.org",
        name="C",
        language="en",
        state="unconfirmed",
        digest=digest,
        created_at=NOW,
    )
    town = {"pk": world.town.pk}
    world.args |= {
        "workspace_organisation_people": town,
        "workspace_member_role": town | {"member": mine.pk},
        "workspace_member_deputy": town | {"member": mine.pk},
        "workspace_member_leave": town | {"member": mine.pk},
        "workspace_deputy_end": {"pk": deputy.pk},
        "workspace_invite_again": {"pk": invited.pk},
        "workspace_invite_revoke": {"pk": invited.pk},
        "workspace_join_decide": {"pk": asked.pk},
        "workspace_invitation": {"token": token},
        "workspace_join_ask": town,
        "workspace_join_confirm": {"token": confirm},
        "workspace_letter": {"name": "x.log", "number": 0},
    }
