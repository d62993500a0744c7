"""The work that comes round every minute.  Each piece is quick when there is nothing to do, and safe to repeat."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections, connections
from django.utils import timezone

log = logging.getLogger("allmende.periodic")


ORPHAN_CHECK_SECONDS = 1.0
MOST_COMPARED = 10_000
"""Records compared in one round, so that a large delivery does not hold up the rest."""
FEEDS = "fetch feeds"
FEED_SECONDS = 45.0
"""No fetch is begun later than this in one round."""


def leave_when_orphaned(parent: int) -> None:
    """End this process soon after its parent has gone, however that happened."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="orphan-watch", daemon=True).start()


def _jobs() -> dict[str, Callable[[datetime], object]]:
    from allmende.catalogue import actions  # the main process of `serve` has no use for it
    from allmende.catalogue.actions.align import refresh_alignment_if_stale  # nor for this
    from allmende.catalogue.actions.editorial.plans import carry_out_plans, remind_of_expiry  # nor for this
    from allmende.catalogue.actions.succession import follow_successions  # nor for this
    from allmende.catalogue.pictures.rights import watch_rights  # nor for this
    from allmende.catalogue.translations.actions import work_orders  # nor for this
    from allmende.core.accounts.session import forget_old_sessions  # nor for this
    from allmende.core.drafts import forget_old_drafts  # nor for this
    from allmende.core.erasure import erase_due  # nor for this
    from allmende.core.rate import forget_old_rates  # nor for this
    from allmende.core.retention import forget_daily  # nor for this
    from allmende.federation.jobs import jobs as federation_jobs  # nor for this
    from allmende.guide.brand import current_brand, zone_of  # nor for this
    from allmende.guide.jobs import jobs as guide_jobs  # nor for this
    from allmende.insight.counters.jobs import jobs as counter_jobs  # nor for this
    from allmende.insight.crowding.jobs import jobs as crowding_jobs  # nor for this
    from allmende.insight.deliveries.jobs import jobs as delivery_jobs  # nor for this
    from allmende.insight.forecasts.jobs import jobs as forecast_jobs  # nor for this
    from allmende.insight.indicators.jobs import jobs as indicator_jobs  # nor for this
    from allmende.insight.interventions.jobs import jobs as intervention_jobs  # nor for this
    from allmende.insight.steering.jobs import jobs as steering_jobs  # nor for this
    from allmende.site.demo_insight import count_demo_on  # nor for this

    return {
        "compare records": lambda now: actions.match_due(now=now, limit=MOST_COMPARED),
        "follow successions": lambda now: follow_successions(now=now),
        "publish and withdraw by plan": lambda now: carry_out_plans(now=now),
        "remind of expiry": lambda now: remind_of_expiry(zone=zone_of(current_brand().timezone), now=now),
        "refresh derived tables": lambda now: actions.refresh_derived_if_stale(),
        "extend horizon": lambda now: actions.extend_horizon(now=now),
        "count season and gaps": lambda now: refresh_alignment_if_stale(now=now),
        "watch picture rights": lambda now: watch_rights(now=now),
        "translate": lambda now: work_orders(now=now),
        "forget old drafts of forms": lambda now: forget_old_drafts(now=now),
        "forget old counters": lambda now: forget_old_rates(now=now),
        "forget old sessions": lambda now: forget_old_sessions(now=now),
        "forget people who asked": lambda now: erase_due(now=now),
        "forget what is over": lambda now: forget_daily(now=now),
        **guide_jobs(),
        **counter_jobs(),
        **delivery_jobs(),
        "let simulated counters count": count_demo_on,
        **crowding_jobs(),
        **steering_jobs(),
        **intervention_jobs(),
        FEEDS: lambda now: actions.fetch_due(now=now, budget_seconds=FEED_SECONDS),
        **federation_jobs(),
        **indicator_jobs(),
        **forecast_jobs(),
    }


def _do(name: str, job: Callable[[datetime], object], now: datetime) -> bool:
    try:
        job(now)
        return True
    except Exception:
        log.exception("Periodic work failed: %s", name)
        return False
    finally:
        close_old_connections()


def run_once(now: datetime | None = None, *, leave_out: str = "") -> list[str]:
    """Do every piece of work once and return the names of those that went well; one failure does not stop the rest."""
    jobs = {name: job for name, job in _jobs().items() if name != leave_out}
    return [name for name, job in jobs.items() if _do(name, job, now or timezone.now())]


def _fetch_feeds() -> None:
    try:
        _do(FEEDS, _jobs()[FEEDS], timezone.now())
    finally:
        connections.close_all()


def run_forever(seconds: float, *, parent: int = 0) -> None:
    """Do the work every ``seconds`` until SIGTERM or SIGINT, or until the process ``parent`` has gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent:
        leave_when_orphaned(parent)
    feeds: threading.Thread | None = None
    while not stop.is_set():
        if feeds is None or not feeds.is_alive():
            # Beside the rest, which a slow server or a large delivery must not hold up.
            feeds = threading.Thread(target=_fetch_feeds, name="feeds", daemon=True)
            feeds.start()
        run_once(leave_out=FEEDS)
        stop.wait(seconds)
