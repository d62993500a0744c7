"""What stands in front of Django: finished pages, packing, files, limits, health."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import brotli
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection

from allmende.core import content
from allmende.core.assets import version
from allmende.core.content import touch_content
from allmende.guide.filters import ORDER
from allmende.site import files
from allmende.site.front import Application, in_front_of
from allmende.site.page_cache import QUERY_NAMES
from tests.conftest import ROOT
from tests.site import pages

pytestmark = pytest.mark.django_db


class Got(NamedTuple):
    """An answer as the browser sees it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def made(self) -> int:
        """How often the page had been made when this copy of it was made."""
        return int(self.text.split()[0])

    @property
    def text(self) -> str:
        packing = self.headers.get("content-encoding", "")
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": lambda body: body}[packing]
        return bytes(unpack(self.body)).decode()


class Site:
    """The application as a server calls it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def get(self, address: str, *, method: str = "GET", body: bytes = b"", **headers: Any) -> Got:
        path, _, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            **({"CONTENT_LENGTH": str(len(body))} if body else {}),
            **headers,
        }
        seen: list[tuple[str, list[tuple[str, str]]]] = []
        answer = self.application(environ, lambda status, headers, *rest: seen.append((status, headers)))
        whole = b"".join(answer)
        close = getattr(answer, "close", None)
        if close:
            close()
        ((status, sent),) = seen
        named = {name.lower(): value for name, value in sent}
        assert len(named) == len(sent), f"a header is sent twice: {sent}"
        if method != "HEAD" and "content-length" in named:
            assert int(named["content-length"]) == len(whole)
        return Got(int(status.split()[0]), named, whole)


@pytest.fixture(scope="module")
def packed_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files, packed once: that takes longer than all the rest."""
    return files.build_static(tmp_path_factory.mktemp("static"))


@pytest.fixture
def site(settings: Any, tmp_path: Path, packed_files: Path) -> Iterator[Site]:
    shutil.copytree(packed_files, tmp_path / packed_files.name)
    settings.ROOT_URLCONF = "tests.site.pages"
    settings.ALLMENDE_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLMENDE_PAGE_CACHE_MB = 1
    pages.made.clear()
    content._seen.clear()
    # As Django's test client does: the end of a request must not close the connection that the test's transaction is on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Site(in_front_of(get_wsgi_application()))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    content._seen.clear()


def test_a_repeat_view_is_answered_from_memory(site: Site) -> None:
    first, second = site.get("/fr/public/"), site.get("/fr/public/")
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert first.body == second.body
    assert pages.made["/public/"] == 1
    assert second.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_change_of_content_renews_the_page(site: Site) -> None:
    site.get("/fr/public/")
    touch_content()
    assert site.get("/fr/public/").made == 2


