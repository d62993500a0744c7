"""Whether a request asks for ActivityPub or for a page.  Knows no framework: what stands in front of Django asks too."""

from __future__ import annotations

from typing import Final

ACTIVITY_JSON: Final = "application/activity+json"
LD_JSON: Final = "application/ld+json"
ACCEPT: Final = f'{ACTIVITY_JSON}, {LD_JSON}; profile="https://www.w3.org/ns/activitystreams"'


def _weights(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept[:500].split(","):
        if LD_JSON in part and "activitystreams" not in part:
            continue  # some other JSON-LD
        name, *rest = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for piece in rest:
            if piece.startswith("q="):
                try:
                    weight = float(piece[2:])
                except ValueError:
                    weight = 0.0
        found[name.lower()] = max(weight, found.get(name.lower(), 0.0))
    return found


def wants_activity(accept: str) -> bool:
    """Whether an ``Accept`` header likes ActivityPub better than a page."""
    if "activity+json" not in accept and "ld+json" not in accept:
        return False
    weights = _weights(accept)
    wanted = max(weights.get(ACTIVITY_JSON, 0.0), weights.get(LD_JSON, 0.0))
    return wanted > 0 and wanted >= weights.get("text/html", 0.0)


def is_activity(content_type: str) -> bool:
    """Whether a body says that it is ActivityPub."""
    return content_type.partition(";")[0].strip().lower() in {ACTIVITY_JSON, LD_JSON}
