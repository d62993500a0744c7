"""Sentences for the lines of the audit trail.

Places: ``%(who)s`` who did it, ``%(thing)s`` what it was done to, ``%(person)s`` whom it concerns beside.  An action without
a sentence here stands in a plain one; a test names every action of the program that has none.
"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Sentences = dict[str, "Promise | str"]

SENTENCES: Final[Sentences] = {
    "catalogue.alert": _("The managers were told that the feed %(thing)s is in trouble."),
    "catalogue.ask_for_fetch": _("%(who)s asked that the feed %(thing)s be fetched now."),
    "catalogue.bulk_edit": _("%(who)s changed many records at once."),
    "catalogue.bulk_undo": _("%(who)s took back a change of many records."),
    "catalogue.by_key": _("A program changed %(thing)s with a key of %(who)s."),
    "catalogue.change_schedule": _("%(who)s changed when the feed %(thing)s is fetched."),
    "catalogue.change_source": _("%(who)s changed the settings of the source %(thing)s."),
    "catalogue.copy": _("%(who)s made %(thing)s as a copy of another record."),
    "catalogue.draft": _("%(who)s made %(thing)s a draft."),
    "catalogue.edit": _("%(who)s edited %(thing)s."),
    "catalogue.found_source": _("%(who)s added the source %(thing)s."),
    "catalogue.hand_over": _("%(who)s gave the source %(thing)s to another organisation."),
    "catalogue.import": _("%(who)s imported a delivery of %(thing)s."),
    "catalogue.match": _("%(who)s said whether %(thing)s is listed twice."),
    "catalogue.published": _("%(who)s published %(thing)s."),
    "catalogue.release": _("%(who)s took the source’s value again for %(thing)s."),
    "catalogue.report_mistake": _("A reader reported a mistake in %(thing)s."),
    "catalogue.separate": _("%(who)s separated %(thing)s from another record."),
    "catalogue.set_gap_aside": _("%(who)s set a gap aside in %(thing)s."),
    "catalogue.settle_report": _("%(who)s settled a report about %(thing)s."),
    "catalogue.submitted": _("%(who)s submitted %(thing)s for review."),
    "catalogue.take_gap_back": _("%(who)s looks for a gap again in %(thing)s."),
    "catalogue.withdrawn": _("%(who)s withdrew %(thing)s."),
    "core.end_calendar": _("%(who)s ended the address of their calendar."),
    "core.renew_calendar": _("%(who)s made a new address for their calendar."),
    "federation.accept": _("%(who)s let a neighbour follow this region."),
    "federation.answered": _("A neighbour answered whether this region may follow it."),
    "federation.block": _("%(who)s blocked a server."),
    "federation.follow": _("%(who)s asked to follow a neighbour."),
    "federation.followed": _("A neighbour began to follow this region."),
    "federation.gone": _("A neighbour that this region followed is gone."),
    "federation.reject": _("%(who)s did not let a neighbour follow this region."),
    "federation.rotate_key": _("%(who)s made a new key for this region."),
    "federation.unblock": _("%(who)s took back that a server is blocked."),
    "federation.unfollow": _("%(who)s ended following a neighbour."),
    "federation.unfollowed": _("A neighbour ended following this region."),
    "guide.set_brand": _("%(who)s changed the brand."),
    "partners.finish_task": _("%(who)s finished the task %(thing)s."),
    "partners.found_organisation": _("%(who)s entered the organisation %(thing)s."),
    "partners.join": _("%(who)s gave %(person)s a role in %(thing)s."),
    "partners.load_territories": _("%(who)s loaded municipalities and their outlines."),
    "partners.make_key": _("%(who)s made a key for %(thing)s."),
    "partners.make_task": _("%(who)s made the task %(thing)s."),
    "partners.reopen_task": _("%(who)s opened the task %(thing)s again."),
    "partners.revoke_key": _("%(who)s revoked a key of %(thing)s."),
    "site.save_account": _("The account of %(person)s was made or changed on the command line."),
}


def sentence(action: str, *, who: str, thing: str, person: str) -> str:
    """What happened, in words."""
    told = {"who": who, "thing": thing, "person": person}
    if action in SENTENCES:
        return str(SENTENCES[action]) % told
    return gettext("%(who)s: %(action)s, %(thing)s") % {**told, "action": action_label(action)}


def action_label(action: str) -> str:
    """An action by its own words, for lists: ``catalogue: take gap back``."""
    module, _sep, verb = action.partition(".")
    return f"{module}: {verb.replace('_', ' ')}" if verb else action
