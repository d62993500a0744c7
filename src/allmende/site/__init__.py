"""The assembled platform: settings, root addresses, and the ``allmende`` command."""
