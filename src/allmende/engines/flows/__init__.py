"""The visitor-flow engine: from mobile-phone data to safe, defensible figures.

Who was where, when, from where and for how long.  A library of its own: no Django, tables in, tables out.

Nouns: an **event** is one sighting of a device (time, place, accuracy or cell).  A **piece** is a run of a device's events
at one spot within a day.  A **stay** is a device at rest for at least a minimum time.  A **place** is where a device stays
again and again (home, work, a regular place).  The **visitor class** says for each device and day what brought it here.
**Presence** counts devices per grid cell and hour, **OD** counts their moves.  A **release** is a set of tables that is safe
to publish, with the lineage of its figures.

Verbs: clean, find stays, know the usual environment, classify, find trips, count presence and flows, expand from devices to
people, protect, publish, attack.  Each step is a plain function on Arrow tables or NumPy arrays; ``run`` chains them.
The table between two steps is declared in ``tables``; what a run may be told is declared in ``parameters``.
"""
