"""The words that organisations are described with: services, skills, topics of contact, audiences, branches (NACE).

Five JSON files beside this one hold keys with labels in six languages, so that other systems can read them without Python.
Branches are the sections of NACE Rev. 2 in the wording of Regulation (EC) No 1893/2006; an audience that the catalogue
knows too has the same key and the same labels there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Final

GROUPS: Final = ("services", "skills", "topics", "audiences", "sections")


@dataclass(frozen=True, slots=True)
class Term:
    """A key with its labels by language."""

    key: str
    labels: Mapping[str, str]

    def label(self, language: str) -> str:
        """The label in ``language``, else in English."""
        return self.labels.get(language) or self.labels["en"]


@lru_cache(maxsize=len(GROUPS))
def terms(group: str) -> Mapping[str, Term]:
    """Key -> term, in the order in which they are offered; ``group`` is one of ``GROUPS``."""
    if group not in GROUPS:
        raise ValueError(f"There is no group {group!r}; there are {', '.join(GROUPS)}.")
    text = resources.files(__package__).joinpath(f"{group}.json").read_text(encoding="utf-8")
    return MappingProxyType(
        {item["key"]: Term(item["key"], MappingProxyType(item["labels"])) for item in json.loads(text)}
    )


def label(group: str, key: str, language: str) -> str:
    """The label of a key; a key that is unknown here stands for itself."""
    term = terms(group).get(key)
    return term.label(language) if term else key
