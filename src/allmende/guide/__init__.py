"""Guide: the region's public web site, and the workspace in which partners keep it right.

Purpose: guests find what is on and what there is, in their language, on a phone; editors import, preview and correct.

Nouns: ``Brand`` (name, logo, colours and font of the umbrella brand), pages, filters, favourites.

Verbs: ``set_brand``.
"""
