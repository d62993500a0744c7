"""CPU time of the catalogue's search on both databases: ``python bench/search.py [--sizes 1000,10000,120000]``.

Documents are real titles and running real text of events and museums; to bring the vocabulary to the size of a region in
many languages, rare words are made by joining two real ones.  Half of the documents hold the word ``festival``.
Prints JSON: documents indexed per CPU second, and CPU milliseconds (client and database server) per kind of query.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.pop(0)  # the http.py in this folder would hide the standard one
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django
from django.db import connections, transaction

from allmende.catalogue import search
from allmende.catalogue.search import tokens
from tests.postgres import start_postgres

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ALLMENDE_SHARED_DATA", ROOT.parent / "shared" / "data"))
KINDS = (1, 2, 3)
QUERIES = {
    "word in half of the documents": "festival",
    "the same, finished": "festival ",
    "the same, all hits wanted": "festival",
    "two frequent words": "festival musique",
    "rare word": "amphibiens",
    "two words": "exposition peinture",
    "accents missing": "chateau medieval",
    "two letters": "fe",
    "three letters": "mus",
    "half a word": "conc",
    "phrase": '"journees du patrimoine"',
    "minus": "concert -festival",
    "typo, 7 letters": "musqiue",
    "typo, 12 letters": "expositionns peintrue",
    "words never together": "amphibiens astronaute tissage",
    "nothing near": "xqzwvkjh",
}


def texts() -> tuple[list[str], list[str]]:
    """Real titles, and the words of real descriptions in order."""
    events = [row["fields"] for row in json.loads((SHARED / "events_fr_occitanie/occitanie_400.json").read_text())]
    museums = json.loads((SHARED / "museums_nl/museums.json").read_text())
    titles = [event["titre"] for event in events] + [museum["name"] for museum in museums]
    words = " ".join(
        [event.get("description") or "" for event in events] + [museum["desc"] or "" for museum in museums]
    )
    return titles, words.split()


def documents(number: int) -> Iterator[search.Doc]:
    """So many documents of about 500 signs, always the same."""
    chance = random.Random(number)
    titles, words = texts()
    names = sorted({word for word in tokens.tokenize(" ".join(words)) if len(word) > 4 and word.isalpha()})
    for place in range(number):
        body: list[str] = []
        while sum(map(len, body)) + len(body) < 400:
            start = chance.randrange(len(words) - 8)
            body += words[start : start + 8]
        body.append(chance.choice(names[:1500]) + chance.choice(names[::11]))
        if place % 2:
            body.append("festival")
        title = f"{chance.choice(titles)} {chance.choice(names).title()}"
        keywords = f"{chance.choice(names).title()} {chance.choice(['Musique', 'Exposition', 'Marché', 'Sport'])}"
        yield search.Doc(KINDS[place % 3], place, chance.choice(["fr", "nl"]), title, keywords, " ".join(body))


def cpu(connection: Any) -> Callable[[], float]:
    """A clock of the CPU seconds spent here and in the database's process for this connection."""
    if connection.vendor == "sqlite":
        return time.process_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    tick = os.sysconf("SC_CLK_TCK")

    def clock() -> float:
        fields = stat.read_text().rsplit(")", 1)[1].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / tick

    return clock


def milliseconds(clock: Callable[[], float], work: Callable[[], Any], least: float = 0.3) -> float:
    """CPU milliseconds of one call, from as many as take ``least`` seconds: the server's clock ticks in 10 ms."""
    work()
    start, calls = clock(), 0
    while clock() - start < least:
        work()
        calls += 1
    return round((clock() - start) / calls * 1000, 3)


def measure(connection: Any, number: int) -> dict[str, Any]:
    """Index ``number`` documents and ask."""
    for statement in search.create_sql(connection.vendor):
        connection.cursor().execute(statement)
    clock = cpu(connection)
    spent, done, waiting = 0.0, 0, documents(number)
    while batch := list(islice(waiting, 10_000)):
        start = clock()
        with transaction.atomic(using=connection.alias):
            search.index(connection, batch)
        spent += clock() - start
        done += len(batch)
    start = clock()
    search.optimize(connection)
    optimized = clock() - start
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalogue_search_term")
        vocabulary = cursor.fetchone()[0]
    result: dict[str, Any] = {
        "documents": done,
        "vocabulary": vocabulary,
        "indexed per CPU second": round(done / spent),
        "optimize, CPU s": round(optimized, 2),
        "find, CPU ms": {},
    }
    for name, query in QUERIES.items():
        limit = 2000 if name.endswith("wanted") else 200

        def ask(query: str = query, limit: int = limit) -> search.Hits:
            return search.find(connection, query, language="fr", kinds=KINDS, limit=limit)

        hits = ask()
        found = f"{hits.total}{'+' if hits.capped else ''}"
        result["find, CPU ms"][f"{name}: {query}"] = [milliseconds(clock, ask), found, hits.corrected]
    result["suggest, CPU ms"] = {
        prefix: milliseconds(clock, lambda prefix=prefix: search.suggest(connection, prefix, "fr"))  # type: ignore[misc]
        for prefix in ("fe", "mus", "festi", "marche de")
    }
    for name, size in (("replace 1, CPU ms", 1), ("replace 1000, CPU ms", 1000)):
        some = list(documents(min(size, number)))

        def replace(some: list[search.Doc] = some) -> None:
            with transaction.atomic(using=connection.alias):
                search.index(connection, some)

        result[name] = milliseconds(clock, replace)
    return result


def connect(alias: str, url: str, folder: Path) -> Any:
    """A connection with the platform's own settings."""
    from allmende.site.settings import database  # reads the environment that main() prepares

    connections.settings[alias] = connections.configure_settings({"default": database(url, folder)})["default"]
    return connections[alias]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,120000")
    parser.add_argument("--databases", default="sqlite,postgresql")
    options = parser.parse_args()
    os.environ.setdefault("ALLMENDE_DATA", tempfile.mkdtemp(prefix="allmende-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings_test")
    django.setup()
    results: dict[str, list[dict[str, Any]]] = {}
    for vendor in options.databases.split(","):
        server = start_postgres() if vendor == "postgresql" else None
        for number in map(int, options.sizes.split(",")):
            with tempfile.TemporaryDirectory(prefix="allmende-bench-") as folder:
                connection = connect(f"{vendor}_{number}", server.url if server else "", Path(folder))
                results.setdefault(vendor, []).append(measure(connection, number))
                for statement in search.drop_sql(vendor):
                    connection.cursor().execute(statement)
                connection.close()
        if server:
            server.stop()
    print(json.dumps(results, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
