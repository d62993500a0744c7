"""HTTP signatures: the published vectors, and what is refused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allmende.federation import keys
from allmende.federation.signatures import SignatureRefused, Signed, claim_of, digest_of, signed_headers

# draft-cavage-http-signatures-12, appendix C.
DRAFT_KEY = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
DRAFT_TIME = datetime(2014, 1, 5, 21, 31, 40, tzinfo=UTC)
BASIC = (
    "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nn"
    "div/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="
)
ALL = (
    "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaER"
    "ZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="
)


def draft(names: str, signature: str, method: str = "POST", **more: str) -> Signed:
    return Signed(
        method,
        "/foo?param=value&pet=dog",
        "example.com",
        "https",
        {
            "date": "Sun, 05 Jan 2014 21:31:40 GMT",
            "content-type": "application/json",
            "digest": "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
            "content-length": "18",
            "signature": f'keyId="Test",algorithm="rsa-sha256",headers="{names}",signature="{signature}"',
        }
        | more,
        b'{"hello": "world"}',
    )


def is_genuine(request: Signed, pem: str, now: datetime) -> bool:
    claim = claim_of(request, now=now)
    return keys.is_signed_by(pem, claim.data, claim.signature)


def test_the_vectors_of_the_draft() -> None:
    everything = "(request-target) host date content-type digest content-length"
    assert is_genuine(draft(everything, ALL), DRAFT_KEY, DRAFT_TIME)
    assert not is_genuine(draft(everything, BASIC), DRAFT_KEY, DRAFT_TIME)
    assert claim_of(draft(everything, ALL), now=DRAFT_TIME).key_id == "Test"
    # C.2 covers no digest, so it is good for a GET only; the line that names the method differs then.
    got = claim_of(draft("(request-target) host date", BASIC, "GET"), now=DRAFT_TIME)
    assert keys.is_signed_by(DRAFT_KEY, got.data.replace(b": get ", b": post "), got.signature)


def test_the_vector_of_rfc_9421() -> None:
    """Appendix B.2.6: Ed25519."""
    pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n"
    signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        '"content-type": application/json\n"content-length": 18\n'
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    assert keys.is_signed_by(pem, base.encode(), base64.b64decode(signature))
    request = Signed(
        "GET",
        "/foo?param=Value&Pet=dog",
        "example.com",
        "https",
        {
            "date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type": "application/json",
            "content-length": "18",
            "signature-input": 'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
            ';created=1618884473;keyid="test-key-ed25519"',
            "signature": f"sig-b26=:{signature}:",
        },
    )
    claim = claim_of(request, now=datetime.fromtimestamp(1618884473, UTC))
    assert claim.key_id == "test-key-ed25519"
    assert claim.data.replace(b'"@method": GET', b'"@method": POST') == base.encode()


NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
BODY = b'{"type": "Create"}'
PRIVATE, PUBLIC = keys.make_keys("secret")


def sign(data: bytes) -> bytes:
    return keys.sign(PRIVATE, "secret", data)


def ours(method: str = "POST", **more: Any) -> Signed:
    url = "https://other.example.org/inbox?x=1"
    body = BODY if method == "POST" else b""
    headers = signed_headers(method, url, key_id="https://r.example.org/a#k", sign=sign, now=NOW, body=body)
    told = {name.lower(): value for name, value in headers.items()}
    return replace(Signed(method, "/inbox?x=1", "other.example.org", "https", told, body), **more)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_we_sign_is_understood(method: str) -> None:
    assert is_genuine(ours(method), PUBLIC, NOW + timedelta(hours=11))


def test_what_is_changed_on_the_way_is_noticed() -> None:
    assert not is_genuine(ours(target="/other"), PUBLIC, NOW)
    assert not is_genuine(ours(host="elsewhere.example.org"), PUBLIC, NOW)
    assert not is_genuine(replace(ours(), method="PUT"), PUBLIC, NOW)
    with pytest.raises(SignatureRefused, match="not the one of the digest"):
        claim_of(ours(body=BODY + b" "), now=NOW)


def test_what_is_too_old_or_ahead_of_time_is_refused() -> None:
    for off in (timedelta(hours=13), timedelta(hours=-2)):
        with pytest.raises(SignatureRefused, match="12 hours"):
            claim_of(ours(), now=NOW + off)


def with_signature(**changes: tuple[str, str]) -> Signed:
    request = ours()
    headers = dict(request.headers)
    for old, new in changes.values():
        headers["signature"] = headers["signature"].replace(old, new)
    return replace(request, headers=headers)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (" digest", "", "must cover digest"),
        ("host ", "", "must cover host"),
        ("(request-target) ", "", "must cover .request-target"),
        (" date", "", "date or"),
        ("rsa-sha256", "hmac-sha256", "not understood"),
        ('keyId="https://r.example.org/a#k"', 'keyId=""', "names no key"),
        (" digest", " digest x-more", "not there"),
        ('algorithm=', 'expires=1000,algorithm=', "expired"),
    ],
)  # fmt: skip
def test_a_signature_that_covers_too_little_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(SignatureRefused, match=says):
        claim_of(with_signature(one=(old, new)), now=NOW)


def test_a_request_without_signature_or_digest_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="not signed"):
        claim_of(replace(ours(), headers={}), now=NOW)
    request = ours()
    headers = {name: value for name, value in request.headers.items() if name != "digest"}
    with pytest.raises(SignatureRefused, match="no SHA-256 digest"):
        claim_of(replace(request, headers=headers), now=NOW)
    with pytest.raises(SignatureRefused, match="base64"):
        claim_of(replace(request, headers=dict(request.headers) | {"digest": "SHA-256=???"}), now=NOW)


def message_signature(components: str, body: bytes = BODY, **more: str) -> Signed:
    """RFC 9421 as Mastodon sends it: rsa-v1_5-sha256 with content-digest."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    params = f'({components});created={int(NOW.timestamp())};keyid="https://r.example.org/a#k"'
    values = {
        "@method": "POST",
        "@target-uri": "https://other.example.org/inbox?x=1",
        "@authority": "other.example.org",
        "@path": "/inbox",
        "content-digest": f"sha-256=:{digest}:",
    }
    lines = [f'"{name}": {values[name]}' for name in components.replace('"', "").split()]
    data = "\n".join([*lines, f'"@signature-params": {params}'])
    headers = {
        "content-digest": values["content-digest"],
        "signature-input": f"sig1={params}",
        "signature": f"sig1=:{base64.b64encode(sign(data.encode())).decode()}:",
    } | more
    return Signed("POST", "/inbox?x=1", "other.example.org", "https", headers, BODY)


