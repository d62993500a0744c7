"""What is said of a delivery, as values: a sentence's key and its facts.  Readers get it in their own language.

A key is an English sentence with named places (``%(word)s``), as in the catalogues of translations.  Facts are kept as
they are: whole numbers get the thousands separators of the reader's language, and what must not have any (the number of a
row, a year) is handed in as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import get_language, gettext, override

from allmende.core import formats

Fact = str | int | float | None | Sequence[str | int | float | None]
"""None: a figure that was held back; several facts are listed."""
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that has not been put into a language yet; ``str`` puts it into the current one."""

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __str__(self) -> str:
        return sentence(self.key, self.facts)

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return {"key": self.key, "facts": dict(self.facts)}


def sentence(key: str, facts: Mapping[str, Fact]) -> str:
    """The sentence in the current language."""
    text = gettext(key) if key else ""
    return text % {name: _fact(value) for name, value in facts.items()} if facts and "%(" in text else text


def _fact(value: Fact) -> str:
    language = get_language() or ENGLISH
    if value is None:
        return gettext("held back")
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return formats.number(value, language if language in formats.LOCALES else ENGLISH)
    return formats.words([_fact(one) for one in value], language if language in formats.LOCALES else ENGLISH)


def in_english(parts: Sequence[str], facts: Mapping[str, Fact]) -> str:
    """Some sentences one after the other, for machines and for the command line."""
    with override(ENGLISH):
        return " ".join(sentence(part, facts) for part in parts if part)


def kept_sentences(told: Sequence[Mapping[str, Any]]) -> str:
    """Sentences that were kept with ``as_json``, in the current language."""
    return " ".join(sentence(str(one.get("key", "")), one.get("facts") or {}) for one in told)


@dataclass(frozen=True, slots=True)
class ProblemTold:
    """A problem in the words of whoever reads."""

    where: str
    message: str
    remedy: str
    code: str
    is_error: bool
    language: str
    """``en`` where it is not in the reader's language; else empty."""


def problem_told(problem: Mapping[str, Any]) -> ProblemTold:
    """A problem as it is kept with a delivery, in the current language.  Those of earlier programs stay English."""
    said = problem.get("said")
    is_error = problem.get("severity") == "error"
    code = str(problem.get("code", ""))
    if not isinstance(said, Mapping):
        where, message, remedy = (str(problem.get(name, "")) for name in ("where", "message", "remedy"))
        return ProblemTold(where, message, remedy, code, is_error, ENGLISH)
    facts: Mapping[str, Fact] = said.get("facts") or {}
    where, remedy = sentence(said["where"], facts), sentence(said["remedy"], facts)
    return ProblemTold(where, " ".join(sentence(key, facts) for key in said["message"]), remedy, code, is_error, "")
