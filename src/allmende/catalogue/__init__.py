"""Catalogue: what a region has, from the feeds that partners already keep.

Purpose: take in places, offers and events; keep what was delivered; publish one record of truth with its sources.

Nouns: ``Place``, ``Offer``, ``Event`` with its ``Occurrence``s; ``Source`` (a feed), ``ImportRun``, ``SourceRecord`` (as
delivered, kept), ``Media`` with licence and credit.

Verbs: ``preview_import``, ``apply_import`` (read, match, preview, apply), ``edit_item`` (a person's edit pins the field),
``release_field``, ``withdraw_item``, ``refresh_derived``.
"""
