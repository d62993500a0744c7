"""``python -m allmende.site`` is the ``allmende`` command."""

import sys

from allmende.site.cli import main

sys.exit(main())
