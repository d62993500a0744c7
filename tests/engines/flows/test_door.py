"""The door: identifiers go in, numbers that say nothing come out."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines import flows
from allmende.engines.flows.door import Secret, SecretError, record_keys
from allmende.engines.flows.hashing import silent, through
from allmende.engines.flows.intake import keys_of

SECRET = Secret(b"a secret for the tests alone")


def hashed(devices: pa.Array | pa.ChunkedArray, secret: Secret = SECRET, period: str = "2026-11") -> list[int]:
    column = devices if isinstance(devices, pa.ChunkedArray) else pa.chunked_array([devices])
    found: list[int] = through(keys_of(column), secret.device_key(period)).tolist()
    return found


def test_a_device_is_one_number_within_a_period_and_another_in_the_next() -> None:
    devices = pa.chunked_array([["anna", "bob", "anna"], ["bob"]])
    november, december = hashed(devices), hashed(devices, period="2026-12")
    assert november[0] == november[2] != november[1] == november[3]
    assert not set(november) & set(december)


def test_a_device_is_the_same_as_number_text_or_dictionary() -> None:
    forms = [
        pa.array([17, 4], pa.int64()),
        pa.array([17, 4], pa.uint32()),
        pa.array(["17", "4"]),
        pa.array(["17", "4"], pa.large_string()),
        pa.array(["17", "4"]).dictionary_encode(),
    ]
    assert len({tuple(hashed(form)) for form in forms}) == 1


def test_another_secret_gives_other_numbers() -> None:
    other = Secret(b"another secret, also for tests")
    assert hashed(pa.array(["anna"])) != hashed(pa.array(["anna"]), other)


def test_no_devices_are_no_numbers() -> None:
    assert hashed(pa.array([], pa.string())) == []
    assert len(record_keys(np.empty(0, np.int64), SECRET)) == 0


def test_there_is_one_keyed_hash_of_devices() -> None:
    source = Path(flows.__file__).parent
    users = {str(path.relative_to(source)) for path in source.rglob("*.py") if "siphash(" in path.read_text("utf-8")}
    assert users == {"kernels/door.py", "hashing.py"}


def test_what_libraries_say_of_values_is_not_passed_on() -> None:
    said = silent(ValueError('Type UINT64 with value 18446744073709551615 can\'t be cast: "anna", line 12\nanna,3'))
    assert said == "Type UINT64 with value … can't be cast: …, line 12"


def test_a_secret_does_not_show_itself() -> None:
    assert "tests" not in repr(SECRET) + str(SECRET) + f"{SECRET}"
    with pytest.raises(TypeError, match="not written to a file"):
        pickle.dumps(SECRET)
    with pytest.raises(SecretError, match="5 bytes") as caught:
        Secret(b"short")
    assert "short" not in str(caught.value).replace("shorter", "")


def test_a_secret_comes_from_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"a secret for the tests alone\n")
    path.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        Secret.from_file(path)
    path.chmod(0o600)
    assert Secret.from_file(path).key("x") == SECRET.key("x")
    with pytest.raises(SecretError, match="Write the secret there"):
        Secret.from_file(tmp_path / "none")


def test_record_keys_belong_to_the_device() -> None:
    keys = record_keys(np.array([5, 9, 5]), SECRET)
    assert keys[0] == keys[2] != keys[1]
    assert keys.tolist() != hashed(pa.array([5, 9, 5]), period="")
