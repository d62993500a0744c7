from __future__ import annotations

import pytest

from tests.catalogue.api.conftest import Asker, Region

pytestmark = pytest.mark.django_db


def test_probe(api: Asker, region: Region) -> None:
    import json
    for path in ("events","events?expand=occurrences&limit=1","places","offers","search?q=concert",f"events/{region.concert.pk}?fields=name,next",f"events/{region.series.pk}/occurrences?limit=2","changes?modified_since=1970-01-01T00:00:00Z&fields=name","organisations",f"events/{region.gone.pk}", "events?limit=x&foo=1","events?limit=x&near=7", "nope","openapi.json", "places?near=4.4,44.0&fields=id", "events?bbox=4,43,5,45&fields=id&count=true&language=de", "events?languages=all&limit=1&fields=name"):
        a=api.get(path)
        print(path,a.status_code,dict(a.headers)); print(json.dumps(a.json(),ensure_ascii=False)[:1800]); print()
    assert 0
