"""The keys of the door: device identifiers are replaced by keyed hashes before anything of them is kept.

The key is derived from a secret and a period (a month, say).  Within a period one device is one number, so that its stays
can be found; across periods it is another, so that nobody can be followed for longer, not by us either.  Nothing here logs,
and no error repeats an identifier.  The hash itself is ``hashing.through``, the only one for all ways in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
SHORTEST_SECRET = 16
_KEY_BYTES = 32


class SecretError(ValueError):
    """A secret is missing or too short; the message says how to make one and never shows it."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of the door for one period; ``None`` in its place leaves identifiers as they are (for evaluation only)."""

    k0: int
    k1: int

    def __repr__(self) -> str:
        return "Key(…)"


class Secret:
    """A secret that does not show itself: not in ``repr``, not in a format string, not in a pickle.

    Raises:
        SecretError: if it is shorter than 16 bytes.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if len(value) < SHORTEST_SECRET:
            raise SecretError(
                f"The secret has {len(value)} bytes; it needs {SHORTEST_SECRET} or more. "
                "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'."
            )
        self._value = bytes(value)

    @classmethod
    def from_file(cls, path: Path) -> Secret:
        """The secret in a file, without the line's end.

        Raises:
            SecretError: if there is no such file, or others may read it, or it is too short.
        """
        try:
            mode, value = path.stat().st_mode, path.read_bytes().strip()
        except OSError as error:
            raise SecretError(f"{path}: {error.strerror}. Write the secret there, readable by you alone.") from None
        if mode & 0o077:
            raise SecretError(f"{path} can be read by others. Run: chmod 600 {path}.")
        return cls(value)

    @classmethod
    def random(cls) -> Secret:
        """A new one, for a run that need not be repeatable."""
        return cls(secrets.token_bytes(_KEY_BYTES))

    def key(self, purpose: str, period: str = "") -> bytes:
        """32 bytes that serve one purpose in one period; neither the secret nor another key follows from them."""
        message = f"allmende/flows/{purpose}/{period}".encode()
        return hashlib.blake2b(message, digest_size=_KEY_BYTES, key=hashlib.blake2b(self._value).digest()).digest()

    def device_key(self, period: str = "") -> Key:
        """The key under which identifiers of a period are hashed."""
        raw = self.key("device", period)
        return Key(int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:16], "little"))

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not written to a file or sent to another process: pass the derived key.")


def _hashed(values: list[bytes], key: bytes) -> Ints:
    blake2b = hashlib.blake2b
    digests = b"".join([blake2b(value, digest_size=8, key=key).digest() for value in values])
    return (np.frombuffer(digests, dtype="<u8") >> np.uint64(1)).astype(np.int64)


def record_keys(devices: Ints, secret: Secret) -> Ints:
    """The record key of each device for the cell-key method: 0 to 2**63 - 1, evenly spread.

    A cell's key is the sum over its *different* devices, modulo 2**63 (``(a + b) & CELL_KEY_MASK``): the same people give
    the same key in any table, and so the same noise.
    """
    return record_keys_by(secret.key("record"), devices)


def record_keys_by(key: bytes, devices: Ints) -> Ints:
    """The same with the derived key, ``secret.key("record")``, which may be passed on."""
    different, where = np.unique(devices, return_inverse=True)
    values = [number.to_bytes(8, "little", signed=True) for number in different.tolist()]
    return _hashed(values, key)[where]


CELL_KEY_MASK = (1 << 63) - 1
"""Cell keys are kept below 2**63 with this."""


__all__ = ["CELL_KEY_MASK", "Key", "Secret", "SecretError", "record_keys", "record_keys_by"]
