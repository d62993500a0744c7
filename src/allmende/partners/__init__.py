"""Partners: the organisations of a region and the territory they stand in.

Purpose: every record has an owner and a place on the map; both are declared here.

Nouns: ``Organisation``, ``Membership`` (a person in an organisation, with a role), ``Territory`` (country, region,
department, municipality; official code, outline).

People come, act for each other and go in ``people/``; ``standing.py`` says in which roles somebody acts.

Verbs: ``load_territories``, ``found_organisation``, ``join_organisation``.
"""
