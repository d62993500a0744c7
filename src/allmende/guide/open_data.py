"""The data sets as people and harvesters see them: words, addresses, formats, and the DCAT-AP description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from allmende.catalogue import queries
from allmende.catalogue.queries import DataSetNote, Format
from allmende.catalogue.values import KINDS, Kind
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES
from allmende.guide.brand import current_brand
from allmende.guide.bridges import dcat
from allmende.partners import queries as partners

PATHS: Final[dict[Kind, str]] = {"event": "events", "place": "places", "offer": "offers"}
EVERYTHING: Final = "everything"


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a data set."""

    format: Format
    path: str
    """Without a language."""
    media_type: str


def downloads(note: DataSetNote) -> list[Download]:
    """The files of a data set: for each kind it holds, in each bulk format that can hold it."""
    query = f"?source={note.source}" if note.source else ""
    found = []
    for kind in note.kinds:
        for known in queries.FORMATS.values():
            if known.is_bulk and kind in known.kinds:
                path = f"/open-data/{PATHS[kind]}.{known.suffix}{query}"
                found.append(Download(known, path, known.media_type))
    return found


def everything() -> list[Download]:
    """The files that hold all kinds at once."""
    return [
        Download(known, f"/open-data/{EVERYTHING}.{known.suffix_for(KINDS)}", known.media_type_for(KINDS))
        for known in queries.FORMATS.values()
        if known.is_bulk and not known.is_single and known.kinds == KINDS
    ]


def api_path() -> str:
    """Where the programming interface is described, or nothing if there is none here."""
    try:
        return reverse("api_page")
    except NoReverseMatch:
        return ""


def title_of(note: DataSetNote) -> str:
    """The title of a data set in the running language."""
    if note.source:
        return note.title
    return {"event": gettext("All events"), "place": gettext("All places"), "offer": gettext("All offers")}[
        note.kinds[0]
    ]


def about(note: DataSetNote) -> str:
    """One sentence in the running language."""
    region = _region_name()
    if note.source:
        return gettext("What %(title)s publishes here.") % {"title": note.credit or note.organisation or note.title}
    sentences: dict[Kind, str] = {
        "event": gettext("Events in %(region)s with all their dates, places and prices."),
        "place": gettext("Museums, monuments, nature and other places to go in %(region)s, with opening hours."),
        "offer": gettext("Tours, tastings, courses, packages and other offers in %(region)s."),
    }
    return sentences[note.kinds[0]] % {"region": region}


def counted(kind: Kind, number: int) -> str:
    """How many there are, in words."""
    words: dict[Kind, str] = {
        "event": ngettext("%(n)s event", "%(n)s events", number),
        "place": ngettext("%(n)s place", "%(n)s places", number),
        "offer": ngettext("%(n)s offer", "%(n)s offers", number),
    }
    return words[kind]


def _region_name() -> str:
    region = partners.region()
    return region.name if region else current_brand().name


def description(form: str) -> bytes:
    """The DCAT-AP description as ``"ttl"`` or ``"jsonld"``; made again only when something changed."""
    stamp = recent_content_stamp()
    key = (form, settings.ALLMENDE_PUBLIC_URL)
    kept = _kept.get(key)
    if kept is None or kept[0] != stamp:
        kept = _kept[key] = (stamp, _describe(form))
    return kept[1]


_kept: dict[tuple[str, str], tuple[int, bytes]] = {}


def _describe(form: str) -> bytes:
    brand = current_brand()
    of_kinds, of_sources = queries.data_sets()
    region = partners.region()
    with translation.override("en"):
        publisher = dcat.Agent(brand.name, f"{settings.ALLMENDE_PUBLIC_URL}/", brand.contact_email)
    origin = settings.ALLMENDE_PUBLIC_URL
    sets = [_data_set(note, origin, publisher, of_sources) for note in (*of_kinds, *of_sources)]
    api = api_path()
    catalogue = dcat.Catalogue(
        url=f"{origin}/open-data/#catalogue",
        title=_in_all(lambda: gettext("Open data · %(brand)s") % {"brand": brand.name}),
        description=_in_all(
            lambda: gettext(
                "Everything that is published here, for everybody to reuse under the licence of each source."
            )
        ),
        publisher=publisher,
        homepage=f"{origin}/open-data/",
        languages=LANGUAGES,
        data_sets=sets,
        modified=max((note.modified for note in of_kinds), default=None),
        issued=min((note.created for note in of_kinds), default=None),
        region=region.name if region else "",
        box=region.bbox if region else None,
        services=((f"{origin}{api}", "API", f"{origin}{api}"),) if api else (),
    )
    return dcat.written(catalogue, form)


def _in_all(words: object) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = words()  # type: ignore[operator]
    return found


def address_of(note: DataSetNote, origin: str) -> str:
    """The name of a data set in the description: its place on the page."""
    return f"{origin}/open-data/#{f'source-{note.source}' if note.source else PATHS[note.kinds[0]]}"


def _data_set(note: DataSetNote, origin: str, publisher: dcat.Agent, of_sources: list[DataSetNote]) -> dcat.DataSet:
    own = [note] if note.source else [part for part in of_sources if note.kinds[0] in part.kinds]
    licences = {part.licence_url for part in own}
    rights = "; ".join(
        f"{part.credit or part.organisation}: {part.licence or 'licence not stated, ask before reuse'}" for part in own
    )
    keywords = {kind: _in_all(lambda kind=kind: counted(kind, 2).replace("%(n)s ", "")) for kind in note.kinds}
    return dcat.DataSet(
        url=address_of(note, origin),
        title=_in_all(lambda: title_of(note)),
        description=_in_all(lambda: about(note)),
        keywords=[(language, word) for words in keywords.values() for language, word in words.items()],
        languages=[note.language] if note.language else sorted({part.language for part in own}),
        distributions=[
            dcat.Distribution(
                f"{origin}{file.path}",
                f"{file.format.title}: {file.path.rpartition('/')[2].partition('.')[0]}",
                file.format.name,
                file.media_type,
                licence=next(iter(licences)) if len(licences) == 1 else "",
                rights=rights,
            )
            for file in downloads(note)
        ],
        publisher=dcat.Agent(note.organisation, note.organisation_url) if note.source else publisher,
        issued=note.created,
        modified=note.modified,
        first_day=note.first_day,
        last_day=note.last_day,
        page=f"{origin}/open-data/",
        parts=() if note.source else [address_of(part, origin) for part in own],
    )
