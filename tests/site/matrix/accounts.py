"""Signing in and one's own account: each has their own, so what is one person's answers 404 to every other."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Final

from allauth.mfa.models import Authenticator

from allmende.core.accounts.queries import password_path
from allmende.core.models import AddressChange, SignIn
from tests.core.accounts.soft_key import SoftKey
from tests.site.matrix.harness import NOW, OPEN, SIGNED_IN, Row, World

EDITOR: Final = "302 404 404 200 404 404 404"
ASKED: Final = "302 303 303 303 303 303 303"
"""Nobody has shown lately who they are: all are asked to."""
ALL_LED_ON: Final = "303 303 303 303 303 303 303"

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_second_step": (Row(ALL_LED_ON), Row(ALL_LED_ON, "POST", {"code": "123456"})),
    "workspace_passkey_sign_in": (Row(ALL_LED_ON, "POST", {"credential": "{}"}),),
    "workspace_passkey_question": (Row(OPEN, "POST"),),
    # No provider is set.
    "workspace_oidc": (Row("404 404 404 404 404 404 404", "POST"),),
    "workspace_oidc_back": (Row("404 404 404 404 404 404 404"),),
    "workspace_password_forgotten": (Row(OPEN), Row(OPEN, "POST", {"email": "editor@example.org"})),
    "workspace_password_link": (Row(ALL_LED_ON),),
    "workspace_password_new": (Row("410 410 410 410 410 410 410"),),
    "workspace_account": (Row(SIGNED_IN), Row(ASKED, "POST", {"name": "New", "language": "de"})),
    "workspace_account_confirm": (Row(SIGNED_IN), Row(SIGNED_IN.replace("200", "422"), "POST", {"password": "wrong"})),
    "workspace_account_password": (Row(ASKED),),
    "workspace_account_address": (Row(ASKED), Row(ASKED, "POST", {"email": "new@example.org"})),
    "workspace_account_address_link": (
        Row("302 410 410 200 410 410 410"),
        Row("302 410 410 303 410 410 410", "POST"),
    ),
    "workspace_account_app": (Row(ASKED),),
    "workspace_account_app_remove": (Row(ASKED, "POST"),),
    "workspace_account_codes": (Row(ASKED), Row(ASKED, "POST")),
    "workspace_account_passkey_new": (Row(ASKED), Row(ASKED, "POST")),
    "workspace_account_passkey_options": (Row(ASKED, "POST"),),
    "workspace_account_passkey": (Row(ASKED), Row(ASKED, "POST", {"name": "Mine"})),
    "workspace_account_passkey_remove": (Row(ASKED, "POST"),),
    "workspace_account_identity_remove": (Row(ASKED, "POST"),),
    "workspace_account_session_end": (Row(EDITOR.replace("200", "303"), "POST"),),
    "workspace_account_sessions_end": (Row(ASKED, "POST"),),
}


def build(world: World) -> None:
    editor = world.people["editor"]
    elsewhere = SignIn.objects.create(user=editor, session_key="elsewhere", started_at=NOW, last_seen_at=NOW)
    credential = SoftKey().create({"publicKey": {"user": {"id": "MQ"}, "challenge": "AAAA"}})
    key = Authenticator.objects.create(user=editor, type="webauthn", data={"name": "Phone", "credential": credential})
    who, token = password_path(editor, now=NOW).split("/")[-3:-1]
    world.args["workspace_password_link"] = {"who": who, "token": token}
    world.args["workspace_account_passkey"] = world.args["workspace_account_passkey_remove"] = {"pk": key.pk}
    AddressChange.objects.create(
        user=editor,
        email="new@example.net",
        digest=sha256(b"abc").hexdigest(),
        asked_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    world.args["workspace_account_address_link"] = {"token": "abc"}
    world.args["workspace_account_identity_remove"] = {"pk": 1}
    world.args["workspace_account_session_end"] = {"pk": elsewhere.pk}
    world.args["workspace_oidc"] = world.args["workspace_oidc_back"] = {"name": "town"}
