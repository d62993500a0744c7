"""Address books: values cannot become properties, lines are folded, nothing is lost."""

from __future__ import annotations

from allmende.formats.vcard_writer import Address, write_vcards


def card(**more: str) -> list[str]:
    text = b"".join(write_vcards([Address(uid="u", name=more.pop("name", "Musée"), **more)])).decode()  # type: ignore[arg-type]
    return text.replace("\r\n ", "").split("\r\n")


def test_a_card_has_what_is_known_and_nothing_empty() -> None:
    assert card(email="a@example.org", locality="Uzès") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:u",
        "FN:Musée",
        "N:Musée;;;;",
        "ORG:Musée",
        "ADR;TYPE=WORK:;;;Uzès;;;",
        "EMAIL;TYPE=INTERNET:a@example.org",
        "END:VCARD",
        "",
    ]


def test_line_breaks_and_separators_in_a_value_do_not_end_it() -> None:
    lines = card(name="A\r\nEMAIL:evil@example.org", note="a;b,c\\d\x00")
    assert "FN:A\\nEMAIL:evil@example.org" in lines
    assert "NOTE:a\\;b\\,c\\\\d" in lines
    assert not any(line.startswith("EMAIL") for line in lines)


def test_lines_are_at_most_75_octets_and_no_letter_is_cut() -> None:
    octets = b"".join(write_vcards([Address(uid="u", name="é" * 200)]))
    lines = octets.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert "é" * 200 in octets.replace(b"\r\n ", b"").decode()
