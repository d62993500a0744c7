"""Files of hourly weather as services deliver them: which column is what, in which unit, and where the station is.

Known by their column names: Deutscher Wetterdienst (``STATIONS_ID;MESS_DATUM;…``), Open-Meteo (JSON and CSV), SMHI, Meteostat, and
our own declared table.  ``about_of`` takes apart what stands around the table; ``layout_of`` reads the names of its columns.
"""

from __future__ import annotations

from allmende.formats.weather.layouts import VARIABLES, Field, Layout, layout_of
from allmende.formats.weather.preamble import HEAD, About, about_of, has_preamble

__all__ = ["HEAD", "VARIABLES", "About", "Field", "Layout", "about_of", "has_preamble", "layout_of"]
