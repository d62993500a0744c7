"""Every notice that the program gives has a name in the settings, and the pressing ones come as a letter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils import translation

from allmende.core.languages import LANGUAGES
from allmende.core.notice_kinds import LETTER, kinds, usual_way
from tests.conftest import ROOT

GIVEN = {
    "tell": (1, ""),
    "tell_of": (2, "networks."),
    "tell_owner": (3, ""),
    "_tell_owner": (2, ""),
    "_note": (1, "core."),
    "announce": (1, ""),
}
"""Functions that give a notice: at which place the kind stands, and what goes before it."""


def kinds_in_use() -> set[str]:
    found: set[str] = set()
    for path in Path(ROOT / "src" / "allmende").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if (
                not isinstance(node, ast.Call)
                or name not in GIVEN
                or (name == "_note" and path.parent.name != "accounts")
            ):
                continue
            place, before = GIVEN[name]
            kind = node.args[place] if len(node.args) > place else None
            if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
                found.add(before + kind.value)
    return found


def test_every_kind_in_use_has_a_name() -> None:
    used = kinds_in_use()
    assert len(used) > 30
    assert used - set(kinds()) == set(), "name it with offer_kind (kinds.py of the module)"


def test_no_kind_is_named_that_nobody_gives() -> None:
    assert {kind for kind in kinds() if not kind.startswith("test.")} - kinds_in_use() == set()


@pytest.mark.parametrize(
    "kind", ["catalogue.please_change", "networks.membership", "partners.join_request", "partners.join_answer"]
)
def test_what_waits_for_an_answer_comes_as_a_letter(kind: str) -> None:
    assert usual_way(kind) == LETTER


def test_names_are_told_in_every_language() -> None:
    for kind, told in kinds().items():
        words = set()
        for language in LANGUAGES:
            with translation.override(language):
                words.add(str(told.label))
        assert kind.startswith("test.") or len(words) > 3, kind
