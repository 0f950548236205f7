"""The terms of a world: account, Region, timing, relaxations and limits."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mockaws import moments
from mockaws.records.world import (
    INSTANT,
    REALISTIC,
    ConnectRelaxation,
    DeleteRelaxation,
    HsmRelaxation,
    Limits,
    Relaxations,
    Terms,
    Timing,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.seed.draft import Item

_DEFAULTS = Terms()


def read(document: Item, account: str | None) -> Terms:
    """Return what the fixture says of them; *account* is the user's choice, which must not contradict the fixture."""
    own = document.text("account")
    if own is not None and account is not None and own != account:
        document.wrong("account", f"{own} is not the account {account} that was asked for", f"{account}, or no account")
    return Terms(
        account=own or account or _DEFAULTS.account,
        region=document.text("region") or _DEFAULTS.region,
        timing=_timing(document),
        relaxations=_relaxations(document.item("relaxations")),
        limits=_limits(document.item("limits")),
    )


def written(terms: Terms) -> dict[str, Any]:
    """Return what a fixture says of *terms*."""
    timing = {name: moments.duration_written(value) for name, value in _changed(terms.timing, INSTANT)}
    return {
        "account": terms.account,
        "region": terms.region,
        "timing": "realistic" if terms.timing == REALISTIC else timing or "instant",
        "relaxations": dict(terms.relaxations.in_force()),
        "limits": dict(_changed(terms.limits, _DEFAULTS.limits)),
    }


def _changed(values: Timing | Limits, defaults: Timing | Limits) -> Iterator[tuple[str, Any]]:
    for field in fields(values):
        value = getattr(values, field.name)
        if value != getattr(defaults, field.name):
            yield field.name, value


def _timing(document: Item) -> Timing:
    if document.value("timing") == "realistic":
        return REALISTIC
    durations = document.item("timing")
    return Timing(**{field.name: _duration(durations, field.name) for field in fields(Timing)})


def _duration(durations: Item, name: str) -> float:
    text = durations.text(name)
    if text is None:
        return float(getattr(INSTANT, name))
    try:
        return moments.duration(text)
    except moments.TooLongError:
        durations.wrong(name, f"{text} is too long", moments.AT_MOST)
        return 0.0
    except ValueError:
        durations.wrong(name, f"{text} names no time", "an ISO 8601 duration such as PT20M")
        return 0.0


def _relaxations(item: Item) -> Relaxations:
    defaults = Relaxations()
    return Relaxations(
        connect=ConnectRelaxation(item.text("connect") or defaults.connect),
        delete_custom_key_store=DeleteRelaxation(
            item.text("delete_custom_key_store") or defaults.delete_custom_key_store
        ),
        second_hsm=HsmRelaxation(item.text("second_hsm") or defaults.second_hsm),
    )


def _limits(item: Item) -> Limits:
    given = {field.name: item.whole(field.name) for field in fields(Limits)}
    return Limits(**{name: number for name, number in given.items() if number is not None})
