"""How many of the doubtful figures linear programs looked at is told; numbers to the owner, a share to everybody."""

from __future__ import annotations

import pytest

from allmende.engines.flows.disclosure import Disclosure, protect
from tests.engines.flows.disclosure.regions import by_cell_and_hour


def test_all_doubtful_figures_are_looked_at_if_the_limit_allows() -> None:
    _, plan, counts = by_cell_and_hour(1, 400)
    protected = protect(counts, plan)
    assert protected.checked["presence"].unchecked == 0
    told = protected.release.protection["relations"]["presence"]["checked"]
    assert (told["all_circles"], told["share_of_doubtful"]) == (True, 1.0)


@pytest.mark.parametrize("limit", [0, 60])
def test_what_was_not_looked_at_is_said(limit: int) -> None:
    _, plan, counts = by_cell_and_hour(1, 400)
    protected = protect(counts, plan, Disclosure(lp_limit=limit))
    checked = protected.checked["presence"]
    told = protected.release.protection["relations"]["presence"]["checked"]
    assert checked.unchecked > 0
    assert (checked.by_programs > 0) == (limit > 0)
    assert told["all_circles"] is False
    assert told["share_of_doubtful"] == pytest.approx(checked.share, abs=0.01)
    # a number of figures left out would tell empty ones from others
    assert not [value for value in told.values() if type(value) is int]
