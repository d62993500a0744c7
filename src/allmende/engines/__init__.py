"""Engines: computation that knows no database and no web framework; values in, values out."""
