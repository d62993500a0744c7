"""Tables of the federation."""

from allmende.federation.models.actors import DomainBlock, Follower, Following, RegionActor, RemoteActor
from allmende.federation.models.queues import Arrival, Delivery, Outgoing, SeenActivity, SentEvent

__all__ = [
    "Arrival",
    "Delivery",
    "DomainBlock",
    "Follower",
    "Following",
    "Outgoing",
    "RegionActor",
    "RemoteActor",
    "SeenActivity",
    "SentEvent",
]
