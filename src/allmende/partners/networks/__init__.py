"""Networks: founded, joined, worked in.

Purpose: what organisations do together has a place of its own, with its people, its own rules and its own papers.

Nouns: ``Network``, ``NetworkOrganisation``, ``NetworkPerson``, ``NetworkProposal``, ``NetworkGuest``, ``WorkingGroup``,
``NetworkNews``, ``NetworkDate``, ``NetworkFile``, ``NetworkFeed``, ``Task``.

Doors: ``queries`` (read), ``actions`` (change).  Who may what is in ``rules``; what a network of a kind begins with is in
``defaults``; who works with whom is collected from the providers in ``ties``.
"""
