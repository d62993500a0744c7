"""This region as an actor: its row, its key, its signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from allmende.federation import keys
from allmende.federation.addresses import own_host
from allmende.federation.keys import KeyLost
from allmende.federation.models import RegionActor
from allmende.partners import queries as partners

__all__ = ["KeyLost", "Sign", "can_sign", "name_by", "region_actor", "region_name", "signer"]

Sign = Callable[[bytes], bytes]


def can_sign() -> bool:
    """Whether the private key can be read; raises :class:`keys.KeyLost` with the remedy.  False: there is none yet."""
    row = RegionActor.objects.filter(id=1).first()
    if row is None:
        return False
    keys.sign(row.private_key, settings.SECRET_KEY, b"")
    return True


def region_actor(now: datetime) -> RegionActor:
    """The one row; made with a key pair when it is first asked for."""
    found = RegionActor.objects.filter(id=1).first()
    if found:
        return found
    private, public = keys.make_keys(settings.SECRET_KEY)
    with transaction.atomic():
        made, _ = RegionActor.objects.get_or_create(
            id=1, defaults={"private_key": private, "public_key": public, "made_at": now}
        )
    return made


def signer(now: datetime) -> Sign:
    """What signs in this region's name; raises :class:`keys.KeyLost` when it is used and the key cannot be read."""
    pem = region_actor(now).private_key
    return lambda data: keys.sign(pem, settings.SECRET_KEY, data)


_brand: list[Callable[[], str]] = []


def name_by(brand_name: Callable[[], str]) -> None:
    """Say where the name of the umbrella brand is; the module above that keeps it calls this once."""
    _brand[:] = [brand_name]


def region_name() -> str:
    """What others see: the umbrella brand's name, else the region's, else the host."""
    told = _brand[0]() if _brand else ""
    found = None if told else partners.region()
    return told or (found.name if found else own_host())
