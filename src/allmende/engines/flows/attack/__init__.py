"""The auditor behind ``allmende flows attack``: what could an outsider infer from a release?

It reads only what is published, several releases at once if there are several, and tries one attack after the other.  Each
attack has its own file with its source.  It shares no code with the protection that it judges.

    audit = attack([Path("release")])
    audit.passed, audit.as_text(), audit.as_dict()

A **leak** is something that the release promises to hide: a figure on fewer than the threshold, a withheld figure that is
bounded tighter than the interval, a row or an identifier of a device.  A **note** is an inference beyond that promise.
"""

from __future__ import annotations

from allmende.engines.flows.attack.audit import attack
from allmende.engines.flows.attack.findings import Audit, Finding, Limits, Truth

__all__ = ["Audit", "Finding", "Limits", "Truth", "attack"]
