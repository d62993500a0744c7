"""The only code that knows cryptography: the region's key pair, signatures, and the public keys of others."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from django.utils.crypto import salted_hmac

BITS: Final = 2048
"""Length of our own key: what every program of the federation reads."""
LEAST_BITS: Final = 2048
LONGEST_PEM: Final = 8000


class KeyLost(Exception):
    """The private key cannot be read with this installation's secret key."""


def _passphrase(secret: str) -> bytes:
    return salted_hmac("allmende.federation.key", "private", secret=secret, algorithm="sha256").hexdigest().encode()


def make_keys(secret: str) -> tuple[str, str]:
    """A new key pair as PEM: the private key encrypted with what follows from ``secret``, the public one."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    hidden = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_passphrase(secret)),
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hidden.decode(), public.decode()


@lru_cache(maxsize=4)
def _private(pem: str, secret: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), _passphrase(secret))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyLost(
            "The federation's private key cannot be read: the secret key of this installation is another one than when "
            "it was made. Bring the old secret key back, or make a new pair with `allmende federation --rotate-key`."
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyLost("The federation's private key is no RSA key.")
    return key


def sign(pem: str, secret: str, data: bytes) -> bytes:
    """The rsa-sha256 signature (PKCS #1 v1.5) of ``data``; raises :class:`KeyLost`."""
    return _private(pem, secret).sign(data, padding.PKCS1v15(), hashes.SHA256())


@lru_cache(maxsize=256)
def _public(pem: str) -> rsa.RSAPublicKey | ed25519.Ed25519PublicKey | None:
    if len(pem) > LONGEST_PEM:
        return None
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ed25519.Ed25519PublicKey) else None


def is_strong(pem: str) -> bool:
    """Whether a public key can be used and is long enough."""
    key = _public(pem)
    return key is not None and (not isinstance(key, rsa.RSAPublicKey) or key.key_size >= LEAST_BITS)


def is_signed_by(pem: str, data: bytes, signature: bytes) -> bool:
    """Whether the owner of a public key signed ``data``: rsa-sha256, or Ed25519."""
    key = _public(pem)
    if key is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
