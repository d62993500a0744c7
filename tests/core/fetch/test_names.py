"""File names made from addresses."""

from __future__ import annotations

from allmende.core.fetch import file_name


def test_file_names_from_addresses_are_harmless() -> None:
    assert file_name("https://example.org/a/événements d'été.ics?x=1") == "v-nements-d-t-.ics"
    assert file_name("https://example.org/..%2F..%2Fetc%2Fpasswd") == "passwd"
    assert file_name("https://example.org/") == "delivery"
