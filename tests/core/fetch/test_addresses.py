"""Which addresses may be asked: every spelling, every way in, every entry of the operator's."""

from __future__ import annotations

import time
from ipaddress import ip_address

import pytest

from allmende.core.fetch import AddressRefused, is_public, named, parse_allow
from allmende.core.fetch.addresses import addresses_to_ask, checked_host


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("64:ff9b::5db8:d822", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.0.1", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("0.1.2.3", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("2001:db8::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("::ffff:0:7f00:1", False),
        ("2002:7f00:1::", False),
        ("2002:5db8:d822::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2a00:1450:0:1:0:5efe:7f00:1", False),
        ("2a00:1450:0:1:200:5efe:a00:1", False),
        ("100::1", False),
        ("5f00::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.1.1", "1.2.3.256", "example.0x10",
        "::1%eth0", "fe80::1%25lo", "%31%32%37.0.0.1", "a..b", "..", "", "-a.org", "a_b-.org", "ex ample.org",
        "a" * 64 + ".org", "a.b/c", "user@host", "münchen.de", "::ffff:127.0.0.1.", ":::",
    ],
)  # fmt: skip
def test_odd_spellings_of_a_host_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        checked_host(host)


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("Example.ORG.", "example.org"),
        ("localhost.", "localhost"),
        ("127.0.0.1.", "127.0.0.1"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("_feeds.example.org", "_feeds.example.org"),
        ("0:0:0:0:0:FFFF:7f00:1", "::ffff:7f00:1"),
        ("4chan.example", "4chan.example"),
    ],
)
def test_hosts_are_brought_to_one_spelling(host: str, plain: str) -> None:
    assert checked_host(host) == plain


def asked(host: str, *answers: str, port: int = 443, allow: str = "") -> list[str]:
    return addresses_to_ask(host, port, allow=parse_allow(allow), resolve=lambda name, at: list(answers), seconds=5)


def test_one_inner_address_among_public_ones_refuses_the_host() -> None:
    assert asked("feed.example", "2606:2800:220::1", "93.184.216.34") == ["93.184.216.34", "2606:2800:220::1"]
    with pytest.raises(AddressRefused, match=r"feed.example is not in the public internet.*ALLMENDE_FETCH_ALLOW"):
        asked("feed.example", "93.184.216.34", "10.0.0.7")
    with pytest.raises(AddressRefused, match="not in the public internet"):
        asked("feed.example", "fe80::1%eth0")


def test_a_refusal_does_not_tell_the_inner_address() -> None:
    with pytest.raises(AddressRefused) as refused:
        asked("feed.example", "10.1.2.3")
    assert "10.1" not in str(refused.value)


@pytest.mark.parametrize("port", [1, 22, 25, 6379, 8080, 8443, 65535])
def test_other_ports_than_those_of_the_web_are_refused(port: int) -> None:
    with pytest.raises(AddressRefused, match=f"Port {port} of feed.example is not one of the web"):
        asked("feed.example", "93.184.216.34", port=port)


@pytest.mark.parametrize(
    ("allow", "host", "address", "port", "taken"),
    [
        ("127.0.0.1:8123", "127.0.0.1", "127.0.0.1", 8123, True),
        ("127.0.0.1:8123", "127.0.0.1", "127.0.0.1", 8124, False),
        ("127.0.0.1:8123", "any.example", "127.0.0.1", 8123, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 8123, False),
        ("127.0.0.1:*", "127.0.0.1", "127.0.0.1", 9, True),
        ("127.0.0.1:*", "x.example", "::ffff:127.0.0.1", 9, False),
        ("10.0.0.0/8", "feed.intern", "10.9.8.7", 443, True),
        ("10.0.0.0/8", "feed.intern", "192.168.0.1", 443, False),
        ("[fd00::/8]:8080", "feed.intern", "fd00::7", 8080, True),
        ("fd00::/8", "feed.intern", "fd00::7", 443, True),
        ("[::1]:8123", "::1", "::1", 8123, True),
        ("feeds.example.org:8443", "feeds.example.org", "93.184.216.34", 8443, True),
        ("feeds.example.org:8443", "other.example.org", "93.184.216.34", 8443, False),
        ("feeds.example.org:8443", "feeds.example.org", "127.0.0.1", 8443, False),
        ("93.184.216.34:8443, 10.0.0.0/8:8080", "x.example", "10.0.0.1", 8080, True),
    ],
)
def test_what_the_operator_allows(allow: str, host: str, address: str, port: int, taken: bool) -> None:
    if taken:
        assert asked(host, address, port=port, allow=allow) == [address]
    else:
        with pytest.raises(AddressRefused):
            asked(host, address, port=port, allow=allow)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("10.0.0.1/8", "host bits"),
        ("a b", "not the name of a host"),
        ("host:99999", "from 1 to 65535"),
        ("host:0", "from 1 to 65535"),
        ("::1:x", "is no address"),
        ("[::1", "is no address"),
        ("http://x", "is no address"),
        ("1.2.3", "usual spelling"),
    ],
)
def test_an_allowance_that_makes_no_sense_is_named(entry: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_allow(f"127.0.0.1, {entry}")


def test_a_person_at_the_machine_may_name_an_inner_host() -> None:
    trusted = named("http://intern.example:8080/feed.ics")
    assert trusted.takes("intern.example", ip_address("10.0.0.1"), 8080)
    assert not trusted.takes("intern.example", ip_address("10.0.0.1"), 8081)
    assert not trusted.takes("other.example", ip_address("10.0.0.1"), 8080)


def test_name_servers_that_are_silent_are_not_waited_for() -> None:
    before = time.monotonic()
    with pytest.raises(AddressRefused, match="not found in time"):
        addresses_to_ask("slow.example", 80, allow=(), resolve=lambda *_: time.sleep(3) or [], seconds=0.2)  # type: ignore[func-returns-value]
    assert time.monotonic() - before < 2
