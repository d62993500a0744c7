"""The season: who is open when, when guests come, and where an event would help."""
