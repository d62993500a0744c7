"""What can be wrong with an outline: apart from ``geo``, so that naming the mistake does not load numpy and shapely."""


class BadOutline(ValueError):
    """The geometry is no area; the message says why."""
