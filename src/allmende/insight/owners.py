"""For which organisations somebody may keep places, figures and interventions, in the order in which they mean them."""

from __future__ import annotations

from typing import Final

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from allmende.catalogue.models import Source
from allmende.insight.models import Site
from allmende.partners.models import Membership, Organisation
from allmende.partners.rules import Someone, organisation_ids, organisations_to_edit

MOST: Final = 500


def owners_to_choose(user: Someone) -> list[tuple[int, str]]:
    """(number, name) of up to 500 organisations that ``user`` may act for: their own, then others.

    Those that measure places already come first, those that deliver a feed last.  The operator may act for all; who is known
    only because a feed names them is left out.
    """
    mine = organisations_to_edit(user)
    people = Membership.objects.filter(organisation=OuterRef("pk"))
    sites = Site.objects.filter(organisation=OuterRef("pk"))
    feeds = Source.objects.filter(organisation=OuterRef("pk"))
    rank = Case(
        When(Exists(sites), then=Value(1)),
        When(Exists(feeds), then=Value(3)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = Organisation.objects.filter(ended_on__isnull=True)
    if mine is None:
        own = Case(When(pk__in=organisation_ids(user), then=Value(0)), default=Value(1), output_field=IntegerField())
        rows = rows.filter(Q(Exists(people)) | Q(Exists(sites)) | ~Exists(feeds)).order_by(own, rank, "name")
    else:
        rows = rows.filter(pk__in=mine).order_by(rank, "name")
    return list(rows.values_list("pk", "name")[:MOST])
