"""Federation: neighbouring regions and event calendars follow this one, and this one follows them (ActivityPub).

Purpose: what is public here reaches those who follow, and what they publish arrives here as a source like any other.

Nouns: ``RegionActor`` (this region, with its key), ``RemoteActor``, ``Follower``, ``Following`` (with its catalogue
source), ``DomainBlock``; ``Outgoing`` with its ``Delivery``s, ``Arrival``, ``SeenActivity``, ``SentEvent``.

Verbs: ``follow``, ``unfollow``, ``block_domain``, ``settle_follower``, ``rotate_key``; ``receive`` (the inbox),
``announce_changes``, ``deliver_due``, ``take_in_arrivals``, ``refresh_followings`` (the periodic work).
"""
