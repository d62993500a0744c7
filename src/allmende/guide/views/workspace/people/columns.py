"""What the columns of personal data are called on the page; the export keeps the English names."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext


def column_words() -> dict[str, str]:
    """Name in the export -> heading."""
    return {
        "accepted": gettext("Accepted on"),
        "action": gettext("What"),
        "answer": gettext("Answer"),
        "asked": gettext("Asked"),
        "at": gettext("When"),
        "by_me": gettext("By me"),
        "cancelled": gettext("Stopped"),
        "choice": gettext("How"),
        "consent": gettext("Agreed"),
        "created": gettext("Made"),
        "decided": gettext("Decided on"),
        "details": gettext("Details"),
        "device": gettext("Device"),
        "done": gettext("Done on"),
        "due": gettext("Due"),
        "email": gettext("E-mail address"),
        "ended": gettext("Ended"),
        "form": gettext("Form"),
        "from": gettext("From"),
        "given": gettext("Given"),
        "group": gettext("Working group"),
        "i_stand_in": gettext("I stand in"),
        "into": gettext("Into"),
        "joined": gettext("Account since"),
        "language": gettext("Language"),
        "last_used": gettext("Last used"),
        "leads": gettext("Leads it"),
        "last_sign_in": gettext("Last sign-in"),
        "message": gettext("Message"),
        "method": gettext("How"),
        "mine": gettext("Assigned to me"),
        "name": gettext("Name"),
        "network": gettext("Network"),
        "of": gettext("About"),
        "operator": gettext("Operator"),
        "organisation": gettext("Organisation"),
        "phone": gettext("Telephone"),
        "prefix": gettext("Begins with"),
        "purpose": gettext("Purpose"),
        "read": gettext("Read on"),
        "record": gettext("Record"),
        "revoked": gettext("Revoked"),
        "role": gettext("Role"),
        "seen": gettext("Last seen"),
        "signed_in": gettext("Signed in"),
        "since": gettext("Since"),
        "state": gettext("State"),
        "subject": gettext("About"),
        "title": gettext("Title"),
        "typed": gettext("What I typed"),
        "until": gettext("Until"),
        "what": gettext("What"),
        "where": gettext("Where"),
        "withdrawn": gettext("Withdrawn"),
        "wording": gettext("Wording"),
    }


def value_words() -> dict[str, str]:
    """What stands in the columns, where it is a key -> in words."""
    return {
        "accepted": gettext("Accepted"),
        "bulk": gettext("Many records at once"),
        "calendar": gettext("Calendar"),
        "coordinator": gettext("Coordinator"),
        "date": gettext("Date"),
        "declined": gettext("Declined"),
        "duplicate": gettext("Answer about duplicates"),
        "editor": gettext("Editor"),
        "file": gettext("File"),
        "gap": gettext("Gap set aside"),
        "import": gettext("Import"),
        "letter": gettext("Letter"),
        "manager": gettext("Manager"),
        "member": gettext("Member"),
        "merged": gettext("Merged"),
        "news": gettext("News"),
        "observer": gettext("Observer"),
        "off": gettext("Not at all"),
        "page": gettext("On the page, and in the next summary"),
        "passkey": gettext("Passkey"),
        "password": gettext("Password"),
        "password+app": gettext("Password and app"),
        "plan": gettext("When a record is public"),
        "proposal": gettext("Proposed network"),
        "renamed": gettext("Renamed"),
        "returned": gettext("Please change"),
        "split": gettext("Split off"),
        "taken_back": gettext("Taken back"),
        "translation": gettext("Translation"),
        "unconfirmed": gettext("Not confirmed"),
        "waiting": gettext("Waiting"),
    }


def in_line(value: Any) -> str:
    """Nested values in one line: ``name: Concert; day: 2026-05-01``."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {in_line(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(in_line(inner) for inner in value)
    return "–" if value is None else str(value)
