"""Core: what every module stands on; knows no module.

Purpose: accounts, audit, translated text, publication states, the content stamp that makes cached pages fresh, page parts.

Nouns: ``User``, ``AuditEntry``, ``Translated``, ``Publication``, ``ContentStamp``.

Verbs: ``record`` (write an audit line), ``touch_content`` (say that public content changed), ``insert_rows`` (bulk writing).
"""
