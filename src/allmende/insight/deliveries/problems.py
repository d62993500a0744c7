"""What is wrong with a delivery: where, what, and what to do; the first thousand are kept, all are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.insight.deliveries.saying import Fact, in_english

KEPT: Final = 1000
EACH: Final = 100
"""Of one code, so that one fault of a whole column does not hide the others."""
ERROR: Final = "error"
"""Rows stay out."""
NOTE: Final = "note"
"""It goes in as it is said."""
ROW: Final = gettext_noop("row %(row)s")
ROWS: Final = gettext_noop("rows %(row)s")
AFTER_ROW: Final = gettext_noop("after row %(row)s")
FILE: Final = gettext_noop("file")
COLUMN: Final = gettext_noop("column %(column)s")
MANY_ROWS: Final = gettext_noop("(%(rows)s rows)")


@dataclass(slots=True)
class Problems:
    """Found while a delivery is read."""

    found: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Code -> rows or places concerned, those that are not kept, too."""

    def add(
        self,
        where: str,
        message: str | Sequence[str],
        code: str,
        remedy: str,
        *,
        severity: str = NOTE,
        n: int = 1,
        **facts: Fact,
    ) -> None:
        """One more; ``n`` rows are concerned.  ``where``, ``message`` and ``remedy`` are keys (see ``saying``)."""
        told = sum(1 for one in self.found if one["code"] == code) if len(self.found) < KEPT else EACH
        self.counts[code] += n
        if len(self.found) < KEPT and told < EACH:
            keys = [message] if isinstance(message, str) else list(message)
            self.found.append(
                {
                    "where": in_english([where], facts),
                    "message": in_english(keys, facts),
                    "code": code,
                    "severity": severity,
                    "remedy": in_english([remedy], facts),
                    "said": {"where": where, "message": keys, "remedy": remedy, "facts": facts},
                }
            )

    def add_as_it_is(self, where: str, message: str, code: str, *, severity: str, n: int) -> None:
        """One that a reader told in English, without a key."""
        self.counts[code] += n
        if len(self.found) < KEPT:
            self.found.append({"where": where, "message": message, "code": code, "severity": severity, "remedy": ""})

    def by_word(
        self,
        codes: NDArray[np.int64],
        words: list[str],
        rows: NDArray[np.int64],
        message: str,
        code: str,
        remedy: str,
        **facts: Fact,
    ) -> None:
        """An error for each different word: ``message`` with the fact ``word``, the first row, and how many."""
        numbers, first, n = np.unique(codes, return_index=True, return_counts=True)
        for at in np.argsort(-n, kind="stable")[:EACH].tolist():
            word = words[int(numbers[at])][:60]
            rows_told = int(n[at])
            keys = [message, MANY_ROWS] if rows_told > 1 else [message]
            told: dict[str, Fact] = {**facts, "word": word or "…", "row": str(int(rows[first[at]])), "rows": rows_told}
            self.add(ROW, keys, code, remedy, severity=ERROR, n=rows_told, **told)
        left = int(n.sum()) - int(n[np.argsort(-n, kind="stable")[:EACH]].sum())
        self.counts[code] += left
