"""Each attack on a server that fetches what others name, played over real sockets."""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import brotli
import pytest

from allmende.core.fetch import AddressRefused, Bounds, Fetched, FetchFailed, fetch, named, parse_allow, request
from tests.core.fetch.attacker import Attacker, answer, attacker, moves, says

SMALL = Bounds(seconds=5, idle_seconds=2, size=2_000_000, redirects=3)
Certified = Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]


class Names:
    """A name server of our own; asked again it may say something else."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): iter(said) for name, said in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        try:
            return next(self.answers[host])
        except (KeyError, StopIteration):
            raise OSError(host) from None


def take(world: Attacker, path: str, tmp_path: Path, *, bounds: Bounds = SMALL, **options: Any) -> Fetched:
    """Fetch from the attacker, who alone is allowed."""
    allow = options.pop("allow", parse_allow(f"127.0.0.1:{world.port}"))
    return fetch(world.url + path, tmp_path / "got", bounds=bounds, allow=allow, **options)


def test_nothing_inside_is_asked_unless_it_is_allowed(world: Attacker, tmp_path: Path) -> None:
    world.plays["/x"] = says(answer(body=b"secret"))
    with pytest.raises(AddressRefused, match="not in the public internet"):
        take(world, "/x", tmp_path, allow=())
    assert world.asked == []
    assert take(world, "/x", tmp_path).size == 6


def test_a_name_that_leads_inside_is_refused(world: Attacker, tmp_path: Path) -> None:
    for inner in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%lo", "fd00::1"):
        with pytest.raises(AddressRefused, match="not in the public internet"):
            fetch("http://evil.example/", tmp_path / "got", resolve=Names(evil_example=[[inner]]))
    assert world.asked == []


def test_a_name_that_changes_its_mind_is_asked_once(world: Attacker, tmp_path: Path) -> None:
    """DNS rebinding: the first answer may be asked, the second must not be, and nobody listens to it."""
    names = Names(evil_example=[["127.0.0.1"], ["127.0.0.2"]])
    world.plays["/x"] = says(answer(body=b"first"))
    allow = parse_allow(f"127.0.0.1:{world.port}")
    fetch(f"http://evil.example:{world.port}/x", tmp_path / "got", allow=allow, resolve=names)
    assert names.asked == ["evil.example"]
    assert b"\r\nHost: evil.example:" in world.asked[0]


def test_a_name_is_judged_again_after_each_redirect(world: Attacker, tmp_path: Path) -> None:
    names = Names(evil_example=[["127.0.0.1"], ["127.0.0.2"]])
    world.plays["/x"] = moves("/y")
    with pytest.raises(AddressRefused, match="not in the public internet"):
        fetch(
            f"http://evil.example:{world.port}/x",
            tmp_path / "got",
            allow=parse_allow(f"127.0.0.1:{world.port}"),
            resolve=names,
        )
    assert (names.asked, world.paths) == (["evil.example"] * 2, ["/x"])


@pytest.mark.parametrize(
    "where",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "data:text/plain,x",
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::1]/",
        "http://127.0.0.2/",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://127。0。0。2/",
        "http://１２７.0.0.2/",
        "http://[fe80::1%25eth0]/",
        "http://localhost/",
        "http://localhost./",
        "//127.0.0.2/x",
        "http://user:word@127.0.0.2/",
        "http://example.org\\@127.0.0.2/",
        "http://127.0.0.2#@example.org/",
        "http://[",
        "http://x:0/",
        "http://x:99999/",
    ],
)
def test_a_redirect_out_of_the_public_web_is_refused(world: Attacker, tmp_path: Path, where: str) -> None:
    world.plays["/away"] = moves(where)
    with pytest.raises(AddressRefused):
        take(world, "/away", tmp_path)
    assert world.paths == ["/away"]
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://h/x", "/etc/passwd", "http:///x", "http://u:p@h/", "http://a\nb/", ""]
)
def test_what_is_no_address_of_the_web_is_refused_before_anything_is_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(AddressRefused):
        fetch(address, tmp_path / "got", resolve=Names())


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(AddressRefused) as refused:
        fetch("https://anna:geheim@example.org/x", tmp_path / "got", resolve=Names())
    assert "geheim" not in str(refused.value)
    assert "anna" not in str(refused.value)


def test_redirects_end(world: Attacker, tmp_path: Path) -> None:
    world.plays |= {"/a": moves("/b"), "/b": moves("/a"), "/self": moves("/self")}
    world.plays |= {f"/{n}": moves(f"/{n + 1}") for n in range(9)}
    with pytest.raises(FetchFailed, match="in a circle"):
        take(world, "/a", tmp_path)
    with pytest.raises(FetchFailed, match="in a circle"):
        take(world, "/self", tmp_path)
    with pytest.raises(FetchFailed, match="redirects more than 3 times"):
        take(world, "/0", tmp_path)
    world.plays["/6"] = says(answer(body=b"there"))
    assert take(world, "/3", tmp_path) == Fetched(200, f"{world.url}/6", 5)


def test_a_redirect_from_https_to_http_is_refused(world: Attacker, tmp_path: Path, certified: Certified) -> None:
    shown, trusted = certified("safe.example")
    with attacker(shown) as safe:
        safe.plays["/x"] = moves(f"{world.url}/x")
        with pytest.raises(AddressRefused, match="which is not encrypted"):
            fetch(
                f"https://safe.example:{safe.port}/x",
                tmp_path / "got",
                allow=parse_allow("127.0.0.1:*"),
                resolve=lambda *_: ["127.0.0.1"],
                tls=trusted,
            )
    assert world.asked == []


def test_a_certificate_must_be_of_the_host_that_was_named(tmp_path: Path, certified: Certified) -> None:
    shown, trusted = certified("safe.example")
    with attacker(shown) as safe:
        safe.plays["/x"] = says(answer(body=b"safe"))

        def ask(host: str, **options: Any) -> Fetched:
            allow = parse_allow("127.0.0.1:*")
            address = f"https://{host}:{safe.port}/x"
            return fetch(address, tmp_path / "got", allow=allow, resolve=lambda *_: ["127.0.0.1"], **options)

        assert ask("safe.example", tls=trusted).size == 4
        for host in ("other.example", "127.0.0.1"):
            with pytest.raises(FetchFailed, match="certificate"):
                ask(host, tls=trusted)
        with pytest.raises(FetchFailed, match="certificate"):
            ask("safe.example")  # an authority that nobody trusts
        assert len(safe.asked) == 1


def drips(head: bytes, piece: bytes, seconds: float = 0.1) -> Callable[[socket.socket, bytes], None]:
    def play(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head)
        with suppress(OSError):
            for _ in range(200):
                connection.sendall(piece)
                time.sleep(seconds)

    return play


@pytest.mark.parametrize(
    "play",
    [
        drips(b"", b"H"),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"", mtime=0)[:10], b""),
        drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
    ids=["first line", "headers", "body", "chunks", "nothing inside", "hints without end"],
)
def test_a_server_that_drips_gets_its_time_and_no_more(world: Attacker, tmp_path: Path, play: Any) -> None:
    world.plays["/slow"] = play
    before = time.monotonic()
    with pytest.raises(FetchFailed, match=r"took longer than 1 seconds|no answer in time"):
        take(world, "/slow", tmp_path, bounds=Bounds(seconds=1, idle_seconds=5))
    assert time.monotonic() - before < 2.5
    assert not (tmp_path / "got").exists()


def test_a_silent_server_is_left_before_the_time_is_over(world: Attacker, tmp_path: Path) -> None:
    world.plays["/silent"] = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", b"", 0.05)
    before = time.monotonic()
    with pytest.raises(FetchFailed, match="no answer in time"):
        take(world, "/silent", tmp_path, bounds=Bounds(seconds=30, idle_seconds=0.5))
    assert time.monotonic() - before < 5


def test_a_body_without_end_is_cut_off(world: Attacker, tmp_path: Path) -> None:
    def endless(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            for _ in count():
                connection.sendall(b"x" * 65536)

    world.plays["/endless"] = endless
    with pytest.raises(FetchFailed, match="larger than 1 MB"):
        take(world, "/endless", tmp_path)
    assert not (tmp_path / "got").exists()


def test_a_body_that_says_it_is_too_large_is_not_read(world: Attacker, tmp_path: Path) -> None:
    world.plays["/large"] = says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    with pytest.raises(FetchFailed, match="larger than 1 MB"):
        take(world, "/large", tmp_path)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 1000", b"x" * 10),
        ("Content-Length: 10\r\nContent-Length: 12", b"x" * 12),
        ("Content-Length: -1", b"x"),
        ("Content-Length: ten", b"x"),
        ("Transfer-Encoding: chunked", b"5\r\nab"),
        ("Transfer-Encoding: chunked", b"zz\r\nab\r\n"),
        ("Transfer-Encoding: gzip", b"x"),
    ],
)
def test_lengths_that_lie_are_noticed(world: Attacker, tmp_path: Path, head: str, body: bytes) -> None:
    world.plays["/liar"] = says(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
    with pytest.raises(FetchFailed, match="could not be fetched"):
        take(world, "/liar", tmp_path)
    assert not (tmp_path / "got").exists()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("packing", "body", "reason"),
    [
        ("gzip", lambda: gzip.compress(b"\0" * 30_000_000, mtime=0), "more than 200 times its size"),
        ("x-gzip", lambda: gzip.compress(gzip.compress(b"\0" * 30_000_000) * 40, mtime=0), "larger than|more than 200 times"),
        ("gzip", lambda: gzip.compress(b"\0" * 900_000, mtime=0) * 40, "more than 200 times its size"),
        ("gzip", lambda: gzip.compress(bytes(range(256)) * 64 + b"0123456789" * 300_000), "larger than 1 MB|more than 200 times"),
        ("deflate", lambda: zlib.compress(b"\0" * 30_000_000), "packed as deflate, which was not asked for"),
        ("deflate", lambda: raw_deflate(b"\0" * 30_000_000), "packed as deflate"),
        ("br", lambda: brotli.compress(b"\0" * 30_000_000), "packed as br"),
        ("gzip, gzip", lambda: gzip.compress(gzip.compress(b"\0" * 30_000_000), mtime=0), "packed as gzip, gzip"),
        ("zstd", lambda: b"x", "packed as zstd"),
        ("gzip", lambda: b"no gzip at all", "cannot be read"),
        ("gzip", lambda: gzip.compress(b"hello" * 1000, mtime=0)[:-9], "breaks off"),
    ],
)  # fmt: skip
def test_packed_bombs_are_not_unpacked(
    world: Attacker, tmp_path: Path, packing: str, body: Callable[[], bytes], reason: str
) -> None:
    world.plays["/bomb"] = says(answer("200 OK", body(), f"Content-Encoding: {packing}"))
    with pytest.raises(FetchFailed, match=reason):
        take(world, "/bomb", tmp_path)
    assert not (tmp_path / "got").exists()


def test_honest_packing_is_unpacked(world: Attacker, tmp_path: Path) -> None:
    body = b"BEGIN:VEVENT\r\n" * 20_000
    world.plays["/packed"] = says(
        answer("200 OK", gzip.compress(body, mtime=0) + gzip.compress(b"END"), "Content-Encoding: gzip")
    )
    assert take(world, "/packed", tmp_path).size == len(body) + 3
    assert (tmp_path / "got").read_bytes() == body + b"END"
    assert b"\r\nAccept-Encoding: gzip\r\n" in world.asked[0]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 100) for n in range(900)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 20_000,
    ],
    ids=["many", "one long", "hints"],
)
def test_floods_of_headers_are_left(world: Attacker, tmp_path: Path, head: bytes) -> None:
    world.plays["/flood"] = says(head)
    with pytest.raises(FetchFailed):
        take(world, "/flood", tmp_path)
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize("reply", [b"", b"\0\xff\x16\x03", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_web_server_is_named_as_a_failure(world: Attacker, tmp_path: Path, reply: bytes) -> None:
    world.plays["/x"] = says(reply)
    with pytest.raises(FetchFailed, match="could not be fetched"):
        take(world, "/x", tmp_path)


def test_validators_travel_and_304_leaves_the_file_alone(world: Attacker, tmp_path: Path) -> None:
    world.plays["/feed"] = says(answer("200 OK", b"new", 'ETag: "a"', "Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT"))
    first = take(world, "/feed", tmp_path)
    assert (first.etag, first.last_modified, first.content_type) == ('"a"', "Mon, 01 Jun 2026 10:00:00 GMT", "")
    world.plays["/feed"] = says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    again = take(world, "/feed", tmp_path, etag=first.etag, last_modified=first.last_modified)
    assert again.not_modified
    assert (again.etag, again.last_modified, again.size) == (first.etag, first.last_modified, 0)
    assert (tmp_path / "got").read_bytes() == b"new"
    assert b'\r\nIf-None-Match: "a"\r\nIf-Modified-Since: Mon, 01 Jun 2026 10:00:00 GMT\r\n' in world.asked[1]


def test_304_that_nobody_asked_for_is_a_failure(world: Attacker, tmp_path: Path) -> None:
    world.plays["/feed"] = says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    with pytest.raises(FetchFailed, match="answered 304 Not Modified"):
        take(world, "/feed", tmp_path)


def test_a_failure_carries_status_and_when_to_come_back(world: Attacker, tmp_path: Path) -> None:
    world.plays["/busy"] = says(answer("503 Go Away <script>", b"", "Retry-After: 120"))
    with pytest.raises(FetchFailed) as failed:
        take(world, "/busy", tmp_path)
    assert (failed.value.status, failed.value.retry_after) == (503, "120")
    assert str(failed.value) == f"{world.url}/busy answered 503 Service Unavailable."


def test_a_stream_takes_a_delivery_too(world: Attacker) -> None:
    world.plays["/x"] = says(b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\nuntil the end")
    out = io.BytesIO()
    got = fetch(f"{world.url}/x", out, allow=[named(world.url)])
    assert (got.size, got.content_type, out.getvalue()) == (13, "text/calendar", b"until the end")


@pytest.fixture
def elsewhere() -> Iterator[Attacker]:
    with attacker() as other:
        yield other


def test_keys_do_not_follow_a_redirect_to_another_host(world: Attacker, elsewhere: Attacker) -> None:
    elsewhere.plays["/x"] = says(answer(body=b"mine now"))
    world.plays |= {"/near": moves("/far"), "/far": moves(f"{elsewhere.url}/x")}
    headers = {"Authorization": "Bearer key", "Signature": "abc", "Cookie": "a=b", "Accept": "application/json"}
    got = request("GET", f"{world.url}/near", headers=headers, allow=parse_allow("127.0.0.1:*"))
    assert got.final_url == f"{elsewhere.url}/x"
    assert all(b"Bearer key" in asked for asked in world.asked)
    head = elsewhere.asked[0].lower()
    assert b"accept: application/json" in head
    assert not any(word in head for word in (b"authorization", b"signature", b"cookie"))


def test_what_is_posted_goes_nowhere_else(world: Attacker, elsewhere: Attacker) -> None:
    world.plays["/inbox"] = moves(f"{elsewhere.url}/inbox", "307 Temporary Redirect")
    got = request("POST", f"{world.url}/inbox", body=b"{}", allow=parse_allow("127.0.0.1:*"))
    assert (got.status, got.headers["location"], elsewhere.asked) == (307, f"{elsewhere.url}/inbox", [])


def test_a_request_brings_status_headers_and_body(world: Attacker) -> None:
    world.plays["/inbox"] = says(answer("422 No", b'{"error": 1}', "X-A: 1", "X-A: 2"))
    headers = {"Content-Type": "application/json", "Host": "forged.example", "Content-Length": "0"}
    got = request("post", f"{world.url}/inbox", body=b'{"a": 1}', headers=headers, allow=[named(world.url)])
    assert (got.status, got.body, got.headers["x-a"]) == (422, b'{"error": 1}', "1, 2")
    head, _, body = world.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /inbox HTTP/1.1\r\nHost: 127.0.0.1:")
    assert (body, b"forged" in head, head.count(b"Content-Length: 8")) == (b'{"a": 1}', False, 1)


def test_a_header_cannot_be_smuggled_in(world: Attacker) -> None:
    with pytest.raises(FetchFailed):
        request("GET", f"{world.url}/x", headers={"X-A": "1\r\nX-B: 2"}, allow=[named(world.url)])
    assert world.asked == []
