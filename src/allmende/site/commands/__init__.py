"""One module for each subcommand of ``allmende``.

They import what is heavy inside ``run``, so that ``allmende --help`` answers at once.
"""
