"""French texts keep their signs on the line: a no-break space before ``: ; ? !`` and inside « »."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from allmende.insight.indicators.vocabulary import shipped
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def tidy() -> Any:
    spec = importlib.util.spec_from_file_location("tidy", ROOT / "scripts" / "tidy.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "text",
    [
        "Vraiment\u202f?",
        "Bravo\u00a0!",
        "Le réseau «\u00a0%(name)s\u00a0»\u00a0: %(n)s membres\u202f; merci",
        "Écrivez l’heure comme 18:30.",
        "Écrivez https://example.org:8000/?q=a;b",
        "Des informations comme `step_free: oui ?`",
        "Culture &amp; loisirs",
        "Vraiment\u202f?!",
        "%(day)s\u00a0: rien",
    ],
)
def test_what_is_right_is_left_alone(tidy: Any, text: str) -> None:
    assert tidy.french_spaces(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Vraiment ?",
        "Vraiment?",
        "Bravo !",
        "%(day)s : rien",
        "%(day)s: rien",
        "un ; deux",
        "« ici\u00a0»",
        "«\u00a0ici »",
        "«ici»",
    ],
)
def test_what_could_break_is_named(tidy: Any, text: str) -> None:
    assert tidy.french_spaces(text)


def test_a_translation_without_them_fails_the_check(tidy: Any, tmp_path: Any) -> None:
    folder = tmp_path / "fr"
    folder.mkdir()
    template, catalogue = tmp_path / "django.pot", folder / "django.po"
    template.write_text('msgid "Really?"\nmsgstr ""\n', encoding="utf-8")
    catalogue.write_text('msgid "Really?"\nmsgstr "Vraiment ?"\n', encoding="utf-8")
    assert "no-break space" in tidy.translations(str(template), str(catalogue))[0]
    catalogue.write_text('msgid "Really?"\nmsgstr "Vraiment\u202f?"\n', encoding="utf-8")
    assert tidy.translations(str(template), str(catalogue)) == []


def test_names_of_indicators_obey_too(tidy: Any) -> None:
    texts = [text for one in shipped() for text in (one.name["fr"], one.about["fr"])]
    assert [text for text in texts if tidy.french_spaces(text)] == []
