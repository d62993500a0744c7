"""Interventions: what was done about crowding, what was expected, and whether it worked.

What is expected is locked before the start, a plan says beforehand whether it could be seen, an evaluation says afterwards
whether it came (``engines.evaluation``).  Doors: ``actions`` and ``queries``; ``running`` does the work that takes seconds.
"""
