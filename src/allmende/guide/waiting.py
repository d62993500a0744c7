"""What the catalogue has waiting for a person, in the words of the workspace: each provider asks a fixed number of times."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext, ngettext

from allmende.catalogue.feeds import is_scheduled
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import SourceRow
from allmende.catalogue.queries.editing.drafts import draft_counts
from allmende.catalogue.queries.health import troubled_feeds
from allmende.core import formats
from allmende.core.models import User
from allmende.core.waiting import Waiting
from allmende.guide.views.workspace import feed_words, words

SHOWN_REPORTS = 5


def deliveries_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Uploads that were looked at and neither applied nor thrown away."""
    return [
        Waiting(
            kind="catalogue.delivery",
            key=f"delivery-{run.pk}",
            text=gettext("Preview to finish"),
            note=f"{run.source.title} · {run.location}",
            path=f"/workspace/deliveries/{run.pk}/",
            minutes=3,
            weight=90,
            icon="eye",
            since=run.started_at,
        )
        for run in editing.waiting_deliveries(user)
    ]


def feeds_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Feeds that need somebody, and sources whose last import did not go through."""
    feeds = troubled_feeds(user, now=now)
    told = {row.source.pk for row in feeds}
    found = [
        Waiting(
            kind="catalogue.feed",
            key=f"feed-{row.source.pk}",
            text=f"{row.source.title}: {feed_words.STATES[row.state]}",
            note=str(feed_words.HINTS[row.state]),
            path=f"/workspace/health/#{row.source.slug}",
            minutes=5,
            weight=85,
            icon="warning",
        )
        for row in feeds
    ]
    for row in editing.troubled_sources(user):
        comes_again = is_scheduled(row.source) and row.source.failures
        if row.last and row.source.pk not in told and not comes_again:
            found.append(_troubled(row, language))
    return found


def _troubled(row: SourceRow, language: str) -> Waiting:
    assert row.last is not None
    n = row.last.failed
    note = (
        ngettext("%(n)s bad record in the last import", "%(n)s bad records in the last import", n)
        % {"n": formats.number(n, language)}
        if n
        else f"{gettext('Last import:')} {words.word(words.RUN_STATES, row.last.state)}"
    )
    return Waiting(
        kind="catalogue.source",
        key=f"source-{row.source.pk}",
        text=row.source.title,
        note=note,
        path=f"/workspace/sources/{row.source.slug}/runs/{row.last.pk}/",
        minutes=5,
        weight=80,
        icon="warning",
    )


def duplicates_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Pairs that only a person can tell apart."""
    n = sum(editing.question_counts(user, now=now).values()) if editing.may_decide(user) else 0
    if not n:
        return []
    text = ngettext("%(n)s thing may be listed twice", "%(n)s things may be listed twice", n)
    return [
        Waiting(
            kind="catalogue.duplicates",
            key="duplicates",
            text=text % {"n": formats.number(n, language)},
            note=gettext("Side by side, one key each: the same, different, later"),
            path="/workspace/duplicates/",
            minutes=min(10, (n + 3) // 4),
            weight=50,
            icon="copy",
        )
    ]


def reports_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """What readers say is wrong."""
    return [
        Waiting(
            kind="catalogue.report",
            key=f"report-{report.id}",
            text=report.name.text,
            note=report.message,
            path=f"/workspace/reports/#r{report.id}",
            minutes=3,
            weight=70,
            icon="flag",
            language=report.name.language,
            since=report.created_at,
        )
        for report in editing.reports_to_see(user, is_open=True, language=language, limit=SHOWN_REPORTS)
    ]


def drafts_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Records that were begun and are not published."""
    text = {
        "event": lambda n: ngettext("%(n)s event is a draft", "%(n)s events are drafts", n),
        "place": lambda n: ngettext("%(n)s place is a draft", "%(n)s places are drafts", n),
        "offer": lambda n: ngettext("%(n)s offer is a draft", "%(n)s offers are drafts", n),
    }
    return [
        Waiting(
            kind="catalogue.drafts",
            key=f"drafts-{kind}",
            text=text[kind](n) % {"n": formats.number(n, language)},
            note=gettext("Guests do not see it yet."),
            path=f"/workspace/records/?kind={kind}&state=draft",
            minutes=2,
            weight=20,
            icon="text",
        )
        for kind, n in draft_counts(user).items()
        if n
    ]
