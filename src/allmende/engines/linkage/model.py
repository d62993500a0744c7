"""The small trained models: trees in JSON, walked in plain Python."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any, Final

from allmende.engines.linkage.features import EVENT_FEATURES, PLACE_FEATURES
from allmende.engines.linkage.things import Thresholds

MODEL_FILE: Final = Path(__file__).parent / "samples" / "model.json"
FORMAT: Final = 1
SORT_OF: Final = {"event": "event"}
"""Kinds with a model of their own; all others are recognised like places."""
FEATURES: Final = {"place": PLACE_FEATURES, "event": EVENT_FEATURES}


class UnusableModel(ValueError):
    """The model file does not fit this version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees: log odds are ``base`` and one leaf of each tree.

    Nodes of all trees stand in one row: ``split[n]`` is a feature (or -1 for a leaf), ``at[n]`` the threshold (or the
    leaf's value), ``low[n]``/``high[n]`` the next node for values <= / > the threshold, ``lost[n]`` for missing ones.
    """

    base: float
    roots: tuple[int, ...]
    split: tuple[int, ...]
    at: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    lost: tuple[int, ...]

    def log_odds(self, values: Sequence[float]) -> float:
        split, at, low, high, lost = self.split, self.at, self.low, self.high, self.lost
        total = self.base
        for node in self.roots:
            feature = split[node]
            while feature >= 0:
                value = values[feature]
                # Only nan is not equal to itself.
                node = lost[node] if value != value else low[node] if value <= at[node] else high[node]
                feature = split[node]
            total += at[node]
        return total

    def probability(self, values: Sequence[float]) -> float:
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, self.log_odds(values)))))


@dataclass(frozen=True, slots=True)
class Model:
    """Trees and default thresholds per sort (``place``, ``event``)."""

    trees: Mapping[str, Trees]
    thresholds: Mapping[str, Thresholds]

    def of(self, kind: str) -> Trees:
        return self.trees[SORT_OF.get(kind, "place")]

    def limits(self, kind: str) -> Thresholds:
        return self.thresholds[SORT_OF.get(kind, "place")]


def read_model(text: str) -> Model:
    """From JSON as ``train`` writes it."""
    data: dict[str, Any] = json.loads(text)
    known = {sort: list(names) for sort, names in FEATURES.items()}
    if data.get("format") != FORMAT or {sort: part["features"] for sort, part in data["models"].items()} != known:
        raise UnusableModel(
            "the linkage model was trained for other features: train it again with `python -m allmende.engines.linkage.train`"
        )
    trees, thresholds = {}, {}
    for sort, part in data["models"].items():
        trees[sort] = Trees(
            part["base"], *(tuple(part[name]) for name in ("roots", "split", "at", "low", "high", "lost"))
        )
        thresholds[sort] = Thresholds(**part["thresholds"])
    return Model(trees, thresholds)


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    return read_model(MODEL_FILE.read_text(encoding="utf-8"))
