"""Worlds take turns at the one moto of a process."""

from __future__ import annotations

from threading import Event, Thread

from mockaws.others.turns import Turns


class Guest:
    """A guest that writes down when it comes and goes."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self._name, self._diary = name, diary

    def enter(self) -> None:
        """Write that it comes."""
        self._diary.append(f"{self._name} enters")

    def leave(self) -> None:
        """Write that it goes."""
        self._diary.append(f"{self._name} leaves")


def test_one_guest_stays_until_another_comes() -> None:
    """What a guest has brought is taken away when another one comes, and not before."""
    turns, diary = Turns(), list[str]()
    one, two = Guest("one", diary), Guest("two", diary)
    for guest in (one, one, two):
        with turns.of(guest):
            diary.append("works")
    assert diary == ["one enters", "works", "works", "one leaves", "two enters", "works"]


def test_first_come_first_served() -> None:
    """A guest whose requests overlap without an end does not keep another one waiting for ever."""
    turns, diary = Turns(), list[str]()
    busy, patient = Guest("busy", diary), Guest("patient", diary)
    inside, go_on = Event(), Event()

    def work(guest: Guest, arrived: Event) -> None:
        with turns.of(guest):
            arrived.set()
            go_on.wait()

    threads = [Thread(target=work, args=(busy, inside))]
    threads[0].start()
    inside.wait()
    second, third = Event(), Event()
    for guest, arrived, there in ((patient, second, 1), (busy, third, 2)):
        threads.append(Thread(target=work, args=(guest, arrived)))
        threads[-1].start()
        while turns.waiting < there:
            pass
    assert not third.is_set()
    go_on.set()
    for thread in threads:
        thread.join()
    assert diary == ["busy enters", "busy leaves", "patient enters", "patient leaves", "busy enters"]


def test_given_up_while_waiting() -> None:
    """Who waits for something gives up the turn, comes back into it, and may do neither without one."""
    turns, diary = Turns(), list[str]()
    one, two = Guest("one", diary), Guest("two", diary)

    def work() -> None:
        with turns.of(two, alone=True):
            diary.append("two works")

    with turns.of(one):
        with turns.given_up(), turns.given_up():
            other = Thread(target=work)
            other.start()
            other.join()
        diary.append("one works")
    with turns.given_up():
        pass
    assert diary == ["one enters", "one leaves", "two enters", "two works", "two leaves", "one enters", "one works"]
