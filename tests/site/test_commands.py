"""The command line as a person and a script meet it."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, _SubParsersAction
from pathlib import Path

import pytest

from allmende.site import cli
from allmende.site.config import SETTINGS
from tests.conftest import ROOT
from tests.site.conftest import Installation

REFERENCE = ROOT / "docs" / "reference"


def below(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            return dict(action.choices)
    return {}


def parsers() -> dict[str, ArgumentParser]:
    return below(cli.build_parser())


def tasks() -> dict[str, ArgumentParser]:
    return {f"{name} {task}": parser for name, above in parsers().items() for task, parser in below(above).items()}


def test_the_commands_are_those_that_scripts_rely_on() -> None:
    assert set(parsers()) == {
        "serve", "demo", "import", "fetch", "flows", "insight", "sources", "match", "align", "follow", "federation", "pictures", "export", "backup",
        "restore", "check", "user", "key", "territories", "migrate", "tick",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(parsers() | tasks()))
def test_help_shows_an_example_and_the_exit_codes(name: str) -> None:
    text = (parsers() | tasks())[name].format_help()
    example = text.partition("\nexample:\n")[2]
    assert re.search(rf"allmende {name}\b", example)
    assert "3 refused by a guard" in text
    assert "--json" in text or below(parsers()[name])


@pytest.mark.parametrize("name", sorted(parsers()))
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## allmende {name}\n")[2].partition("\n## ")[0]
    assert section, f"docs/reference/commands.md has no section for {name}"
    options = {
        option
        for parser in (parsers()[name], *below(parsers()[name]).values())
        for action in parser._actions
        if action.help != "==SUPPRESS=="
        for option in action.option_strings
        if option.startswith("--") and option not in {"--help", "--json", "--debug"}
    }
    assert {option for option in options if f"`{option}" not in section} == set()


def test_every_setting_is_in_the_reference() -> None:
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert {name for name in SETTINGS if f"`{name}`" not in text} == set()


def test_the_settings_that_are_read_are_the_ones_that_are_listed() -> None:
    source = (ROOT / "src" / "allmende" / "site" / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env(?:\.get\(|, )"([A-Z_]+)"', source))
    assert read == set(SETTINGS)


def test_an_unexpected_failure_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(args: object) -> int:
        raise RuntimeError("the disk is on fire\nsecond line")

    monkeypatch.setattr("allmende.site.commands.tick.run", broken)
    assert cli.main(["tick"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("allmende tick: unexpected RuntimeError: the disk is on fire (--debug shows where")
    assert err.count("\n") == 1


def test_debug_shows_where_a_failure_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(args: object) -> int:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("allmende.site.commands.tick.run", broken)
    assert cli.main(["tick", "--debug"]) == 4
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_json_failures_are_one_object_too(installation: Installation, tmp_path: Path) -> None:
    answer = installation.run("restore", "--json", str(tmp_path / "none.tar.gz"), exit_code=3)
    assert json.loads(answer.stdout) == {
        "error": "Restoring replaces all data. Say --yes to do it without being asked.",
        "exit": 3,
    }
    assert answer.stderr == ""


def test_a_setting_that_makes_no_sense_is_named_with_its_remedy(installation: Installation) -> None:
    installation.environment["PORT"] = "eighty"
    answer = installation.run("check", exit_code=4)
    assert answer.stderr == "allmende check: PORT is 'eighty'; it must be a whole number from 1 to 65535.\n"


def test_a_usage_error_exits_with_2() -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["import", "--source", "x"])
    assert stopped.value.code == 2


def test_check_finds_a_fresh_installation_in_order(installation: Installation) -> None:
    installation.run("migrate")
    answer = installation.json("check")
    levels = {finding["name"]: finding["level"] for finding in answer["findings"]}
    assert answer["ok"] is True
    assert levels["database"] == levels["migrations"] == levels["secret key"] == levels["time zones"] == "ok"
    assert levels["address"] == "warn"


def test_check_fails_on_a_readable_secret_and_on_debugging_in_public(installation: Installation) -> None:
    (installation.data / "secret-key").chmod(0o644)
    installation.environment |= {"ALLMENDE_DEBUG": "1", "ALLMENDE_URL": "https://guide.example.org"}
    answer = installation.json("check", exit_code=1)
    failed = {finding["name"]: finding["remedy"] for finding in answer["findings"] if finding["level"] == "fail"}
    assert {"secret key", "debugging"} <= set(failed)
    assert all(failed.values())


@pytest.mark.sqlite
def test_check_notices_missing_migrations(installation: Installation) -> None:
    (installation.data / "allmende.sqlite3").unlink()
    answer = installation.json("check", exit_code=1)
    assert [f["remedy"] for f in answer["findings"] if f["name"] == "migrations"] == ["Run `allmende migrate`."]


def test_user_makes_an_account_and_changes_it(installation: Installation) -> None:
    first = installation.json("user", "anna@example.org", "--operator", "--name", "Anna")
    assert first["created"] is True
    assert len(first["password"]) >= 12
    second = installation.json("user", "Anna@example.org", "--organisation", "Town hall", "--role", "editor")
    assert second["created"] is False
    shown = installation.python(
        "from allmende.core.models import User; from allmende.partners.models import Membership\n"
        "u = User.objects.get(); print(u.email, u.name, u.is_operator, u.check_password('"
        + second["password"]
        + "'))\n"
        "print(*Membership.objects.values_list('organisation__name', 'role'))"
    )
    assert shown == "anna@example.org Anna True True\n('Town hall', 'editor')\n"


def test_user_refuses_a_weak_password_and_a_bad_address(installation: Installation) -> None:
    args = ("user", "bo@example.org", "--operator", "--password-stdin")
    assert "too short" in installation.run(*args, stdin="short\n", exit_code=2).stderr
    assert "valid email" in installation.run("user", "bo", "--operator", "--json", exit_code=2).stdout


def test_tick_does_its_work(installation: Installation) -> None:
    assert installation.json("tick") == {
        "done": [
            "compare records",
            "follow successions",
            "publish and withdraw by plan",
            "remind of expiry",
            "refresh derived tables",
            "extend horizon",
            "count season and gaps",
            "watch picture rights",
            "translate",
            "forget old drafts of forms",
            "forget old counters",
            "forget old sessions",
            "forget people who asked",
            "forget what is over",
            "send urgent letters",
            "send summaries",
            "forget old notices",
            "add readings to figures",
            "tell of silent counters",
            "forget old readings",
            "look into watched folders",
            "go on with deliveries",
            "let simulated counters count",
            "count how full places are",
            "draw days of suggestions",
            "evaluate interventions",
            "publish what trials by lot came to",
            "fetch feeds",
            "take in what arrived",
            "read neighbours' outboxes",
            "announce changes",
            "deliver to followers",
            "forget old activities",
            "compare indicators",
            "forecast",
        ]
    }
