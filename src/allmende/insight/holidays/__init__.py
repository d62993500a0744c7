"""Holidays of schools and of regions: delivered as periods, known by the part of the country in which a place lies."""
