"""One module for each subcommand of ``allmende``."""
