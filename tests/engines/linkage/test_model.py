"""The shipped models: made from the shipped training set, and again the same."""

from __future__ import annotations

import json

import pytest

from allmende.engines.linkage import UnusableModel, read_model
from allmende.engines.linkage.clusters import ASK_RANGE, JOIN_RANGE
from allmende.engines.linkage.decide import ASK_AT_LEAST, ASK_AT_MOST, ASK_RATHER_NOT, CERTAIN
from allmende.engines.linkage.features import EVENT_FEATURES, PLACE_FEATURES, RISING
from allmende.engines.linkage.model import FEATURES, MODEL_FILE
from allmende.engines.linkage.train import TRAINING_FILE, fit, table, train
from allmende.engines.linkage.training.material import Pair, read_pairs, write_pairs


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return read_pairs(TRAINING_FILE)


def test_the_same_pairs_and_seed_give_the_same_file(pairs: list[Pair]) -> None:
    some = pairs[::4]
    assert train(some) == train(some)


def test_the_shipped_models_come_of_the_shipped_pairs(pairs: list[Pair]) -> None:
    """Trees may differ in the last digit on other machines; what they say may not."""
    shipped = read_model(MODEL_FILE.read_text(encoding="utf-8"))
    places = [pair for pair in pairs if pair.left.kind == "place"]
    values, labels = table(places)
    again = read_model(
        json.dumps({"format": 1, "models": {"place": fit("place", values, labels), "event": _event_part()}})
    )
    for row in values[::97].tolist():
        assert again.of("place").probability(row) == pytest.approx(shipped.of("place").probability(row), abs=1e-4)


def _event_part() -> dict[str, object]:
    return dict(json.loads(MODEL_FILE.read_text(encoding="utf-8"))["models"]["event"])


def test_the_training_set_is_small_and_written_again_the_same(pairs: list[Pair], tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert TRAINING_FILE.stat().st_size < 1_000_000
    write_pairs(tmp_path / "again.csv.gz", pairs)
    assert read_pairs(tmp_path / "again.csv.gz") == pairs


def test_plain_trees_agree_with_the_library(pairs: list[Pair]) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    from allmende.engines.linkage.train import SEED, SETTINGS

    values, labels = table([pair for pair in pairs if pair.left.kind == "event"][::5])
    library = HistGradientBoostingClassifier(
        random_state=SEED, monotonic_cst=[RISING.get(name, 0) for name in EVENT_FEATURES], **SETTINGS
    )
    library.fit(values, labels)
    part = fit("event", values, labels)
    shipped = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["models"]["place"]
    ours = read_model(json.dumps({"format": 1, "models": {"place": shipped, "event": part}})).of("event")
    expected = library.predict_proba(values)[:, 1]
    assert [ours.probability(row) for row in values.tolist()] == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_model_of_other_features_is_refused_with_the_remedy() -> None:
    data = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    data["models"]["place"]["features"].pop()
    with pytest.raises(UnusableModel, match="train it again"):
        read_model(json.dumps(data))


def test_bounds_of_rules_and_thresholds_do_not_cross() -> None:
    assert ASK_AT_MOST < JOIN_RANGE[0] <= JOIN_RANGE[1] < CERTAIN
    assert ASK_RATHER_NOT <= ASK_RANGE[1] < ASK_AT_LEAST
    for limits in read_model(MODEL_FILE.read_text(encoding="utf-8")).thresholds.values():
        assert JOIN_RANGE[0] <= limits.join <= JOIN_RANGE[1]
        assert ASK_RANGE[0] <= limits.ask <= ASK_RANGE[1]


def test_features_have_one_name_each() -> None:
    assert len(set(PLACE_FEATURES)) == len(PLACE_FEATURES)
    assert len(set(EVENT_FEATURES)) == len(EVENT_FEATURES)
    assert set(RISING) <= set(PLACE_FEATURES) | set(EVENT_FEATURES)
    assert set(FEATURES) == {"place", "event"}
