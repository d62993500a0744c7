"""Make the training set, and fit the models to it.

    python -m allmende.engines.linkage.train                      fit the models to the shipped training set
    python -m allmende.engines.linkage.train --material examples  make the training set anew first

The same training set and seed give the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from allmende.engines.linkage.features import RISING, best_names, event_features, place_features
from allmende.engines.linkage.model import FEATURES, FORMAT, MODEL_FILE
from allmende.engines.linkage.prepare import prepare
from allmende.engines.linkage.times import compare
from allmende.engines.linkage.training.material import Pair, event_pairs, place_pairs, rarity, read_pairs, write_pairs
from allmende.engines.linkage.words import RARITY_FILE

TRAINING_FILE: Final = MODEL_FILE.with_name("training.csv.gz")
THRESHOLDS: Final = {"place": {"join": 0.9, "ask": 0.3}, "event": {"join": 0.9, "ask": 0.3}}
SEED: Final = 12
SETTINGS: Final[dict[str, Any]] = {
    "max_iter": 80, "max_leaf_nodes": 10, "learning_rate": 0.12, "min_samples_leaf": 25, "l2_regularization": 5.0,
    "early_stopping": False,
}  # fmt: skip


def table(pairs: Sequence[Pair]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Features (rows of float64) and labels (0, 1) of pairs of one kind."""
    rows, labels = [], []
    for pair in pairs:
        a, b = prepare(pair.left), prepare(pair.right)
        found = best_names(a, b)
        if found is None:
            continue
        event = pair.left.kind == "event"
        rows.append(event_features(a, b, found, compare(a, b)) if event else place_features(a, b, found))
        labels.append(int(pair.same))
    return np.array(rows, dtype=float), np.array(labels, dtype=int)


def fit(sort: str, values: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], seed: int = SEED) -> dict[str, Any]:
    """Boosted trees for one sort of things, as JSON values.  A feature that speaks for the same thing never speaks against it."""
    names = FEATURES[sort]
    model = HistGradientBoostingClassifier(
        random_state=seed, monotonic_cst=[RISING.get(name, 0) for name in names], **SETTINGS
    )
    with threadpool_limits(limits=1):  # sums in one order, so that a second run gives the same file
        model.fit(values, labels)
    return {"features": list(names), "thresholds": THRESHOLDS[sort], **_flat(model)}


def _flat(model: Any) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {name: [] for name in ("roots", "split", "at", "low", "high", "lost")}
    for (tree,) in model._predictors:
        start = len(rows["split"])
        rows["roots"].append(start)
        for node in tree.nodes:
            leaf = bool(node["is_leaf"])
            low, high = (0, 0) if leaf else (start + int(node["left"]), start + int(node["right"]))
            rows["split"].append(-1 if leaf else int(node["feature_idx"]))
            rows["at"].append(round(float(node["value"] if leaf else min(node["num_threshold"], 1e9)), 6))
            rows["low"].append(low)
            rows["high"].append(high)
            rows["lost"].append(low if node["missing_go_to_left"] else high)
    return {"base": round(float(np.ravel(model._baseline_prediction)[0]), 6), **rows}


def train(pairs: Sequence[Pair], seed: int = SEED) -> str:
    """The model file's text."""
    models = {}
    for sort in FEATURES:
        values, labels = table([pair for pair in pairs if (pair.left.kind == "event") == (sort == "event")])
        models[sort] = fit(sort, values, labels, seed)
    lines = [f'"format": {FORMAT}', f'"seed": {seed}', f'"pairs": {len(pairs)}']
    body = ",\n".join(f' "{sort}": {json.dumps(model, separators=(",", ":"))}' for sort, model in models.items())
    return "{" + ",\n".join(lines) + ',\n"models": {\n' + body + "\n}}\n"


def make_material(examples: Path) -> None:
    """Write the table of common words and the training set from the project's examples."""
    text = json.dumps(rarity(examples), ensure_ascii=False, indent=0, separators=(",", ":"))
    RARITY_FILE.write_text(text + "\n", encoding="utf-8")
    write_pairs(TRAINING_FILE, [*place_pairs(examples), *event_pairs(examples)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="allmende.engines.linkage.train", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--material", type=Path, metavar="EXAMPLES", help="folder of the examples, to make the training set anew from"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=MODEL_FILE)
    options = parser.parse_args(arguments)
    if options.material is not None:
        make_material(options.material)
    pairs = read_pairs(TRAINING_FILE)
    options.out.write_text(train(pairs, options.seed), encoding="utf-8")
    sys.stdout.write(f"{options.out}: trained on {len(pairs)} pairs\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
