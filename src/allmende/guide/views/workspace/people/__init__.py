"""Pages about people and their data."""
