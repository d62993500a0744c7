"""Requests counted in memory."""

from __future__ import annotations

import threading

import pytest

from allmende.core.api import meter as module
from allmende.core.api.meter import Meter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_sender_may_ask_so_often_in_a_window() -> None:
    clock = Clock()
    meter = Meter("anonymous", 2, 60, clock=clock)
    assert [meter.count("a").is_over for _ in range(3)] == [False, False, True]
    assert not meter.count("b").is_over
    assert meter.count("a").seconds == 20  # 1000 = 16 * 60 + 40
    clock.now += 20
    assert meter.count("a") == (False, 1, 60)


def test_the_fields_say_what_is_left() -> None:
    meter = Meter("key", 5, 60, clock=Clock())
    assert meter.headers(meter.count("a")) == {"RateLimit-Policy": '"key";q=5;w=60', "RateLimit": '"key";r=4;t=20'}


def test_the_longest_silent_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SENDERS", 3)
    meter = Meter("anonymous", 1, 60, clock=Clock())
    for sender in ("a", "b", "c", "a", "d"):
        meter.count(sender)
    assert meter.count("a").is_over
    assert not meter.count("b").is_over


def test_threads_lose_no_request() -> None:
    meter = Meter("anonymous", 10**6, 60, clock=Clock())
    threads = [threading.Thread(target=lambda: [meter.count("a") for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.count("a").left == 10**6 - 8 * 500 - 1
