"""The setting that says who may vouch for people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from allmende.core.accounts.devices import device_of
from allmende.core.accounts.providers import parse_oidc
from allmende.site.config import BadSetting, read_config

TOWN = {"id": "town", "name": "Town hall", "url": "https://login.example.org/realms/town/", "client_id": "guide"}


def test_one_provider_is_read() -> None:
    told = {**TOWN, "client_secret": "s3cret", "domains": ["@Example.org"]}
    provider = parse_oidc(json.dumps([told]))[0]
    assert (provider.id, provider.url) == ("town", "https://login.example.org/realms/town")
    assert provider.vouches_for("Anna@EXAMPLE.org")
    assert not provider.vouches_for("anna@elsewhere.example")
    assert not provider.vouches_for("anna@example.org.elsewhere.example")


def test_nothing_is_nobody() -> None:
    assert parse_oidc(" ") == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": ""}, "lacks name"),
        ({"client_id": None}, "lacks client_id"),
        ({"id": "Town Hall"}, "small letters"),
        ({"url": "http://login.example.org"}, "https://"),
        ({"url": "https://"}, "https://"),
        ({"secret": "s3cret"}, "not known: secret"),
        ({"domains": "example.org"}, "list of names"),
        ({"client_secret": 7}, "must be a text"),
    ],
)
def test_what_cannot_be_used_is_named_without_its_secret(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        parse_oidc(json.dumps([{**TOWN, **change}]))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "{}", "[7]", json.dumps([TOWN, TOWN])])
def test_a_bad_setting_names_itself(text: str, tmp_path: Any) -> None:
    with pytest.raises(BadSetting, match="ALLMENDE_OIDC: "):
        read_config({"ALLMENDE_DATA": str(tmp_path), "ALLMENDE_OIDC": text})


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox|Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
            "Safari/537.36 Edg/142.0.0.0",
            "Edge|Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari|iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
            "Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet|Android",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_called_by_what_people_know(agent: str, device: str) -> None:
    assert device_of(agent) == device
