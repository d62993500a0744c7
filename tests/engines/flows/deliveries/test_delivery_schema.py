"""What a declared schema may say, and how a mistake in it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allmende.engines.flows.deliveries import SchemaError, declared, read_schema

MINIMAL: dict[str, Any] = {
    "name": "counts",
    "row": "people in an area",
    "columns": [{"name": "people", "role": "measure", "unit": "people"}],
}


def test_the_schemas_that_come_with_the_engine_can_be_read() -> None:
    known = declared()
    assert sorted(known) == ["mitms_od", "od", "presence"]
    assert all(schema.name == name for name, schema in known.items())
    assert known["mitms_od"].credit == "Datos abiertos Ministerio de Transportes y Movilidad Sostenible"
    assert read_schema("presence") == known["presence"]


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(MINIMAL | {"suppressed": [{"marker": "<5", "low": 1, "high": 4}]}))
    (tmp_path / "s.toml").write_text(
        'name = "counts"\nrow = "people in an area"\n'
        '[[suppressed]]\nmarker = "<5"\nlow = 1\nhigh = 4\n'
        '[[columns]]\nname = "people"\nrole = "measure"\nunit = "people"\n'
    )
    assert read_schema(tmp_path / "s.toml") == read_schema(tmp_path / "s.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"absent": "perhaps"}, "zero, suppressed, unknown"),
        ({"decimal": ";"}, "neither point nor comma"),
        ({"columns": [{"name": "n", "role": "count"}]}, "role 'count' is not one of day, hour"),
        ({"columns": [{"name": "n", "role": "measure"}]}, "needs a unit"),
        ({"columns": [{"name": "n", "role": "measure", "unit": "people", "colour": "red"}]}, "colour is unknown"),
        ({"columns": [{"name": "day", "role": "day"}]}, "none has the role measure"),
        ({"columns": [MINIMAL["columns"][0], {"name": "people", "role": "dimension"}]}, "people is there twice"),
        ({"columns": 5}, "reference on deliveries"),
        ({"columns": [{"role": "measure"}]}, "'name' is missing"),
        ({"suppressed": [{"marker": "*", "low": 5, "high": 1}]}, "low must not be above high"),
        ({"supressed": []}, "supressed is unknown"),
        ({"rounding": "much"}, "could not convert"),
    ],
)
def test_a_mistake_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        read_schema(MINIMAL | change)


@pytest.mark.parametrize("name", ["none", "../od", "", "od.json"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(SchemaError, match="mitms_od, od, presence"):
        read_schema(name)


@pytest.mark.parametrize("text", ["{", "", "[]", '"text"'])
def test_a_file_that_is_no_schema_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(SchemaError, match=r"s\.json"):
        read_schema(tmp_path / "s.json")
