"""The door: identifiers go in, numbers that say nothing come out."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.door import Secret, SecretError, hash_devices, record_keys

SECRET = Secret(b"a secret for the tests alone")


def test_a_device_is_one_number_within_a_period_and_another_in_the_next() -> None:
    devices = pa.chunked_array([["anna", "bob", "anna"], ["bob"]])
    november, december = (hash_devices(devices, SECRET, month) for month in ("2026-11", "2026-12"))
    assert november.dtype == np.int64
    assert (november >= 0).all()
    assert november[0] == november[2] != november[1] == november[3]
    assert not set(november.tolist()) & set(december.tolist())


def test_a_device_is_the_same_as_number_text_or_dictionary() -> None:
    forms = [
        pa.array([17, 4], pa.int64()),
        pa.array([17, 4], pa.uint32()),
        pa.array(["17", "4"]),
        pa.array(["17", "4"], pa.large_string()),
        pa.array([b"17", b"4"]),
        pa.array(["17", "4"]).dictionary_encode(),
    ]
    hashed = {tuple(hash_devices(form, SECRET, "2026-11").tolist()) for form in forms}
    assert len(hashed) == 1


def test_another_secret_gives_other_numbers() -> None:
    devices = pa.array(["anna"])
    other = Secret(b"another secret, also for tests")
    assert hash_devices(devices, SECRET, "p")[0] != hash_devices(devices, other, "p")[0]


def test_no_devices_are_no_numbers() -> None:
    assert len(hash_devices(pa.array([], pa.string()), SECRET, "p")) == 0
    assert len(record_keys(np.empty(0, np.int64), SECRET)) == 0


def test_a_missing_identifier_is_refused_without_telling_the_others() -> None:
    with pytest.raises(ValueError, match="1 identifiers of devices are missing") as caught:
        hash_devices(pa.array(["anna", None]), SECRET, "p")
    assert "anna" not in str(caught.value)


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
    assert keys.tolist() != hash_devices(pa.array([5, 9, 5]), SECRET, "").tolist()