def test_a_page_is_renewed_after_a_minute(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.get("/fr/public/")
    monkeypatch.setattr("allmende.site.page_cache.FRESH_SECONDS", -1.0)
    assert site.get("/fr/public/").made == 2


@pytest.mark.parametrize("cookie", ["sessionid=abc", "a=b; csrftoken=abc"])
def test_a_visitor_with_a_session_gets_a_page_of_their_own_unpacked(site: Site, cookie: str) -> None:
    site.get("/fr/public/")
    own = site.get("/fr/public/", HTTP_COOKIE=cookie, HTTP_ACCEPT_ENCODING="br, gzip")
    assert own.made == 2
    assert "x-cache" not in own.headers
    assert "content-encoding" not in own.headers
    assert site.get("/fr/public/").made == 1


def test_other_cookies_do_not_matter(site: Site) -> None:
    site.get("/fr/public/")
    assert site.get("/fr/public/", HTTP_COOKIE="favourites=e12.p3").headers["x-cache"] == "hit"


@pytest.mark.parametrize("path", ["/fr/private/", "/fr/with-cookie/", "/fr/by-cookie/", "/fr/missing/"])
def test_what_is_not_for_everyone_is_made_each_time(site: Site, path: str) -> None:
    assert [site.get(path).made for _ in range(3)] == [1, 2, 3]


def test_a_post_goes_through(site: Site) -> None:
    assert [site.get("/fr/public/", method="POST", body=b"x").status for _ in range(2)] == [403, 403]  # no CSRF token


def test_parameters_that_pages_understand_make_pages_of_their_own(site: Site) -> None:
    plain = site.get("/fr/public/")
    music = site.get("/fr/public/?category=music")
    same = site.get("/fr/public/?free=1&category=music")
    turned = site.get("/fr/public/?category=music&free=1")
    assert [plain.made, music.made, same.made, turned.made] == [1, 2, 3, 3]


def test_the_order_of_a_repeated_parameter_is_kept(site: Site) -> None:
    assert site.get("/fr/public/?category=b&category=a").text.split()[2] == "category=b&category=a"


def test_unknown_parameters_neither_fill_the_memory_nor_reach_the_next_visitor(site: Site) -> None:
    site.get("/fr/public/?utm_source=first")  # now the path is known to be public
    assert "utm" not in site.get("/fr/public/?utm_source=evil").text
    assert site.get("/fr/public/?fbclid=2").headers["x-cache"] == "hit"
    assert "utm" not in site.get("/fr/public/").text


def test_unknown_parameters_reach_pages_that_are_not_public(site: Site) -> None:
    assert [site.get(f"/fr/private/?next={n}").text.split()[2] for n in (1, 2)] == ["next=1", "next=2"]


def test_without_a_prefix_each_language_has_its_page(site: Site) -> None:
    german = site.get("/public/", HTTP_ACCEPT_LANGUAGE="de-AT,de;q=0.9")
    french = site.get("/public/", HTTP_ACCEPT_LANGUAGE="fr")
    austrian = site.get("/public/", HTTP_ACCEPT_LANGUAGE="de")
    assert [page.text.split()[1] for page in (german, french, austrian)] == ["de", "fr", "de"]
    assert austrian.headers["x-cache"] == "hit"
    assert austrian.headers["vary"] == "Accept-Encoding, Accept-Language"
    assert site.get("/de/public/").headers["vary"] == "Accept-Encoding"


def test_hosts_do_not_share_pages_and_unknown_hosts_are_refused(site: Site) -> None:
    site.get("/fr/public/")
    assert site.get("/fr/public/", HTTP_HOST="127.0.0.1").made == 2
    assert [site.get("/fr/public/", HTTP_HOST="evil.example").status for _ in range(2)] == [400, 400]


def test_the_packing_is_the_browsers_choice(site: Site) -> None:
    accepted = {"": "", "gzip, deflate": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0, gzip": "gzip", "*": ""}
    answers = {header: site.get("/fr/public/", HTTP_ACCEPT_ENCODING=header) for header in accepted}
    assert {header: got.headers.get("content-encoding", "") for header, got in answers.items()} == accepted
    assert len({got.text for got in answers.values()}) == 1
    assert len({got.headers["etag"] for got in answers.values()}) == 1
    assert pages.made["/public/"] == 1


def test_private_pages_are_packed_for_anonymous_visitors_only(site: Site) -> None:
    packed = site.get("/fr/private/", HTTP_ACCEPT_ENCODING="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    unpacked = site.get("/fr/private/", HTTP_ACCEPT_ENCODING="gzip", HTTP_COOKIE="sessionid=1")
    assert "content-encoding" not in unpacked.headers
    sets_cookie = site.get("/fr/with-cookie/", HTTP_ACCEPT_ENCODING="gzip")
    assert "content-encoding" not in sets_cookie.headers


def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    first = site.get("/fr/public/", HTTP_ACCEPT_ENCODING="br")
    again = site.get("/fr/public/", HTTP_IF_NONE_MATCH=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, max-age=60"
    assert again.headers["vary"] == "Accept-Encoding"
    touch_content()
    assert site.get("/fr/public/", HTTP_IF_NONE_MATCH=first.headers["etag"]).status == 200


def test_head_has_the_headers_of_get_and_no_body(site: Site) -> None:
    for path in ("/fr/public/", "/fr/private/", "/fr/stream/?zoom=50"):
        head, get = site.get(path, method="HEAD"), site.get(path)
        assert head.body == b""
        assert {n: v for n, v in head.headers.items() if n not in {"x-cache", "age", "etag"}} == {
            n: v for n, v in get.headers.items() if n not in {"x-cache", "age", "etag"}
        }


def test_a_stream_is_kept_when_short_and_passed_on_when_long(site: Site) -> None:
    assert [site.get("/fr/stream/?zoom=1").made for _ in range(2)] == [1, 1]
    long = site.get("/fr/stream/?zoom=60", HTTP_ACCEPT_ENCODING="gzip")
    assert len(long.body) > 6_000_000
    assert "content-encoding" not in long.headers


def test_the_memory_is_bounded_and_the_least_used_page_goes_first(site: Site) -> None:
    for n in range(800):
        site.get(f"/fr/public/?q={n}")
        site.get("/fr/public/?q=0")
    assert site.get("/fr/public/?q=0").headers["x-cache"] == "hit"
    assert site.get("/fr/public/?q=799").headers["x-cache"] == "hit"
    assert site.get("/fr/public/?q=1").headers["x-cache"] == "miss"


def test_without_memory_pages_are_made_each_time_and_packed(site: Site, settings: Any) -> None:
    settings.ALLMENDE_PAGE_CACHE_MB = 0
    fresh = Site(in_front_of(get_wsgi_application()))
    got = [fresh.get("/fr/public/", HTTP_ACCEPT_ENCODING="br") for _ in range(2)]
    assert [page.made for page in got] == [1, 2]
    assert got[1].headers["content-encoding"] == "br"


@pytest.mark.django_db(transaction=True)
def test_many_threads_get_whole_pages(site: Site) -> None:
    wrong: list[str] = []

    def visit(number: int) -> None:
        try:
            for n in range(150):
                got = site.get(f"/fr/public/?q={n % 7}", HTTP_ACCEPT_ENCODING=("br", "gzip", "")[n % 3])
                if got.status != 200 or f"q={n % 7}\n" not in got.text:
                    wrong.append(got.text[:80])
                if number == 0 and n % 10 == 0:
                    touch_content()
        finally:
            connection.close()

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_static_files_are_packed_and_kept_for_ever(site: Site) -> None:
    got = site.get(f"/static/{version()}/guide/guide.css", HTTP_ACCEPT_ENCODING="gzip, br")
    assert got.status == 200
    assert got.headers["content-encoding"] == "br"
    assert got.headers["cache-control"].endswith("immutable")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "{" in got.text


def test_a_page_from_before_an_update_still_finds_its_style_sheet(site: Site) -> None:
    got = site.get("/static/0123456789ab/guide/guide.css")
    assert got.status == 200
    assert got.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("path", ["nothing.css", "../../secret-key", "", "guide/", "%2e%2e/secret-key"])
def test_there_is_nothing_else_below_static(site: Site, path: str) -> None:
    assert site.get(f"/static/{version()}/{path}").status == 404


def test_old_static_folders_go(site: Site, tmp_path: Path) -> None:
    (tmp_path / "static-0123456789ab").mkdir()
    kept = files.build_static(tmp_path)
    assert kept.exists()
    kept.rename(tmp_path / "static-ffffffffffff")
    assert [path.name for path in tmp_path.glob("static-*")] != [kept.name]
    files.build_static(tmp_path)
    assert [path.name for path in tmp_path.glob("static-*")] == [kept.name]


def test_pictures_are_served_with_their_type(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "media" / "ab"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef.webp").write_bytes(b"RIFF")
    (folder / "été.png").write_bytes(b"PNG")
    got = site.get("/media/ab/0123456789abcdef.webp")
    assert (got.status, got.body, got.headers["content-type"]) == (200, b"RIFF", "image/webp")
    assert got.headers["cache-control"].endswith("immutable")
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    again = site.get("/media/ab/0123456789abcdef.webp", HTTP_IF_NONE_MATCH=got.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert site.get("/media/ab/été.png".encode().decode("latin-1")).headers["cache-control"] == "public, max-age=3600"
    assert site.get("/media/ab/0123456789abcdef.webp", method="HEAD").body == b""


@pytest.mark.parametrize(
    "path",
    ["../secret-key", "../secret.png", "ab/../../secret.png", "page.html", "link.png", "ab", "", "\0.png", "é.png"],
)
def test_nothing_but_pictures_is_served_below_media(site: Site, tmp_path: Path, path: str) -> None:
    (tmp_path / "media" / "ab").mkdir(parents=True)
    (tmp_path / "secret-key").write_text("secret")
    (tmp_path / "secret.png").write_text("secret")
    (tmp_path / "media" / "page.html").write_text("<script>")
    (tmp_path / "media" / "link.png").symlink_to(tmp_path / "secret-key")
    assert site.get(f"/media/{path}").status == 404


def test_requests_that_are_too_large_are_refused(site: Site) -> None:
    assert site.get("/fr/public/?q=" + "x" * 9000).status == 414
    assert site.get("/fr/body/", method="POST", CONTENT_LENGTH=str(3 * 2**20)).status == 413
    assert site.get("/fr/body/", method="POST", CONTENT_LENGTH="-1").status == 400
    assert site.get("/fr/body/", method="POST", HTTP_TRANSFER_ENCODING="chunked").status == 411
    size = str(3 * 2**20)
    assert site.get("/fr/body/", method="POST", CONTENT_LENGTH=size, HTTP_COOKIE="sessionid=1").status != 413


def test_the_visitor_is_whom_the_proxy_on_this_machine_names(site: Site, settings: Any) -> None:
    claimed: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.9"}
    assert site.get("/fr/visitor/", **claimed).text == "127.0.0.1"  # no public address, so no proxy
    settings.SECURE_PUBLIC = True
    public = Site(in_front_of(get_wsgi_application()))
    assert public.get("/fr/visitor/", **claimed).text == "203.0.113.9"
    assert public.get("/fr/visitor/", **{**claimed, "REMOTE_ADDR": "198.51.100.7"}).text == "198.51.100.7"


def test_health_is_whether_the_database_answers(site: Site) -> None:
    got = site.get("/healthz")
    assert (got.status, got.body, got.headers["cache-control"]) == (200, b"ok\n", "no-store")


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_is_told_and_pages_still_try(site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_contentstamp RENAME TO lost")
    try:
        assert site.get("/healthz").status == 503
        assert [site.get("/fr/public/").made for _ in range(2)] == [1, 2]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE lost RENAME TO core_contentstamp")
    assert site.get("/healthz").status == 200
    assert [site.get("/fr/public/").made for _ in range(2)] == [3, 3]


def _is_behind_sign_in(path: Path) -> bool:
    """Pages of the workspace are never kept, so that nothing is taken off their addresses."""
    text = path.read_text(encoding="utf-8")
    views = re.findall(r"^def [a-z]\w*\(\s*request: HttpRequest[^)]*\) -> HttpResponse:", text, re.MULTILINE)
    return "workspace" in path.as_posix() or 0 < len(views) <= text.count("\n@signed_in\n")


def test_every_parameter_that_a_page_reads_is_known_to_the_memory() -> None:
    # One that is not would be taken off before the page sees it.
    guide = ROOT / "src" / "allmende" / "guide"
    sources = [path for path in guide.rglob("*.py") if not _is_behind_sign_in(path)]
    read = {
        name
        for path in sources
        for name in re.findall(r'\bGET(?:\.get(?:list)?\(|\[)"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(read) > 5
    assert read | set(ORDER) <= QUERY_NAMES
