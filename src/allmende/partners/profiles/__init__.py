"""Profiles: what organisations say about themselves, so that people ask the right one, and ask it the right thing.

Verbs: ``save_profile``, ``profile_to_edit``, ``public_profile``, ``next_step``.
"""
