"""A passkey in software: what a phone does, with real keys and signatures (WebAuthn level 2, attestation "none")."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class SoftKey:
    """One passkey for one site."""

    def __init__(self, rp_id: str = "testserver") -> None:
        self.rp_id = rp_id
        self.id = secrets.token_bytes(32)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.user_handle = b""
        self.flags = PRESENT | VERIFIED
        self.origin = f"https://{rp_id}"

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}).encode()

    def _authenticator_data(self, more: bytes = b"", flags: int = 0) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([self.flags | flags]) + (0).to_bytes(4, "big") + more

    def _answer(self, **response: bytes) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": {key: websafe_encode(value) for key, value in response.items()},
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to the question for a new passkey."""
        told = options["publicKey"]
        self.user_handle = websafe_decode(told["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._authenticator_data(attested, ATTESTED)
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=self._client_data("create", told["challenge"]), attestationObject=statement)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to the question for a passkey."""
        client, data = self._client_data("get", options["publicKey"]["challenge"]), self._authenticator_data()
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.user_handle
        )
