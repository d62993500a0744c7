"""The summary that a run writes for its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from allmende.engines.flows.report import RunSummary, SummaryError, read_summary, write_summary
from tests.engines.flows.report.sample import summary


def test_a_summary_comes_back_as_it_was_written(tmp_path: Path) -> None:
    told = summary()
    write_summary(told, tmp_path)
    assert read_summary(tmp_path) == told
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


def test_without_a_summary_there_is_an_empty_one(tmp_path: Path) -> None:
    assert read_summary(tmp_path) == RunSummary()


def test_fields_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(json.dumps({"allmende_run": 1, "area": "Here", "mood": "sunny"}))
    assert read_summary(tmp_path) == RunSummary(area="Here")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "no summary of format 1"),
        ('{"allmende_run": 2}', "no summary of format 1"),
        ('{"allmende_run": 1, "read": "many"}', "read is not as expected"),
        ('{"allmende_run": 1, "nights": {"two": 3}}', "nights is not as expected"),
        ('{"allmende_run": 1, "zones": [{"name": "no code"}]}', "zones is not as expected"),
        ('{"allmende_run": 1, "uncertainty": {"weight": 3}}', "uncertainty is not as expected"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_field(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "summary.json").write_text(content)
    with pytest.raises(SummaryError, match=message):
        read_summary(tmp_path)
