"""What is wrong with a delivery: where, what, and what to do; the first thousand are kept, all are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

KEPT: Final = 1000
EACH: Final = 100
"""Of one code, so that one fault of a whole column does not hide the others."""
ERROR: Final = "error"
"""Rows stay out."""
NOTE: Final = "note"
"""It goes in as it is said."""


@dataclass(slots=True)
class Problems:
    """Found while a delivery is read."""

    found: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Code -> rows or places concerned, those that are not kept, too."""

    def add(self, where: str, message: str, code: str, remedy: str, *, severity: str = NOTE, n: int = 1) -> None:
        """One more; ``n`` rows are concerned."""
        told = sum(1 for one in self.found if one["code"] == code) if len(self.found) < KEPT else EACH
        self.counts[code] += n
        if len(self.found) < KEPT and told < EACH:
            self.found.append(
                {"where": where, "message": message, "code": code, "severity": severity, "remedy": remedy}
            )

    def by_word(
        self, codes: NDArray[np.int64], words: list[str], rows: NDArray[np.int64], message: str, code: str, remedy: str
    ) -> None:
        """An error for each different word: ``message`` with the word, the first row, and how many."""
        numbers, first, n = np.unique(codes, return_index=True, return_counts=True)
        for at in np.argsort(-n, kind="stable")[:EACH].tolist():
            word = words[int(numbers[at])][:60]
            where = f"row {int(rows[first[at]])}"
            told = message.format(word=word or "(empty)")
            more = f" ({int(n[at]):,} rows)" if n[at] > 1 else ""
            self.add(where, told + more, code, remedy, severity=ERROR, n=int(n[at]))
        left = int(n.sum()) - int(n[np.argsort(-n, kind="stable")[:EACH]].sum())
        self.counts[code] += left

    def has_errors(self) -> bool:
        """Whether anything stays out."""
        return any(one["severity"] == ERROR for one in self.found)
