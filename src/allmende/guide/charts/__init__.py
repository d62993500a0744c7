"""Charts drawn on the server: values in, a picture with its legend and its table out.

One file for each kind of chart.  A picture is two SVGs of the same values, one laid out for a wide place and one for a
phone; the style sheet shows the one that fits.  Colours come from ``guide/insight/charts.css`` by class.  The table
beside the picture and the words that a reader hears on the way through it are made from the same values.

``None`` (and what is not finite) is a gap: nothing is drawn over it, and the table says so.  It is never zero.
"""

from allmende.guide.charts.columns import columns
from allmende.guide.charts.dots import dots
from allmende.guide.charts.flows import flows
from allmende.guide.charts.heat import heat
from allmende.guide.charts.lines import lines
from allmende.guide.charts.scales import ranges
from allmende.guide.charts.squares import squares
from allmende.guide.charts.values import Axis, Band, Chart, Line, Mark, Table
from allmende.guide.charts.whiskers import whiskers
from allmende.guide.charts.year import year

__all__ = [
    "Axis",
    "Band",
    "Chart",
    "Line",
    "Mark",
    "Table",
    "columns",
    "dots",
    "flows",
    "heat",
    "lines",
    "ranges",
    "squares",
    "whiskers",
    "year",
]
