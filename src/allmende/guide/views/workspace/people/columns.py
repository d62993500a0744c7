"""What the columns of personal data are called on the page; the export keeps the English names."""

from __future__ import annotations

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
        "created": gettext("Made"),
        "details": gettext("Details"),
        "done": gettext("Done on"),
        "due": gettext("Due"),
        "email": gettext("E-mail address"),
        "ended": gettext("Ended"),
        "from": gettext("From"),
        "given": gettext("Given"),
        "i_stand_in": gettext("I stand in"),
        "into": gettext("Into"),
        "joined": gettext("Account since"),
        "language": gettext("Language"),
        "last_sign_in": gettext("Last sign-in"),
        "message": gettext("Message"),
        "mine": gettext("Assigned to me"),
        "name": gettext("Name"),
        "network": gettext("Network"),
        "of": gettext("About"),
        "operator": gettext("Operator"),
        "organisation": gettext("Organisation"),
        "prefix": gettext("Begins with"),
        "purpose": gettext("Purpose"),
        "read": gettext("Read on"),
        "record": gettext("Record"),
        "revoked": gettext("Revoked"),
        "role": gettext("Role"),
        "since": gettext("Since"),
        "state": gettext("State"),
        "subject": gettext("About"),
        "title": gettext("Title"),
        "until": gettext("Until"),
        "what": gettext("What"),
        "withdrawn": gettext("Withdrawn"),
        "wording": gettext("Wording"),
    }
