"""HTTP signatures: what is signed, and what a signed request claims.

Written: draft-cavage-http-signatures-12 with rsa-sha256, as the whole federation reads it.  Read: that, and RFC 9421
(HTTP Message Signatures) with the components that ActivityPub servers use.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

PAST: Final = timedelta(hours=12)
"""A request may be this old: a queue that was stuck for a night still gets through."""
FUTURE: Final = timedelta(hours=1)
"""Clocks may differ by so much."""
_PARAMETER = re.compile(r'\s*([a-zA-Z]+)\s*=\s*(?:"([^"]*)"|(\d+))\s*(?:,|$)')
_INPUT = re.compile(
    r'\s*([a-z*][a-z0-9_.*-]*)\s*=\s*(\(([^()]*)\)((?:\s*;\s*[a-z*][a-z0-9_.*-]*(?:=(?:"[^"]*"|[^;,"\s]*))?)*))'
)
_COMPONENT = re.compile(r'"([^"\\]{1,80})"')
_SIGNED = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)\s*=\s*:([A-Za-z0-9+/=]+):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")
ALGORITHMS: Final = frozenset({"", "rsa-sha256", "hs2019", "rsa-v1_5-sha256", "ed25519"})


class SignatureRefused(Exception):
    """A request is not signed as it must be; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came in."""

    method: str
    target: str
    """Path with query, as sent."""
    host: str
    scheme: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says: this key signed these bytes."""

    key_id: str
    data: bytes
    signature: bytes


def digest_of(body: bytes) -> str:
    """The ``Digest`` header of a body."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed_headers(
    method: str,
    url: str,
    *,
    key_id: str,
    sign: Callable[[bytes], bytes],
    now: datetime,
    body: bytes = b"",
    content_type: str = "",
) -> dict[str, str]:
    """The headers that sign a request (draft-cavage-12): ``Date``, ``Signature``, and ``Digest`` for a body.

    ``Host`` is left to the client; it must be the host (and unusual port) of ``url``.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    usual = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    headers = {"Host": parts.netloc.removesuffix(usual), "Date": format_datetime(now.astimezone(UTC), usegmt=True)}
    if method == "POST":
        headers["Digest"] = digest_of(body)
    if content_type:
        headers["Content-Type"] = content_type
    names = ["(request-target)", *(name.lower() for name in headers)]
    lines = [f"(request-target): {method.lower()} {target}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    signature = base64.b64encode(sign("\n".join(lines).encode())).decode()
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(names)}",signature="{signature}"'
    )
    del headers["Host"]
    return headers


def claim_of(request: Signed, *, now: datetime) -> Claim:
    """What the signature of a request claims, once body, date and covered parts are right.

    Whether the key really signed is for the caller to ask.  Raises :class:`SignatureRefused`.
    """
    if "signature-input" in request.headers:
        return _rfc9421(request, now)
    if "signature" in request.headers:
        return _cavage(request, now)
    raise SignatureRefused("The request is not signed.")


def _check_age(at: datetime, now: datetime) -> None:
    if not now - PAST <= at <= now + FUTURE:
        raise SignatureRefused("The date of the request is more than 12 hours old, or ahead of time.")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureRefused("The signature is no base64.") from error


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SignatureRefused("A time of the signature cannot be read.") from error


# ---------------------------------------------------------------------- draft-cavage-http-signatures-12


def _cavage(request: Signed, now: datetime) -> Claim:
    told = {name: quoted or number for name, quoted, number in _PARAMETER.findall(request.headers["signature"])}
    if not told.get("keyId") or not told.get("signature"):
        raise SignatureRefused("The signature names no key, or is empty.")
    if told.get("algorithm", "").lower() not in ALGORITHMS:
        raise SignatureRefused("This algorithm is not understood; use rsa-sha256.")
    names = told.get("headers", "date").lower().split()
    wanted = {"(request-target)", "host"} | ({"digest"} if request.method == "POST" else set())
    if missing := sorted(wanted - set(names)):
        raise SignatureRefused(f"The signature must cover {', '.join(missing)}.")
    if "(created)" in names:
        _check_age(_moment(told.get("created", "")), now)
    elif "date" in names:
        _check_age(_date(request), now)
    else:
        raise SignatureRefused("The signature must cover date or (created).")
    if told.get("expires") and _moment(told["expires"]) < now:
        raise SignatureRefused("The signature has expired.")
    if request.method == "POST":
        _check_digest(request)
    lines = [f"{name}: {_cavage_value(name, request, told)}" for name in names]
    return Claim(told["keyId"], "\n".join(lines).encode(), _bytes(told["signature"]))


