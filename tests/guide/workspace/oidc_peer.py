"""A small OpenID Connect provider on 127.0.0.1: authorization code flow with PKCE, RS256, and every way to get it wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

SECRET = "the guide's own secret"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Peer:
    """What the provider does; a test changes it before somebody goes there."""

    address: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    person: dict[str, Any] = field(default_factory=dict)
    """Who is signed in there: claims."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    """What is told beside the ID token."""
    override: dict[str, Any] = field(default_factory=dict)
    """Claims of the ID token that are changed on the way."""
    signs_with: rsa.RSAPrivateKey | None = None
    algorithm: str = "RS256"
    refuses: bool = False
    is_down: bool = False
    wants_basic: bool = False
    elsewhere: str = ""
    """Where its keys and tokens are said to be, if not here."""
    visits: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    """The last authorization request."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def visit(self, way: str) -> str:
        """A browser goes there, somebody signs in, and it is sent back: the address it is sent to."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *args: Any) -> None:
                return None

        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay).open(way, timeout=5).close()
        except HTTPError as answer:
            with answer:
                return str(answer.headers["Location"])
        raise AssertionError("nobody was sent back")

    def authorize(self, told: dict[str, str]) -> str:
        self.asked = told
        if self.refuses:
            return f"{told['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': told['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = told
        return f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}"

    def token(self, told: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(told["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(told["code_verifier"].encode()).digest()).rstrip(b"=")
        assert asked["code_challenge_method"] == "S256"
        assert challenge.decode() == asked["code_challenge"]
        assert (told.get("client_id"), told.get("client_secret")) == ("guide", SECRET)
        assert told["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {"iss": self.address, "aud": "guide", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        if "max_age" in asked:
            claims["auth_time"] = now
        claims |= self.person | self.override
        key: Any = "" if self.algorithm == "none" else self.signs_with or self.key
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "one"})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def document(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.elsewhere or self.address}/token",
                "jwks_uri": f"{self.elsewhere or self.address}/jwks",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "token_endpoint_auth_methods_supported": [f"client_secret_{'basic' if self.wants_basic else 'post'}"],
            }
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}
        return self.userinfo


@contextmanager
def running() -> Iterator[Peer]:
    """The provider, listening on a free port."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            peer.visits.append(self.path)
            if peer.is_down:
                self.send_error(503)
            elif parts.path == "/authorize":
                self.send_response(302)
                told = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_header("Location", peer.authorize(told))
                self.end_headers()
            else:
                self._json(peer.document(parts.path))

        def do_POST(self) -> None:
            peer.visits.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told = {name: values[0] for name, values in parse_qs(body).items()}
            if peer.wants_basic:
                kind, _, secret = self.headers.get("Authorization", "").partition(" ")
                name, _, password = base64.b64decode(secret).decode().partition(":")
                told |= {"client_id": name, "client_secret": password} if kind == "Basic" else {}
            try:
                self._json(peer.token(told))
            except (AssertionError, KeyError):
                self.send_error(400)

        def _json(self, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
