"""Trials of the guide's own suggestions: openly for everybody, and for the owners who begin and end them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.core import formats
from allmende.guide.page import new_page, render
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.insight.models import Evaluation, Site
from allmende.insight.steering.actions import NotAllowed, NotPossible, TrialWish, start_trial, stop_trial
from allmende.insight.steering.queries import counts_since, may_stop, public_trials, sites_for_a_trial, trials_to_keep

STYLE = "guide/insight/steering.css"
SHARES = (50, 25, 75)
COUNTED_DAYS = 28
LONGEST_TEXT = 2000
PATH = "/workspace/insight/steering/"


def state_words() -> dict[str, str]:
    """What has become of a trial."""
    return {
        "planned": pgettext("trial", "planned"),
        "running": pgettext("trial", "running"),
        "over": pgettext("trial", "over"),
        "stopped": pgettext("trial", "stopped early"),
        "cancelled": pgettext("trial", "cancelled"),
    }


def answer_words(answer: Evaluation, language: str) -> str:
    """The published answer in one line, with its interval."""
    text = str(answer.get_verdict_display())
    if answer.effect_percent is None or answer.low_percent is None or answer.high_percent is None:
        return text
    effect, low, high = (
        formats.number(round(value), language).replace("-", "−")
        for value in (answer.effect_percent, answer.low_percent, answer.high_percent)
    )
    return gettext("%(verdict)s: %(effect)s %% visitors (%(low)s to %(high)s)") % {
        "verdict": text,
        "effect": effect,
        "low": low,
        "high": high,
    }


def percent_words(share: float, language: str) -> str:
    """A share as whole per cent, with a sign that is no hyphen."""
    return formats.number(round(share * 100), language).replace("-", "−")


@require_safe
def steering(request: HttpRequest) -> HttpResponse:
    """How the guide suggests quieter places, and whether it helps."""
    page = new_page(request)
    page.title = gettext("Quieter places: how we suggest them, and whether it helps")
    page.description = gettext(
        "What the guide suggests when a place is full, how often that is followed, and what came of it."
    )
    page.styles = ("guide/insight/busy.css", STYLE)
    page.crumbs = ((gettext("How busy is it?"), f"{page.base}/busy/"),)
    first = page.today - timedelta(days=COUNTED_DAYS)
    context: dict[str, Any] = {
        "trials": public_trials(now=page.now),
        "counts": counts_since(first),
        "since": formats.day_medium(first, page.language),
        "states": state_words(),
        "answer_words": answer_words,
        "percent": percent_words,
    }
    return render(page, "guide/insight/steering.html", context)


# ---------------------------------------------------------------------- for owners


def _share(text: str) -> float:
    return int(text) / 100 if text.isdecimal() and len(text) < 3 else 0.0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _percent(text: str) -> float | None:
    try:
        value = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return value if -100 <= value <= 100 else None


def _unread(typed: QueryDict) -> str:
    """What of the form cannot be read, in words: it would be locked otherwise than it was meant."""
    if None in {_day(typed.get("starts_on", "")), _day(typed.get("ends_on", ""))}:
        return gettext("Write the day as year-month-day, such as 2026-12-05.")
    percent = typed.get("expected_percent", "").strip()
    return gettext("Write a number, such as 10 or 12.5.") if percent and _percent(percent) is None else ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def trials(request: HttpRequest) -> HttpResponse:
    """The trials of one's organisations, with their counts, and a form for a new one."""
    user = person(request)
    page = insight_page(request, gettext("Trials of suggestions"), styles=(STYLE,))
    sites = sites_for_a_trial(user)
    typed = request.POST
    tomorrow = page.today + timedelta(days=1)
    wish = TrialWish(
        typed.get("title", "").strip()[:200],
        tuple(int(pk) for pk in typed.getlist("site") if pk.isdecimal() and len(pk) < 10),
        _share(typed.get("share", "50")),
        _day(typed.get("starts_on", "")) or tomorrow,
        _day(typed.get("ends_on", "")) or tomorrow + timedelta(days=55),
        typed.get("hypothesis", "").strip()[:LONGEST_TEXT],
        _percent(typed.get("expected_percent", "")),
    )
    mistake = _unread(typed) if request.method == "POST" else ""
    if request.method == "POST" and not mistake:
        try:
            trial = start_trial(wish, organisation_id=_owner(wish, sites), by=user, now=page.now)
        except NotAllowed:
            found(None)
        except NotPossible as refusal:
            mistake = str(refusal)
        else:
            return go(request, PATH, gettext("“%(name)s” is written down and locked.") % {"name": trial.title})
    kept = trials_to_keep(user, now=page.now)
    context: dict[str, Any] = {
        "trials": [(trial, may_stop(user, trial)) for trial in kept],
        "sites": sites,
        "owners": len({site.organisation_id for site in sites}),
        "wish": wish,
        "typed": {
            "starts_on": typed.get("starts_on", wish.starts_on.isoformat()),
            "ends_on": typed.get("ends_on", wish.ends_on.isoformat()),
            "expected_percent": typed.get("expected_percent", ""),
        },
        "shares": SHARES,
        "mistake": mistake,
        "states": state_words(),
        "answer_words": answer_words,
        "percent": percent_words,
    }
    return show_insight(request, page, "interventions", "steering.html", context, status=422 if mistake else 200)


def _owner(wish: TrialWish, sites: list[Site]) -> int:
    """The organisation that the chosen sites belong to; the action refuses sites of two."""
    owners = [site.organisation_id for site in sites if site.pk in wish.site_ids]
    if not wish.site_ids:
        return sites[0].organisation_id if sites else 0
    return owners[0] if owners else 0


@require_POST
@signed_in
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a trial today."""
    try:
        trial = stop_trial(pk, by=person(request), now=new_page(request).now)
    except NotAllowed:
        found(None)
        raise
    except NotPossible as refusal:
        return go(request, PATH, str(refusal), is_good=False)
    return go(
        request, PATH, gettext("“%(name)s” has ended; suggestions are on every day again.") % {"name": trial.title}
    )
