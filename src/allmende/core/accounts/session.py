"""What a session remembers: how its person came in, whether they showed lately who they are, and a half-done sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.contrib.auth import login, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from allmende.core.accounts.devices import device_of
from allmende.core.models import SignIn, User

SEEN: Final = "seen_hour"
METHOD: Final = "came_by"
CONFIRMED: Final = "confirmed_at"
PENDING: Final = "second_step"
PENDING_SECONDS: Final = 600
"""So long may the second step take."""
CONFIRMED_SECONDS: Final = 15 * 60
"""So long after showing who they are may people change what guards the account."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who has shown the first factor."""

    user: User
    method: str
    next: str


def enter(request: HttpRequest, user: User, *, method: str, now: datetime) -> None:
    """Sign ``user`` in here.  The session gets a new key, so that one known before is worth nothing."""
    request.session.pop(PENDING, None)
    login(request, user)
    request.session[METHOD] = method[:60]
    request.session.pop(SEEN, None)
    confirm(request, now=now)
    seen(request, now=now)


def leave(request: HttpRequest) -> None:
    """End the session here and on the server."""
    SignIn.objects.filter(session_key=request.session.session_key or "").delete()
    logout(request)


def wait_for_second_step(request: HttpRequest, user: User, *, method: str, next_path: str, now: datetime) -> None:
    """Remember who has shown the first factor; they are not signed in yet."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "method": method[:40],
        "next": next_path,
        "until": now.timestamp() + PENDING_SECONDS,
    }


def pending(request: HttpRequest, *, now: datetime) -> Pending | None:
    """Who is at the second step here; None when it took too long, or the password changed meanwhile."""
    kept: Any = request.session.get(PENDING)
    if not kept or now.timestamp() > kept["until"]:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["hash"]):
        return None
    return Pending(user, kept["method"], kept["next"])


def confirm(request: HttpRequest, *, now: datetime) -> None:
    """Note that the person showed who they are."""
    request.session[CONFIRMED] = now.timestamp()


def is_confirmed(request: HttpRequest, *, now: datetime) -> bool:
    """Whether they did so within the last quarter of an hour."""
    at = float(request.session.get(CONFIRMED, 0))
    return 0 <= now.timestamp() - at <= CONFIRMED_SECONDS


def seen(request: HttpRequest, *, now: datetime) -> None:
    """Keep the list of sign-ins true, with one write an hour."""
    hour = int(now.timestamp()) // 3600
    session = request.session
    if session.get(SEEN) == hour:
        return
    session[SEEN] = hour
    if session.session_key is None:
        session.save()
    at = now.replace(minute=0, second=0, microsecond=0)
    SignIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={"last_seen_at": at},
        create_defaults={
            "user_id": cast(User, request.user).pk,
            "device": device_of(request.META.get("HTTP_USER_AGENT", "")),
            "method": str(session.get(METHOD, "")),
            "started_at": now,
            "last_seen_at": at,
        },
    )


def keep_after_password_change(old_key: str | None, new_key: str | None) -> None:
    """The session goes on under a new key."""
    SignIn.objects.filter(session_key=old_key or "").update(session_key=new_key or "")


def end_sessions(user: User, *, pk: int | None = None, keep: str = "") -> list[SignIn]:
    """End sessions of ``user``: the one with the number ``pk``, or all but ``keep``.  Return what was ended."""
    wanted = SignIn.objects.filter(user_id=user.pk).exclude(session_key=keep)
    rows = list(wanted if pk is None else wanted.filter(pk=pk))
    keys = [row.session_key for row in rows]
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(session_key__in=keys).delete()
    return rows


def forget_old_sessions(*, now: datetime) -> int:
    """Delete the sessions that have run out, and what was listed of them; return how many."""
    gone = Session.objects.filter(expire_date__lt=now).delete()[0]
    # A listed session without one in the table was ended by signing out elsewhere or by a new password.
    SignIn.objects.filter(last_seen_at__lt=now - timedelta(hours=2)).exclude(
        session_key__in=Session.objects.values("session_key")
    ).delete()
    return int(gone)
