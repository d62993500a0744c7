"""Why something was not stored."""

from __future__ import annotations


class FiguresForbidden(PermissionError):
    """This person may not keep figures of this organisation."""


class CannotUndo(Exception):
    """Something later has to be taken back first, or it was taken back already; the message says which."""


class DefinitionRefused(ValueError):
    """A definition cannot be stored; ``field`` names what, the message says what to write instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
