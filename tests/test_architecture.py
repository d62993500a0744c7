"""What an import linter cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "allmende"
LEVELS = ("core", "partners", "catalogue", "federation", "insight", "guide", "site")
LONGEST_FILE = 500
PYTHON_FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)

HOME_OF: dict[str, tuple[str, ...]] = {
    "shapely": ("engines/geo.py", "formats/geometry.py", "engines/flows/areas.py"),
    "numba": ("engines/flows/kernels/", "engines/forecast/kernels/"),
    "duckdb": ("engines/flows/reading/",),
    "opendp": ("engines/flows/disclosure/",),
    "typst": ("engines/flows/report/", "formats/paper/"),
    "pyspark": ("engines/flows/spark/",),
    "pysail": ("engines/flows/spark/",),
    "holidays": ("engines/holidays",),
    "openpyxl": ("formats/xlsx_table/",),
    "extruct": ("formats/schema_org/",),
    "feedparser": ("formats/feed/item.py",),
    "rdflib": ("formats/dcat/", "formats/dcat_writer/"),
    "pyarrow": ("formats/parquet_tables/", "engines/flows/"),
    "icalendar": ("formats/ical/",),
    "recurring_ical_events": ("formats/ical/",),
    "x_wr_timezone": ("formats/ical/",),
    "nh3": ("formats/text.py",),
    "Stemmer": ("catalogue/search/tokens.py",),
    "granian": ("site/serving.py",),
    "whitenoise": ("site/files.py",),
    "cryptography": ("federation/keys.py", "core/accounts/"),
    "allauth": ("core/accounts/",),
    "qrcode": ("core/accounts/factors.py",),
    "httpx": ("core/fetch/",),
    "httpcore": ("core/fetch/",),
    "rich": ("site/terminal.py",),
    "brotli": ("site/packing.py",),
}
"""Libraries that one file (or one reader's folder) knows: they can be replaced there."""
ONE_HOME = ("PIL", "segno", "psycopg")
"""Libraries that may live anywhere, but in one file only."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


@cache
def libraries_of(path: Path) -> frozenset[str]:
    """What a file imports, by the first part of the names."""
    return frozenset(name.partition(".")[0] for node in ast.walk(tree_of(path)) for name in imported_names(node))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def relations() -> Iterator[Any]:
    for model in apps.get_models():
        if model.__module__.startswith("allmende."):
            yield from (field for field in model._meta.local_fields if field.remote_field)


def test_no_foreign_key_points_up() -> None:
    wrong = []
    for field in relations():
        here, there = field.model._meta.app_label, field.remote_field.model._meta.app_label
        if there in LEVELS and LEVELS.index(there) > LEVELS.index(here):
            wrong.append(f"{field} -> {there}")
    assert wrong == []


def test_no_reverse_accessor_is_handed_down_to_another_module() -> None:
    wrong = []
    for field in relations():
        relation = field.remote_field
        if relation.model._meta.app_label != field.model._meta.app_label and not relation.hidden:
            wrong.append(f'{field}: write related_name="+"')
    assert wrong == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON_FILES}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("library", [*HOME_OF, *ONE_HOME])
def test_a_heavy_library_has_one_home(library: str) -> None:
    users = {path.relative_to(PACKAGE).as_posix() for path in PYTHON_FILES if library in libraries_of(path)}
    if library in HOME_OF:
        assert {user for user in users if not user.startswith(HOME_OF[library])} == set()
    else:
        assert len(users) <= 1, users


def hidden_imports(path: Path) -> Iterator[str]:
    """Imports inside functions that give no reason in a comment: on their line, or on the line before the block."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for function in functions(tree_of(path)):
        reason = False
        previous = -1
        for node in sorted(
            (n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)), key=lambda n: n.lineno
        ):
            # One reason holds for a whole block of imports.
            block = lines[node.lineno - 1 : node.end_lineno]
            if node.lineno > previous + 1:
                reason = lines[node.lineno - 2].lstrip().startswith("#")
            reason = reason or any("#" in line for line in block)
            previous = node.end_lineno or node.lineno
            if not reason:
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_an_import_inside_a_function_gives_its_reason() -> None:
    # Commands import late so that `allmende --help` is quick; their package says so once for all.
    free = {PACKAGE / "site" / "commands"}
    assert [place for path in PYTHON_FILES if path.parent not in free for place in hidden_imports(path)] == []


def test_the_command_line_loads_nothing_heavy() -> None:
    code = """
import sys, allmende.site.cli
allmende.site.cli.build_parser()
print([name for name in ("django", "httpx", "rich", "brotli") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
