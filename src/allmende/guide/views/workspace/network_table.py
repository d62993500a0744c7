"""Who is missing at the table, and who works with whom."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.catalogue.queries import safe_cell
from allmende.core import formats
from allmende.guide.round_table import table_svg, web_svg
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace import network_members
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    network_page,
    networks_page,
    number_in,
    organisation_kinds,
    show_network,
)
from allmende.guide.views.workspace.season import csv_file
from allmende.partners.models import Network, Profile
from allmende.partners.networks import actions
from allmende.partners.networks.queries import table as tables
from allmende.partners.networks.queries import web as webs
from allmende.partners.networks.queries.desk import look_at
from allmende.partners.networks.queries.table import Line
from allmende.partners.networks.queries.web import Node, Web
from allmende.partners.networks.ties import Scope, kinds_of_ties

COLUMNS = (
    "axis", "line", "in_region", "members", "share_of_region", "share_of_members", "in_proportion", "similar_networks",
    "standing", "in_words",
)  # fmt: skip


def standing_words() -> dict[str, str]:
    """What is said of a line in short."""
    return {
        "missing": gettext("missing"),
        "few": gettext("few"),
        "there": gettext("at the table"),
        "nobody": gettext("none in the region"),
        "beside": gettext("not expected"),
    }


def size_words(language: str) -> dict[str, str]:
    """What the sizes of municipalities are called."""
    limits = [limit for limit, _ in tables.SIZES]
    written = [formats.number(limit, language) for limit in limits]
    return {
        "s0": gettext("Size not known"),
        "s1": gettext("fewer than %(n)s inhabitants") % {"n": written[0]},
        **{
            f"s{number + 2}": gettext("%(low)s to %(high)s inhabitants")
            % {"low": written[number], "high": written[number + 1]}
            for number in range(len(limits) - 1)
        },
        "s5": gettext("%(n)s inhabitants and more") % {"n": written[-1]},
    }


def workforce_words() -> dict[str, str]:
    """What the sizes of organisations are called."""
    told = {size: gettext("%(n)s people work there") % {"n": label} for size, label in Profile.Size.choices if size}
    return {**told, "unknown": gettext("Size not known")}


def sentence(line: Line, language: str) -> str:
    """A line in words: "none of 7; similar networks have 2"."""
    if not line.region:
        return gettext("there is none in the region")
    region = formats.number(line.region, language)
    if line.members:
        told = gettext("%(n)s of %(all)s") % {"n": formats.number(line.members, language), "all": region}
    else:
        told = gettext("none of %(all)s") % {"all": region}
    if line.similar is not None and line.similar >= 1:
        usual = formats.number(round(line.similar, 1), language)
        return f"{told}; " + gettext("similar networks have %(n)s") % {"n": usual}
    if line.in_proportion >= 2:
        n = round(line.in_proportion)
        return f"{told}; " + ngettext("in proportion it would be %(n)s", "in proportion it would be %(n)s", n) % {
            "n": formats.number(n, language)
        }
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture, its table, and whom to invite."""
    desk, page = network_page(request, slug, gettext("Who is missing at the table"))
    if request.method == "POST":
        return _press(request, slug)
    network = desk.network
    compared = tables.table_of(network)
    kinds = organisation_kinds()
    missing = [line.key for line in compared.kinds if line.standing in {"missing", "few"}]
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else ""
    town = request.GET.get("municipality", "")[:20].replace("\0", "")
    words = request.GET.get("q", "").replace("\0", "").strip()[:80]
    number = request.GET.get("page", "")
    asked = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
    chosen = [kind] if kind else list(kinds) if town or words else missing or list(tables.table_kinds_of(network))
    page.query = urlencode({k: v for k, v in (("kind", kind), ("municipality", town), ("q", words)) if v})
    label = gettext(
        "The table of %(network)s with a seat for everybody who belongs there; the table below says it in words"
    )
    context = {
        "table": compared,
        "picture": table_svg(
            compared.kinds, lambda key: kinds[key], network.name, label=label % {"network": network.name}
        ),
        "kinds": kinds,
        "gone_names": [kinds[line.key] for line in compared.kinds if line.standing == "missing"],
        "unlisted_names": [kinds[line.key] for line in compared.kinds if line.standing == "nobody" and line.belongs],
        "sizes": size_words(page.language),
        "workforce_words": workforce_words(),
        "standings": standing_words(),
        "sentence": lambda line: sentence(line, page.language),
        "percent": lambda share: formats.number(round(100 * share, 1 if share < 0.1 else None), page.language),
        "candidates": tables.candidates(network, kinds=chosen, municipality=town, words=words, page=asked),
        "kind": kind,
        "town": town,
        "town_name": next((line.label for line in compared.towns if line.key == town), town),
        "words": words,
        "query": page.query,
    }
    return show_network(request, desk, page, "table", context)


