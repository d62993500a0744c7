"""Small files with what an expansion is told: good ones are read, bad ones named by line with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allmende.engines.flows.expansion import ExpansionError
from allmende.engines.flows.expansion.files import read_market_shares, read_nights, read_roaming


def file(folder: Path, text: str) -> Path:
    path = folder / "told.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_shares_stand_at_their_zones(tmp_path: Path) -> None:
    found = read_market_shares(file(tmp_path, "\ufeffzone,market_share\nB,0.4\n"), ["A", "B"])
    assert np.isnan(found[0])
    assert found[1] == 0.4


def test_roaming_is_by_country(tmp_path: Path) -> None:
    assert read_roaming(file(tmp_path, "mcc,share\n262,0.5\n238, 0.25\n")) == {262: 0.5, 238: 0.25}


def test_nights_are_by_month_and_guest(tmp_path: Path) -> None:
    table = read_nights(
        file(tmp_path, "zone,month,guests,nights,coverage\nA,2026-07,inbound,1200,0.8\nA,2026-07,domestic,0,\n")
    )
    assert table.to_pylist() == [
        {"zone": "A", "month": 678, "guests": "inbound", "nights": 1200.0, "coverage": 0.8},
        {"zone": "A", "month": 678, "guests": "domestic", "nights": 0.0, "coverage": 1.0},
    ]


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (lambda p: read_market_shares(p, ["A"]), "zone,market_share\nA,0.3\nC,0.3\n", r"line 3: zone C is not among the zones\. Correct"),
        (lambda p: read_market_shares(p, ["A"]), "zone,market_share\nA,35\n", r"line 2: market_share '35' is not between"),
        (lambda p: read_market_shares(p, ["A"]), "zone;market_share\nA;0.3\n", r"zone: the column is missing\. Give the columns zone"),
        (read_roaming, "mcc,share\nDE,0.3\n", r"no country code of three digits\. Write 262"),
        (read_roaming, "mcc,share\n262,nan\n", r"share 'nan' is not between"),
        (read_nights, "zone,month,guests,nights\nA,July,inbound,1\n", r"month 'July' is no month\. Write it like 2026-07"),
        (read_nights, "zone,month,guests,nights\nA,2026-07,foreign,1\n", r"neither domestic nor inbound"),
        (read_nights, "zone,month,guests,nights\nA,2026-07,inbound,\n", r"nights '' is no number"),
        (read_nights, "zone,month,guests,nights,coverage\nA,2026-07,inbound,5,80\n", r"coverage '80' is not between"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_remedy(tmp_path: Path, read: Callable[[Path], Any], text: str, told: str) -> None:
    with pytest.raises(ExpansionError, match=told):
        read(file(tmp_path, text))
