"""Worlds share the lock of the one moto in a process."""

from __future__ import annotations

from threading import Event, Thread

from mockaws.other_services.scheduling import SharedLock


class World:
    """A holder that notes when its state is swapped in and out."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self._name, self._notes = name, notes

    def swap_in(self) -> None:
        """Note it."""
        self._notes.append(f"{self._name} in")

    def swap_out(self) -> None:
        """Note it."""
        self._notes.append(f"{self._name} out")


def test_state_stays_until_another_holder_comes() -> None:
    """A holder's state is taken out when another one gets the lock, and not before."""
    lock, notes = SharedLock(), list[str]()
    one, two = World("one", notes), World("two", notes)
    for holder in (one, one, two):
        with lock.held_by(holder):
            notes.append("works")
    assert notes == ["one in", "works", "works", "one out", "two in", "works"]


def test_first_come_first_served() -> None:
    """A holder whose requests overlap without an end does not starve another one."""
    lock, notes = SharedLock(), list[str]()
    busy, patient = World("busy", notes), World("patient", notes)
    inside, go_on = Event(), Event()

    def work(holder: World, arrived: Event) -> None:
        with lock.held_by(holder):
            arrived.set()
            go_on.wait()

    threads = [Thread(target=work, args=(busy, inside))]
    threads[0].start()
    inside.wait()
    second, third = Event(), Event()
    for holder, arrived, waiting in ((patient, second, 1), (busy, third, 2)):
        threads.append(Thread(target=work, args=(holder, arrived)))
        threads[-1].start()
        while lock.waiting < waiting:
            pass
    assert not third.is_set()
    go_on.set()
    for thread in threads:
        thread.join()
    assert notes == ["busy in", "busy out", "patient in", "patient out", "busy in"]


def test_released_while_waiting() -> None:
    """A thread that waits releases the lock and acquires it again; without the lock it does neither."""
    lock, notes = SharedLock(), list[str]()
    one, two = World("one", notes), World("two", notes)

    def work() -> None:
        with lock.held_by(two, alone=True):
            notes.append("two works")

    with lock.held_by(one):
        with lock.released(), lock.released():
            other = Thread(target=work)
            other.start()
            other.join()
        notes.append("one works")
    with lock.released():
        pass
    assert notes == ["one in", "one out", "two in", "two works", "two out", "one in", "one works"]
