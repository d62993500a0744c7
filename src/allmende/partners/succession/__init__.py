"""Succession: organisations merge, get new names and split; municipalities become part of others; each from a date.

What belonged to the old one follows on that date, old addresses lead to the new one, and nothing is lost.

Verbs: ``plan_merge``, ``plan_renaming``, ``plan_split``, ``join_territories``,
``apply_due``, ``take_back``, ``take_back_territory``.
"""
