"""The report as one HTML file: nothing is fetched, nothing runs."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from allmende.engines.flows.report.parts import Chart, Report
from allmende.engines.flows.report.theme import SCREEN, css
from allmende.engines.flows.report.wording import Words


def page(report: Report) -> str:
    """The page."""
    here = files(__package__) / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((here / "page.html").read_text("utf-8"))
    return template.render(
        report=report,
        words=Words(report.language),
        css=Markup(css() + (here / "page.css").read_text("utf-8")),  # noqa: S704  # our own file
        draw=_draw,
    )


def _draw(chart: Chart, width: float) -> Markup:
    return Markup(chart.draw(width, SCREEN))  # noqa: S704  # svg.py escapes every text
