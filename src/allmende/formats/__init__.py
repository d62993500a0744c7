"""Formats: bytes on one side, plain records on the other.

Purpose: read what partners deliver and write what others read, without knowing a database or a web framework.

Nouns: :class:`~allmende.formats.records.RawRecord` (one thing as delivered), :class:`~allmende.formats.records.Record`
(one thing understood), :class:`~allmende.formats.records.Problem` (what was wrong, where, and what to do).

Verbs: ``split`` (bytes -> raw records), ``parse`` (raw record -> record and problems).  A reader is one folder with both
functions and its own samples; ``readers.py`` lists the readers by name.
"""
