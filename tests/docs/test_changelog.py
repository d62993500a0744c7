"""scripts/changelog gathers what changed, and nothing gets lost at a release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

CHANGES = sorted((ROOT / "changes").glob("*.md"))


def run(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "changelog"), "--root", str(root), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "map.md").write_text("The map shows villages.\n")
    (tmp_path / "changes" / "boats.md").write_text("Boats can be booked.\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\nOne section for each release.\n")
    return tmp_path


def test_what_is_not_released_yet_is_listed(project: Path) -> None:
    assert run(project).returncode == 0
    assert (project / "CHANGELOG.md").read_text() == (
        "# Changes\n\nOne section for each release.\n\n## Unreleased\n\n- Boats can be booked.\n- The map shows villages.\n"
    )


def test_listing_twice_changes_nothing(project: Path) -> None:
    run(project)
    once = (project / "CHANGELOG.md").read_text()
    run(project)
    assert (project / "CHANGELOG.md").read_text() == once


def test_a_release_collects_the_lines_and_removes_the_files(project: Path) -> None:
    run(project)
    done = run(project, "--release", "0.2.0", "--date", "2026-12-01")
    assert done.returncode == 0, done.stderr
    assert (project / "CHANGELOG.md").read_text() == (
        "# Changes\n\nOne section for each release.\n\n## Unreleased\n\n"
        "## 0.2.0 (2026-12-01)\n\n- Boats can be booked.\n- The map shows villages.\n"
    )
    assert list((project / "changes").iterdir()) == []


def test_the_next_release_stands_above_the_last(project: Path) -> None:
    run(project, "--release", "0.2.0", "--date", "2026-12-01")
    (project / "changes" / "trains.md").write_text("Trains are shown.\n")
    run(project, "--release", "0.3.0", "--date", "2027-01-01")
    text = (project / "CHANGELOG.md").read_text()
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Unreleased", "## 0.3.0 (2027-01-01)", "## 0.2.0 (2026-12-01)"]
    assert "## 0.3.0 (2027-01-01)\n\n- Trains are shown.\n\n## 0.2.0" in text


@pytest.mark.parametrize("text", ["", "One line.\nAnother.\n"])
def test_a_change_that_is_not_one_line_is_refused_by_name(project: Path, text: str) -> None:
    (project / "changes" / "odd.md").write_text(text)
    before = (project / "CHANGELOG.md").read_text()
    done = run(project, "--release", "0.2.0")
    assert done.returncode == 1
    assert "odd.md" in done.stderr
    assert (project / "CHANGELOG.md").read_text() == before
    assert (project / "changes" / "map.md").exists()


def test_the_same_release_twice_is_refused(project: Path) -> None:
    run(project, "--release", "0.2.0")
    (project / "changes" / "trains.md").write_text("Trains are shown.\n")
    assert run(project, "--release", "0.2.0").returncode == 1
    assert (project / "changes" / "trains.md").exists()


@pytest.mark.parametrize("path", CHANGES, ids=[path.stem for path in CHANGES])
def test_every_change_is_one_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8").strip()
    assert text
    assert "\n" not in text
    assert text.endswith(".")
