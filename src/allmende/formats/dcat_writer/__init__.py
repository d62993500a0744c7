"""DCAT-AP 3 out: ``values`` are what is described, ``graph`` writes them with rdflib."""
