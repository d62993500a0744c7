"""Every reason has a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

import allmende.engines.linkage as linkage
from allmende.engines.linkage import SENTENCES, Reason, sentence
from allmende.engines.linkage.features import EVENT_FEATURES, PLACE_FEATURES
from allmende.engines.linkage.times import SAME_DAY, SAME_START
from tests.engines.linkage.things import compared, event

SOURCE = Path(linkage.__file__).parent


def test_every_code_in_the_source_has_a_sentence() -> None:
    """First argument of ``Reason`` and of ``veto``, second of ``support``."""
    used = set()
    for file in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = (
                node.func.id
                if isinstance(node.func, ast.Name)
                else node.func.attr
                if isinstance(node.func, ast.Attribute)
                else ""
            )
            place = {"Reason": 0, "veto": 0, "support": 1}.get(name)
            if place is not None and len(node.args) > place:
                used |= {part.value for part in ast.walk(node.args[place]) if isinstance(part, ast.Constant)}
    used = {code for code in used if isinstance(code, str) and code and not code.startswith("-")}
    assert {"same-id", "ordinal-differs", "same-phone"} <= used
    assert used - {"same-", "other-"} - set(PLACE_FEATURES) - set(EVENT_FEATURES) <= set(SENTENCES)


def test_sentences_name_what_is_compared() -> None:
    assert sentence(Reason("ordinal-differs", -6.0, "1", "2")) == "The numbers in the names differ: 1, 2."
    assert sentence(Reason("near", 1.0, value=42.4)) == "They are 42 m apart."
    assert all(sentence(Reason(code, 0.0, "x", "y", 1.0)) for code in SENTENCES)


def test_a_decision_explains_itself() -> None:
    found = compared(
        event("a", "Garderevue der Perchalla", venue="Schlossberghalle"),
        event("b", "Garderevue Perchalla", venue="Schlossberghalle"),
    )
    assert [sentence(reason) for reason in found.reasons]
    assert {"same-venue", SAME_START} <= {reason.code for reason in found.reasons}
    assert SAME_DAY in SENTENCES