def _cavage_value(name: str, request: Signed, told: Mapping[str, str]) -> str:
    if name == "(request-target)":
        return f"{request.method.lower()} {request.target}"
    if name in {"(created)", "(expires)"}:
        return told.get(name[1:-1], "")
    if name == "host":
        return request.host
    if name not in request.headers:
        raise SignatureRefused(f"The signature covers the header {name[:40]}, which is not there.")
    return request.headers[name].strip()


def _date(request: Signed) -> datetime:
    try:
        found = parsedate_to_datetime(request.headers.get("date", ""))
    except (TypeError, ValueError) as error:
        raise SignatureRefused("The Date header cannot be read.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _check_digest(request: Signed) -> None:
    for part in request.headers.get("digest", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.upper() == "SHA-256":
            if _bytes(value) == hashlib.sha256(request.body).digest():
                return
            raise SignatureRefused("The body is not the one of the digest.")
    raise SignatureRefused("There is no SHA-256 digest of the body.")


# ---------------------------------------------------------------------- RFC 9421


def _rfc9421(request: Signed, now: datetime) -> Claim:
    signatures = dict(_SIGNED.findall(request.headers.get("signature", "")))
    for label, members, inside, rest in _INPUT.findall(request.headers["signature-input"]):
        if label in signatures:
            return _claim_9421(request, members, inside, rest, signatures[label], now)
    raise SignatureRefused("Signature-Input and Signature name no common label.")


def _claim_9421(request: Signed, members: str, inside: str, rest: str, signature: str, now: datetime) -> Claim:
    names = _COMPONENT.findall(inside)
    if not names or " ".join(f'"{name}"' for name in names) != " ".join(inside.split()):
        raise SignatureRefused("Components with parameters are not understood.")
    told = dict(re.findall(r';\s*([a-z]+)="?([^";]*)"?', rest))
    if not told.get("keyid") or not told.get("created"):
        raise SignatureRefused("The signature must name keyid and created.")
    if told.get("alg", "") not in ALGORITHMS:
        raise SignatureRefused("This algorithm is not understood; use rsa-v1_5-sha256.")
    covered = set(names)
    if "@method" not in covered or not ("@target-uri" in covered or {"@authority", "@path"} <= covered):
        raise SignatureRefused("The signature must cover @method and @target-uri (or @authority and @path).")
    _check_age(_moment(told["created"]), now)
    if told.get("expires") and _moment(told["expires"]) < now:
        raise SignatureRefused("The signature has expired.")
    if request.method == "POST":
        if "content-digest" not in covered:
            raise SignatureRefused("The signature must cover content-digest.")
        found = _DIGEST.search(request.headers.get("content-digest", ""))
        if not found or _bytes(found[1]) != hashlib.sha256(request.body).digest():
            raise SignatureRefused("The body is not the one of the digest.")
    lines = [f'"{name}": {_value_9421(name, request)}' for name in names]
    lines.append(f'"@signature-params": {members}')
    return Claim(told["keyid"], "\n".join(lines).encode(), _bytes(signature))


def _value_9421(name: str, request: Signed) -> str:
    path, _, query = request.target.partition("?")
    derived = {
        "@method": request.method,
        "@target-uri": f"{request.scheme}://{request.host}{request.target}",
        "@authority": request.host.lower(),
        "@scheme": request.scheme,
        "@request-target": request.target,
        "@path": path,
        "@query": f"?{query}",
    }
    if name in derived:
        return derived[name]
    if name == "host":
        return request.host
    if name.startswith("@") or name not in request.headers:
        raise SignatureRefused(f"The signature covers {name[:40]}, which is not there.")
    return request.headers[name].strip()
