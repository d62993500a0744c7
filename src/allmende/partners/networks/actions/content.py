"""What a network tells, and when it meets: news and dates."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.models import User
from allmende.core.text import original_text, translated
from allmende.partners.models import Network, NetworkDate, NetworkNews
from allmende.partners.networks.actions._base import filled, need, note, tell_of
from allmende.partners.networks.queries.people import people_of
from allmende.partners.networks.rules import EDITOR, MEMBER, NetworkForbidden, NetworkRefused, reaches


def _need_author(network: Network, author_id: int | None, is_public: bool, by: User) -> None:
    """Members change what they wrote for members; what is public is the editors' business."""
    role = need(network, MEMBER, by)
    if not reaches(role, EDITOR) and (is_public or author_id != by.pk):
        raise NetworkForbidden("Only editors and coordinators do that.")


def post_news(
    network: Network, title: str, text: str, *, is_public: bool, language: str, by: User, now: datetime
) -> NetworkNews:
    """Tell the members something, or everybody (editors and coordinators); the people of the network get a notice."""
    _need_author(network, by.pk, is_public, by)
    title = filled(title, 200, gettext("Give the news a title."))
    with transaction.atomic():
        news = NetworkNews.objects.create(
            network=network,
            title=translated({language: title}, language),
            text=translated({language: text.strip()[:20_000]}, language),
            is_public=is_public,
            author=by,
            posted_at=now,
            updated_at=now,
        )
        note(network, "post_news", by=by, now=now, news=news.pk, public=is_public)
        everybody = [person.id for person in people_of(network.pk)]
        facts = {"title": title}
        tell_of(
            network,
            everybody,
            "news",
            gettext_noop("%(network)s: %(title)s"),
            page="news/",
            now=now,
            by=by,
            facts=facts,
        )
    return news


def edit_news(
    news: NetworkNews, *, language: str, title: str, text: str, is_public: bool, by: User, now: datetime
) -> NetworkNews:
    """Change the text in one language, and whether everybody may read it; an empty title takes that language out."""
    network = news.network
    _need_author(network, news.author_id, news.is_public or is_public, by)
    title, text = " ".join(title.split())[:200], text.strip()[:20_000]
    titles = {**news.title.get("texts", {}), language: title}
    texts = {**news.text.get("texts", {}), language: text if title else ""}
    if not any(titles.values()):
        raise NetworkRefused(gettext("Give the news a title."))
    original = news.title.get("original", language)
    with transaction.atomic():
        news.title, news.text = translated(titles, original), translated(texts, original)
        news.is_public, news.updated_at = is_public, now
        news.save()
        note(network, "edit_news", by=by, now=now, news=news.pk, public=is_public)
    return news


def pin_news(news: NetworkNews, *, is_pinned: bool, by: User, now: datetime) -> None:
    """Keep news at the top, or no longer."""
    need(news.network, EDITOR, by)
    with transaction.atomic():
        news.is_pinned = is_pinned
        news.save(update_fields=["is_pinned"])
        note(news.network, "pin_news", by=by, now=now, news=news.pk, pinned=is_pinned)


def remove_news(news: NetworkNews, *, by: User, now: datetime) -> None:
    """Take news away for good."""
    _need_author(news.network, news.author_id, news.is_public, by)
    with transaction.atomic():
        note(news.network, "remove_news", by=by, now=now, news=news.pk, title=original_text(news.title))
        news.delete()


def save_date(
    network: Network,
    *,
    title: str,
    day: date,
    at: time | None = None,
    until: time | None = None,
    kind: str = "meeting",
    place: str = "",
    notes: str = "",
    is_public: bool = False,
    change: NetworkDate | None = None,
    by: User,
    now: datetime,
) -> NetworkDate:
    """A meeting or a deadline, new or changed; members for members, editors and coordinators for everybody."""
    one = change or NetworkDate(network=network, created_by=by)
    _need_author(network, one.created_by_id, is_public or one.is_public, by)
    if until is not None and (at is None or until <= at):
        raise NetworkRefused(gettext("It ends before it begins. Correct one of the hours."))
    one.title = filled(title, 200, gettext("Give the date a title."))
    one.day, one.at, one.until, one.place, one.notes = day, at, until, place.strip()[:200], notes.strip()[:4000]
    one.kind = kind if kind in NetworkDate.Kind.values else NetworkDate.Kind.OTHER
    one.is_public, one.updated_at = is_public, now
    with transaction.atomic():
        one.save()
        note(network, "edit_date" if change else "add_date", by=by, now=now, date=one.pk, public=is_public)
    return one


def remove_date(one: NetworkDate, *, by: User, now: datetime) -> None:
    """Call a meeting or deadline off for good."""
    _need_author(one.network, one.created_by_id, one.is_public, by)
    with transaction.atomic():
        note(one.network, "remove_date", by=by, now=now, date=one.pk, title=one.title)
        one.delete()
