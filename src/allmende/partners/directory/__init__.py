"""The directory: who is there in the region, and what they offer.

``find`` answers searches with facets from bit sets that each process keeps in memory and brings up to date row by row; see
docs/decisions/0023.
"""