def _press(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite, or take it back; then the same list again."""
    desk, page = network_page(request, slug, "")
    do, organisation = request.POST.get("do", ""), number_in(request, "organisation")
    query = request.POST.get("query", "")[:300]
    back = f"/workspace/networks/{slug}/table/" + (f"?{query}" if query.isascii() and "\n" not in query else "")
    run: dict[str, Any] = {"invite": network_members.invite, "withdraw": network_members.withdraw}
    try:
        with as_not_there():
            note = found(run.get(do))(request, desk, page)
    except actions.NetworkRefused as error:
        return go(request, f"{back}#invite", str(error), is_good=False)
    return go(request, f"{back}#o{organisation}", note)


@require_safe
@signed_in
def table_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The comparison as a table for spreadsheets."""
    desk, page = network_page(request, slug, "")
    compared = tables.table_of(desk.network)
    kinds, sizes = organisation_kinds(), size_words(page.language) | workforce_words()
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for axis, lines in (
        ("kind", compared.kinds),
        ("municipality", compared.towns),
        ("size", compared.sizes),
        ("workforce", compared.workforce),
    ):
        for line in lines:
            name = line.label or kinds.get(line.key) or sizes.get(line.key, line.key)
            cells = (
                axis, name, line.region, line.members, round(line.region_share, 4), round(line.member_share, 4),
                round(line.in_proportion, 1), "" if line.similar is None else line.similar, line.standing,
                sentence(line, page.language),
            )  # fmt: skip
            writer.writerow([safe_cell(cell) for cell in cells])
    return csv_file(buffer.getvalue(), f"{desk.network.slug}-table.csv")


@require_safe
@signed_in
def web(request: HttpRequest, slug: str) -> HttpResponse:
    """Who works with whom in one network."""
    desk, page = network_page(request, slug, gettext("Who works with whom"))
    here = f"{page.base}/workspace/networks/{slug}/web/"
    scope = webs.scope_of(person(request), desk.network)
    return show_network(request, desk, page, "web", _web(request, scope, here, inside=desk.network))


@require_safe
@signed_in
def cooperation(request: HttpRequest) -> HttpResponse:
    """Who works with whom in the region, as far as one may know."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = networks_page(request, gettext("Who works with whom"))
    page.crumbs = ((gettext("Networks"), f"{page.base}/workspace/networks/"),)
    here = f"{page.base}/workspace/networks/cooperation/"
    scope = webs.scope_of(user)
    slug = request.GET.get("network", "")[:200]
    context = _web(request, scope, here)
    context["networks"] = webs.networks_to_filter(scope)
    if slug and any(slug == known for known, _ in context["networks"]):
        chosen = found(look_at(user, slug)).network.pk
        narrow = Scope([chosen], [chosen] if chosen in scope.inside else [])
        context = {**_web(request, narrow, here, network=slug), "networks": context["networks"]}
    return show(request, page, "cooperation.html", context)


def _web(
    request: HttpRequest, scope: Scope, here: str, network: str = "", inside: Network | None = None
) -> dict[str, Any]:
    told = request.GET.get("organisation", "")
    organisation = int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else 0
    labels = {kind.key: gettext(kind.label) for kind in kinds_of_ties()}
    kind = request.GET.get("kind", "")
    kind = kind if kind in labels else ""
    drawn = webs.web_of_cooperation(scope, organisation_id=organisation, kind=kind, inside=inside)

    kept = urlencode({key: value for key, value in (("network", network), ("kind", kind)) if value})
    start = f"{here}?{kept}&organisation=" if kept else f"{here}?organisation="

    def address(node: Node) -> str:
        return f"{start}{node.id}" if node.id else ""

    return {
        "web": drawn,
        "picture": web_svg(drawn, _name, address, labelled_by="h-picture") if drawn.nodes else "",
        "here_web": here,
        "tie_labels": labels,
        "tie_kind": kind,
        "focus": _focus(drawn, organisation),
        "name_of_node": _name,
        "address": address,
        "chosen_network": network,
        "networks": [],
    }


def _name(node: Node) -> str:
    if node.id:
        return node.name
    return gettext("%(n)s further: %(kind)s") % {"n": node.ties, "kind": node.kind_label}


def _focus(drawn: Web, organisation: int) -> Node | None:
    return next((node for node in drawn.nodes if node.id == organisation), None) if organisation else None
