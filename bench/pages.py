"""What a guest's phone gets: bytes by kind, and the Largest Contentful Paint on a CPU slowed four times.

Asks a running guide with the demo region (start one with `make serve`), in a real Chromium at 390 x 844, each page three
times with an empty cache; prints the median.

    .venv/bin/python bench/pages.py http://127.0.0.1:8000
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, sync_playwright

from bench.measure import machine

SLOWDOWN = 4
TIMES = 3
WATCH = """
window.__lcp = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.__lcp = entry.startTime })
  .observe({type: 'largest-contentful-paint', buffered: true});
"""


def first(address: str, path: str, kind: str) -> str:
    with urllib.request.urlopen(address + path) as answer:
        found = re.search(rf'href="(/\w\w/{kind}/[^"/?]+-\d+/)"', answer.read().decode())
    return found[1] if found else path


def visit(browser: Browser, address: str, path: str) -> dict[str, Any]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="fr-FR"
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    kinds: dict[str, str] = {}
    sent: dict[str, float] = {}
    plain: dict[str, float] = {}
    session.on("Network.responseReceived", lambda e: kinds.__setitem__(e["requestId"], e["type"]))
    session.on(
        "Network.dataReceived",
        lambda e: plain.__setitem__(e["requestId"], plain.get(e["requestId"], 0) + e["dataLength"]),
    )
    session.on("Network.loadingFinished", lambda e: sent.__setitem__(e["requestId"], e["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)
    figures: dict[str, Any] = {"lcp_ms": round(page.evaluate("window.__lcp"))}
    for kind, name in (("Document", "html"), ("Stylesheet", "css"), ("Script", "js")):
        figures[f"{name}_kB"] = round(sum(plain.get(k, 0) for k, v in kinds.items() if v == kind) / 1000, 1)
        figures[f"{name}_sent_kB"] = round(sum(sent.get(k, 0) for k, v in kinds.items() if v == kind) / 1000, 1)
    context.close()
    return figures


def main() -> None:
    address = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    pages = {
        "home": "/fr/",
        "events": "/fr/events/",
        "event": first(address, "/fr/events/", "events"),
        "place": first(address, "/fr/places/", "places"),
        "places": "/fr/places/",
        "search": "/fr/search/?q=exposition",
        "calendar month": "/fr/calendar/",
        "municipalities": "/fr/municipalities/",
        "map": "/fr/map/",
    }
    print(json.dumps(machine()))
    lines = ["| page | LCP ms | HTML kB | CSS kB | JS kB | all kB | JS sent kB |", "|---|---|---|---|---|---|---|"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        for name, path in pages.items():
            urllib.request.urlopen(address + path).read()
            rows = [visit(browser, address, path) for _ in range(TIMES)]
            row = {key: statistics.median(r[key] for r in rows) for key in rows[0]}
            print(json.dumps({"page": name, **row}), flush=True)
            total = round(row["html_kB"] + row["css_kB"] + row["js_kB"], 1)
            lines.append(
                f"| {name} | {row['lcp_ms']} | {row['html_kB']} | {row['css_kB']} | {row['js_kB']} | {total} | {row['js_sent_kB']} |"
            )
        browser.close()
    print("\n".join(lines))


if __name__ == "__main__":
    main()
