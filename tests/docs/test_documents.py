"""What the documents say about files, commands, addresses, tables and libraries is there, and the other way round."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, get_resolver

from allmende.catalogue.bridges.readers import READERS
from allmende.guide import favourites
from allmende.site import cli
from allmende.site.page_cache import QUERY_NAMES
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "node_modules", "var"} & set(path.relative_to(ROOT).parts)
    and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
GUIDES = [path for path in PAGES if DOCS in path.parents or path.parent == ROOT]
FENCE = re.compile(r"^[ \t]*(```|~~~)(\w*)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
END_OF_COMMAND = {"|", "||", "&&", "&", ";", ">", ">>", "<", "(", ")", "2>&1"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


# ---------------------------------------------------------------------- links


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as code hosts make them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    found = []
    for heading in re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        found.append(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return frozenset(found)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(read("docs", "README.md"))}
    pages = {path.resolve() for path in DOCS.rglob("*.md")} - {(DOCS / "README.md").resolve()}
    assert sorted(name_of(path) for path in pages - index) == []


# ---------------------------------------------------------------------- commands


@cache
def parsers() -> dict[str, argparse.ArgumentParser]:
    for action in cli.build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("no subcommands")


def words(line: str) -> list[str]:
    """The words of a shell line; a substitution is one word."""
    lexer = shlex.shlex(re.sub(r"\$\([^)]*\)", "SOMETHING", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)


def commands(line: str) -> Iterator[list[str]]:
    """The arguments of each ``allmende`` on a line of shell, cron or systemd."""
    try:
        found = words(line)
    except ValueError:
        return
    is_first = True
    for place, word in enumerate(found):
        rest = found[place + 1 :]
        is_known = bool(rest) and rest[0] in parsers()
        if word.rpartition("/")[2] == "allmende" and (is_known or (is_first and rest and "=" not in word)):
            end = next((n for n, other in enumerate(rest) if other in END_OF_COMMAND), len(rest))
            yield rest[:end]
        is_first = word in END_OF_COMMAND or (is_first and re.fullmatch(r"[A-Z_]+=.*", word) is not None)


def command_lines() -> Iterator[tuple[str, str]]:
    for path in GUIDES:
        text = path.read_text(encoding="utf-8")
        for _, language, block in FENCE.findall(text):
            if language in {"sh", "shell", "bash", "cron", "ini", "console"}:
                for line in block.replace("\\\n", " ").splitlines():
                    yield name_of(path), line.removeprefix("$ ").replace("\\%", "%")
        for line in re.findall(r"^    (\S.*)$", FENCE.sub("", text), re.MULTILINE):
            yield name_of(path), line
        for code in re.findall(r"`([^`\n]*\ballmende [^`\n]+)`", FENCE.sub("", text)):
            yield name_of(path), code


APART = {
    "allmende COMMAND --help",  # the shape of a command line
    "allmende import --source address-book --format vcard --kind place --preview cards.vcf",  # once the page was followed
}
DOCUMENTED = [
    (page, args)
    for page, line in command_lines()
    if line not in APART and not re.search(r"\[options\]|…", line)
    for args in commands(line)
]


def test_the_documents_show_commands() -> None:
    assert len(DOCUMENTED) > 30
    assert {args[0] for _, args in DOCUMENTED} >= {"serve", "import", "export", "backup", "restore", "check", "user"}


@pytest.mark.parametrize(("page", "args"), DOCUMENTED, ids=[f"{page}: {' '.join(args)}" for page, args in DOCUMENTED])
def test_every_command_line_is_understood(page: str, args: list[str]) -> None:
    # In running text a command may be named without what it needs: `allmende backup`, `allmende import --preview`.
    if len(args) == 1:
        assert args[0] in parsers() or args[0] in {"--help", "--version"}
        return
    code, complaint = run_parser(args)
    is_only_named = "required" in complaint and f"`allmende {' '.join(args)}" in read(page)
    assert code == 0 or is_only_named, complaint


def run_parser(args: list[str]) -> tuple[int, str]:
    """What the argument parser says: exit code and complaint."""
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint), contextlib.redirect_stdout(io.StringIO()):
            cli.build_parser().parse_args(args)
    except SystemExit as stop:
        return int(stop.code or 0), complaint.getvalue()
    return 0, ""


def test_a_command_line_that_is_wrong_would_be_found() -> None:
    line = "sudo -u x ALLMENDE_DATA=/srv /opt/.venv/bin/allmende tick --once && allmende check | head"
    assert list(commands(line)) == [["tick", "--once"], ["check"]]
    assert run_parser(["tick", "--once"])[0] == 2
    assert run_parser(["check"])[0] == 0
    assert list(commands("systemctl enable --now allmende")) == []
    assert list(commands("allmende no-such-command now")) == [["no-such-command", "now"]]


def test_every_benchmark_and_option_is_there() -> None:
    seen = 0
    for path in GUIDES:
        for line in path.read_text(encoding="utf-8").splitlines():
            for script, rest in re.findall(r"\b(bench/\w+\.py)([^`|]*)", line):
                seen += 1
                source = read(*script.split("/"))
                missing = [option for option in re.findall(r" (--[a-z-]+)", rest) if f'"{option}"' not in source]
                assert missing == [], f"{name_of(path)}: {line}"
    assert seen > 5


def test_every_target_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    target = r"make ([a-z][a-z-]*)"
    asked: dict[str, str] = {}
    for path in GUIDES:
        text = path.read_text(encoding="utf-8")
        found = re.findall(rf"`{target}", FENCE.sub("", text))
        for _, _, block in FENCE.findall(text):
            found += re.findall(rf"^\s*(?:[A-Z]+=\S+ )?{target}", block, re.MULTILINE)
        asked |= dict.fromkeys(found, name_of(path))
    assert {"setup", "serve", "test"} <= set(asked)
    assert {name: page for name, page in asked.items() if name not in targets} == {}


# ---------------------------------------------------------------------- addresses, tables, formats


def patterns(resolver: object, above: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:  # type: ignore[attr-defined]
        path = above + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from patterns(entry, path)


def test_every_address_is_documented() -> None:
    text = read("docs", "reference", "urls.md")
    shown = {re.sub(r"<[^>]+>", "*", code).strip("/") for code in re.findall(r"`([^`\s]+)`", text)}
    shown |= {f"workspace/{path}" for path in shown}
    shown |= {"workspace"} if "Below `/workspace/`" in text else set()
    shown |= {re.sub("^events", kind, path) for path in shown for kind in ("places", "offers")}
    real = {re.sub(r"<[^>]+>", "*", path).strip("/") for path in patterns(get_resolver())}
    assert sorted(real - shown) == []


def test_every_parameter_is_documented() -> None:
    text = read("docs", "reference", "urls.md")
    assert {name for name in QUERY_NAMES if f"`{name}`" not in text} == set()


def test_every_table_and_field_is_documented() -> None:
    text = read("docs", "reference", "data-model.md")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    missing = []
    for model in apps.get_models():
        if not model.__module__.startswith("allmende."):
            continue
        name = model.__name__
        mine = [part for part in sections if name in re.split(r",\s*", part.partition("\n")[0])]
        assert mine, f"no section for {name}"
        fields = [field.name for field in model._meta.local_fields if field.name not in {"id", "password"}]
        missing += [f"{name}.{field}" for field in fields if not any(f"`{field}`" in part for part in mine)]
    assert missing == []


def test_every_reader_has_a_section() -> None:
    headings = set(re.findall(r"^## (.+)$", read("docs", "reference", "formats.md"), re.MULTILINE))
    assert set(READERS) <= headings


def test_every_cookie_is_documented() -> None:
    text = read("docs", "reference", "privacy.md")
    names = {favourites.COOKIE, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert {name for name in names if f"`{name}` (cookie)" not in text} == set()


def test_every_dependency_is_documented_with_its_licence() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    named = [*project["dependencies"], *(name for group in project["optional-dependencies"].values() for name in group)]
    wanted = {re.split(r"[\[<>=~!; ]", name)[0] for name in named}
    rows = re.findall(
        r"^\| ([\w-]+) \| ([^|]+) \| ([^|]+) \|$", read("docs", "reference", "dependencies.md"), re.MULTILINE
    )
    known = {name for name, why, licence in rows if len(why.strip()) > 4 and licence.strip()} - {"library", "---"}
    assert known == wanted


def test_the_page_of_the_vocabulary_is_in_step() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "write-vocabulary"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
