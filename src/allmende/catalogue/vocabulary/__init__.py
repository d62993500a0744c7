"""The published vocabulary: categories, audiences, access facts and statuses, with their words in six languages.

Three JSON files beside this one hold it, so that other systems can read it without Python.  A category follows a
schema.org type.  ``types`` are terms of schema.org and DATAtourisme, ``synonyms`` the words that sources use,
``telling_words`` those that name the category even inside a title.
"""

from allmende.catalogue.vocabulary.matching import guess_categories, match_audiences, match_categories
from allmende.catalogue.vocabulary.terms import (
    LANGUAGES,
    AccessFact,
    Audience,
    Category,
    Label,
    Status,
    access_facts,
    audiences,
    categories,
    category,
    statuses,
)

__all__ = [
    "LANGUAGES",
    "AccessFact",
    "Audience",
    "Category",
    "Label",
    "Status",
    "access_facts",
    "audiences",
    "categories",
    "category",
    "guess_categories",
    "match_audiences",
    "match_categories",
    "statuses",
]
