"""``allmende key``: made, listed and revoked on the machine itself."""

from __future__ import annotations

import pytest

from tests.site.conftest import Installation

PASSWORD = "a long enough password\n"
CREATE = ("key", "create", "--organisation", "Musée de Lodève", "--name", "export", "--write")


def test_a_key_from_the_command_line(installation: Installation) -> None:
    for email, role in (("anna@example.org", "manager"), ("bo@example.org", "editor")):
        who = ("user", email, "--organisation", "Musée de Lodève", "--role", role, "--password-stdin")
        installation.run(*who, stdin=PASSWORD)
    made = installation.json(*CREATE, "--for", "anna@example.org", "--days", "30")
    assert made["token"].startswith(f"allmende_{made['key']}_")
    (row,) = installation.json("key", "list")["keys"]
    assert (row["key"], row["scope"], row["state"], row["for"]) == (made["key"], "write", "good", "anna@example.org")
    assert made["token"] not in installation.run("key", "list").stdout
    # What is refused changes nothing.
    assert "does not coordinate" in installation.json(*CREATE, "--for", "bo@example.org", exit_code=3)["error"]
    assert "no account" in installation.json(*CREATE, "--for", "x@example.org", exit_code=2)["error"]
    installation.json("key", "create", "--for", "anna@example.org", "--name", "x", exit_code=2)
    installation.json("key", "create", "--organisation", "None", "--for", "a@b.c", "--name", "x", exit_code=2)
    installation.json("key", "revoke", "00000000", exit_code=2)
    assert installation.json("key", "revoke", made["key"]) == {"key": made["key"], "revoked": True}
    assert installation.json("key", "revoke", made["token"])["revoked"] is False
    assert installation.json("key", "list")["keys"][0]["state"] == "revoked"


@pytest.mark.parametrize("days", ["-1", "9999"])
def test_days_that_make_no_sense(installation: Installation, days: str) -> None:
    installation.json(*CREATE, "--for", "anna@example.org", "--days", days, exit_code=2)
