"""Indicators: defined once, filled in by many, computed from one another, compared where nobody is recognised."""
