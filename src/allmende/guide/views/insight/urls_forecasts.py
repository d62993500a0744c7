"""What is expected, and how good earlier forecasts were."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern

WORKSPACE: Final[list[URLPattern]] = []
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = []
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
