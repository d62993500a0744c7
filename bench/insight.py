"""Measured places at size: 1,000 sites with five years of hours each (44 million figures).

Fills a database of its own with simulated figures, counts the summaries, and asks for the pages inside one process: CPU
milliseconds and queries.  Goals: 50 ms CPU for the page of a site.

    .venv/bin/python bench/insight.py --work /some/folder [--sites 1000] [--years 5] [--counted 1000] [--forecast 1000]

``--forecast N`` also makes the nightly forecasts of N of the sites, by the processes that make them every night (goal: all of
1,000 in ten minutes on two cores).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TIMES = 15
BATCH = 20
PATTERNS = ("beach", "museum", "street", "path", "outing", "lake")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--counted", type=int, default=0, help="sites whose summaries are counted; 0: all")
    parser.add_argument("--forecast", type=int, default=0, help="sites whose forecasts are made; 0: none")
    return parser.parse_args()


def spent(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def fill(sites: int, years: int, now: datetime) -> list[int]:
    """Sites of one organisation; few simulated years are used again and again, so that filling stays quick."""
    from allmende.insight import store
    from allmende.insight.bridges.crowding import made_up
    from allmende.insight.models import Series, Site
    from allmende.partners.models import Organisation

    owner = Organisation.objects.create(
        name="Town", slug="town", name_key="town", kind="dmo", created_at=now, updated_at=now
    )
    made = Site.objects.bulk_create(
        [
            Site(
                organisation=owner,
                name=f"Place {number:04}",
                slug=f"place-{number:04}",
                kind="beach" if number % 2 else "museum",
                timezone="Europe/Paris",
                capacity=700,
                lon=2 + number % 40 * 0.05,
                lat=43 + number // 40 * 0.05,
                sharing="public",
                shown="figures",
                created_at=now,
                updated_at=now,
            )
            for number in range(sites)
        ],
        batch_size=200,
    )
    series = Series.objects.bulk_create(
        [Series(site=site, measure="presence", resolution="hour", is_main=True) for site in made], batch_size=200
    )
    until = store.number_of("hour", now)
    first = until - years * 365 * 24
    kinds = [
        made_up(made[0], name, first=first, length=until - first, peak=800.0, seed=seed, below=0.0)
        for seed in range(4)
        for name in PATTERNS
    ]
    for at in range(0, sites, BATCH):
        part = series[at : at + BATCH]
        store.fill([(one, kinds[(at + n) % len(kinds)]) for n, one in enumerate(part)], now=now)
    return [site.pk for site in made]


def main() -> None:
    given = arguments()
    given.work.mkdir(parents=True, exist_ok=True)
    os.environ["ALLMENDE_DATA"] = str(given.work)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from allmende.core.models import User
    from allmende.guide.views.insight.crowding_charts import forget_pictures
    from allmende.insight.crowding.actions import refresh_site, refresh_summaries
    from allmende.insight.crowding.queries import state_of
    from allmende.insight.models import Block, SiteSummary

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    ids: list[int] = []
    cpu, wall = spent(lambda: ids.extend(fill(given.sites, given.years, now)))
    figures = given.sites * given.years * 365 * 24
    report: dict[str, Any] = {
        "sites": given.sites,
        "figures": figures,
        "blocks": Block.objects.count(),
        "fill": {"cpu_s": round(cpu, 1), "wall_s": round(wall, 1)},
    }
    one = [spent(lambda pk=pk: refresh_site(pk, now=now))[0] for pk in ids[:TIMES]]  # type: ignore[misc]
    report["summary of one site"] = {"cpu_ms": round(1000 * sorted(one)[len(one) // 2], 1)}
    rest = ids[: given.counted or len(ids)]
    cpu, wall = spent(lambda: refresh_summaries(now=now, seconds=1e9, sites=rest))
    report["summaries of all"] = {"sites": len(rest), "cpu_s": round(cpu, 1), "wall_s": round(wall, 1)}
    report["summary"] = {"bytes": len(json.dumps(SiteSummary.objects.all()[0].data))}
    states = [spent(lambda: state_of(ids, now=now))[0] for _ in range(5)]
    report["state of all sites"] = {"cpu_ms": round(1000 * sorted(states)[2], 1)}

    user = User.objects.create_user("bench@example.org", is_operator=True)
    client, guest = Client(headers={"accept-language": "en"}), Client(headers={"accept-language": "en"})
    client.force_login(user)
    home = "/en/workspace/insight/"
    pages = {
        "site": (client, f"{home}sites/place-0003/"),
        "site, pictures drawn anew": (client, f"{home}sites/place-0003/"),
        "site, public": (guest, "/en/measured/place-0003/"),
        "site, days.csv": (client, f"{home}sites/place-0003/days.csv"),
        "overview": (client, home),
        "comparison": (client, f"{home}crowding/"),
    }
    with override_settings(ALLOWED_HOSTS=["*"]):
        for name, (who, path) in pages.items():
            times, count = [], 0
            for _ in range(TIMES):
                reset_queries()
                if "anew" in name:
                    forget_pictures()
                with CaptureQueriesContext(connection) as asked:
                    cpu, _wall = spent(lambda who=who, path=path: check(who.get(path)))  # type: ignore[misc]
                times.append(cpu)
                count = len(asked)
            report[name] = {"cpu_ms": round(1000 * sorted(times)[len(times) // 2], 1), "queries": count}
    if given.forecast:
        report["nightly forecasts"] = forecasts(ids[: given.forecast])
    report["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(report, indent=1))


def forecasts(sites: list[int]) -> dict[str, Any]:
    """The forecasts of ``sites``, by the processes that the periodic work starts."""
    from allmende.insight.forecasts.running import ONE_THREAD, PARTS
    from allmende.insight.models import Forecast, Site

    # Who has ended is not forecast: this comes last.
    Site.objects.exclude(pk__in=sites).update(ended_on=datetime.now(UTC).date())
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, **ONE_THREAD}
    parts = [
        subprocess.Popen([sys.executable, "-m", "django", "make_forecasts", str(part)], env=environment)
        for part in range(PARTS)
    ]
    failed = sum(part.wait() != 0 for part in parts)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    made = Forecast.objects.filter(series__site__in=sites)
    return {
        "sites": len(sites),
        "made": made.filter(steps__gt=0).count(),
        "without periods": made.filter(steps=0).count(),
        "processes": PARTS,
        "failed": failed,
        "cpu_s": round(cpu, 1),
        "wall_s": round(wall, 1),
        "cpu_s each": round(cpu / max(1, len(sites)), 3),
        "peak memory of one, MB": after.ru_maxrss // 1024,
    }


def check(response: Any) -> None:
    assert response.status_code == 200, response.status_code


if __name__ == "__main__":
    main()
