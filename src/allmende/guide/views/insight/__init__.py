"""Pages of measured places: for those who keep them, for councils, for guests."""
