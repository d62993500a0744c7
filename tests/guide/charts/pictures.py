"""A chart's pictures taken apart."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from allmende.guide.charts import Chart

SVG = {"wide": 0, "narrow": 1}


def picture(chart: Chart, size: str = "wide") -> ElementTree.Element:
    """One of the two pictures; that it parses says that it is well formed."""
    return ElementTree.fromstring(f"<p>{chart.svg}</p>")[SVG[size]]


def places(chart: Chart, size: str = "wide") -> list[list[list[float] | None]]:
    """Where the points lie."""
    found: list[list[list[float] | None]] = json.loads(picture(chart, size).attrib["data-at"])
    return found


def texts(chart: Chart) -> list[list[str]]:
    """What is said at the points."""
    said: list[list[str]] = json.loads(chart.texts)
    return said


def words(chart: Chart, size: str = "wide") -> list[str]:
    """Every text in a picture."""
    return [element.text or "" for element in picture(chart, size).iter("text")]


def paths(chart: Chart, kind: str, size: str = "wide") -> list[str]:
    """The ``d`` of the paths whose classes include all of ``kind``."""
    wanted = set(kind.split())
    return [
        element.attrib["d"]
        for element in picture(chart, size).iter("path")
        if wanted <= set(element.attrib["class"].split())
    ]


def points_of(d: str) -> list[tuple[float, float]]:
    """The corners of a path of M and L."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)]


def boxes_of(d: str) -> list[tuple[float, float, float, float]]:
    """x, y, width, height of the rectangles of a path."""
    return [
        (float(x), float(y), float(w), float(h))
        for x, y, w, h in re.findall(r"M(-?[\d.]+) (-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)h", d)
    ]
