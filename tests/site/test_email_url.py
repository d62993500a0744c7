"""Where letters go, by one setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from allmende.site.config import BadSetting, read_config
from allmende.site.email_url import MailServer, parse_email_url

FOLDER = Path("/nowhere/mail")


def test_without_a_server_letters_go_into_a_folder() -> None:
    assert parse_email_url("", folder=FOLDER, host="guide.example.org") == MailServer(
        "allmende@guide.example.org", FOLDER
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", ("localhost", 25, "", "", "smtp", "allmende@g.example")),
        ("smtp+tls://anna%40x:p%2Fw@mail.example", ("mail.example", 587, "anna@x", "p/w", "smtp+tls", "allmende@g.example")),
        ("smtps://mail.example:4650?from=guide@x.example", ("mail.example", 4650, "", "", "smtps", "guide@x.example")),
    ],
)  # fmt: skip
def test_a_server_is_read_from_its_address(url: str, expected: tuple[object, ...]) -> None:
    got = parse_email_url(url, folder=FOLDER, host="g.example")
    assert (got.host, got.port, got.user, got.password, got.scheme, got.sender) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://anna:geheim@mail.example.org",
        "smtp://",
        "smtp://anna:geheim@mail:99999",
        "smtp://mail?from=nobody",
        "smtp://mail?from=a@b%0d%0aBcc:%20c@d",
    ],
)
def test_a_server_that_makes_no_sense_is_named_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="ALLMENDE_EMAIL_URL") as refused:
        read_config({"ALLMENDE_DATA": str(tmp_path), "ALLMENDE_EMAIL_URL": url})
    assert "geheim" not in str(refused.value)
