"""``allmende user --reset-second-factor``: for whoever lost phone, passkey and recovery codes."""

from __future__ import annotations

from tests.site.conftest import Installation

GIVE = """
from datetime import UTC, datetime
from allauth.mfa.models import Authenticator
from allmende.core.models import User
user = User.objects.get()
Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
"""
COUNT = "from allauth.mfa.models import Authenticator; print(Authenticator.objects.count())"
LETTERS = "from allmende.core.models import AuditEntry; print(AuditEntry.objects.filter(action='core.reset_second_factor').count())"


def test_a_second_factor_is_reset_and_its_owner_gets_a_letter(installation: Installation) -> None:
    installation.run("user", "anna@example.org", "--operator", "--password-stdin", stdin="a long enough password\n")
    installation.python(GIVE)
    assert installation.json("user", "ANNA@example.org", "--reset-second-factor") == {
        "email": "anna@example.org",
        "removed": 1,
    }
    assert installation.python(COUNT).strip() == "0"
    assert installation.python(LETTERS).strip() == "1"
    letters = list((installation.data / "mail").glob("*.log"))
    assert len(letters) == 1
    assert "To: anna@example.org" in letters[0].read_text()
    assert installation.json("user", "anna@example.org", "--reset-second-factor")["removed"] == 0


def test_it_goes_alone_and_only_for_accounts_that_are_there(installation: Installation) -> None:
    told = installation.run("user", "nobody@example.org", "--reset-second-factor", exit_code=2)
    assert "There is no account 'nobody@example.org'" in told.stderr
    told = installation.run("user", "nobody@example.org", "--operator", "--reset-second-factor", exit_code=2)
    assert "goes alone" in told.stderr
