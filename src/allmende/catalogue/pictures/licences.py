"""The licences that a picture may have."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Licence(NamedTuple):
    """``needs_credit``: the licence asks for the author's name; ``needs_permission``: nothing is allowed by itself."""

    label: str | Promise
    short: str
    needs_credit: bool = True
    needs_permission: bool = False


LICENCES: Final[dict[str, Licence]] = {
    "cc0": Licence("CC0 1.0", "CC0 1.0", needs_credit=False),
    "pd": Licence(_("Public domain"), "Public domain", needs_credit=False),
    "cc-by": Licence("CC BY 4.0", "CC BY 4.0"),
    "cc-by-sa": Licence("CC BY-SA 4.0", "CC BY-SA 4.0"),
    "cc-by-nd": Licence("CC BY-ND 4.0", "CC BY-ND 4.0"),
    "cc-by-nc": Licence("CC BY-NC 4.0", "CC BY-NC 4.0"),
    "cc-by-nc-sa": Licence("CC BY-NC-SA 4.0", "CC BY-NC-SA 4.0"),
    "reserved": Licence(_("All rights reserved, used with permission"), "All rights reserved", needs_permission=True),
}
"""Key -> licence.  ``short`` stands beside the picture and in exports."""