def test_message_signatures_are_understood() -> None:
    assert is_genuine(message_signature('"@method" "@target-uri" "content-digest"'), PUBLIC, NOW)
    assert is_genuine(message_signature('"@method" "@authority" "@path" "content-digest"'), PUBLIC, NOW)
    with pytest.raises(SignatureRefused, match="content-digest"):
        claim_of(message_signature('"@method" "@target-uri"'), now=NOW)
    with pytest.raises(SignatureRefused, match="@target-uri"):
        claim_of(message_signature('"@method" "content-digest"'), now=NOW)
    with pytest.raises(SignatureRefused, match="12 hours"):
        claim_of(message_signature('"@method" "@target-uri" "content-digest"'), now=NOW + timedelta(hours=13))
    with pytest.raises(SignatureRefused, match="not the one of the digest"):
        claim_of(message_signature('"@method" "@target-uri" "content-digest"', b"other"), now=NOW)


def test_the_private_key_opens_with_the_secret_alone() -> None:
    assert "ENCRYPTED" in PRIVATE
    with pytest.raises(keys.KeyLost, match="--rotate-key"):
        keys.sign(PRIVATE, "another secret", b"x")


def test_weak_keys_and_what_is_no_key_are_not_taken() -> None:
    assert keys.is_strong(PUBLIC)
    assert not keys.is_strong(DRAFT_KEY)  # 1024 bits
    assert not keys.is_strong("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    assert not keys.is_strong(PUBLIC + " " * 9000)
    assert digest_of(b"") == "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
