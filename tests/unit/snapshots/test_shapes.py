"""Every record can be written and read again, whatever is in its fields."""

from __future__ import annotations

import math
import pkgutil
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockaws import records
from mockaws.clock import LATEST
from mockaws.moments import exactly, moment
from mockaws.records.base import Record
from mockaws.records.cloudhsm import HsmUser
from mockaws.records.kms import DomainKey, KeyMaterial
from mockaws.records.outages import Outage
from mockaws.seed import safe_yaml, shapes
from mockaws.seed.kinds import KINDS, NAMES
from tests import samples

SECRETS = {"password", "given_password", "material", "secret"}
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text() | st.sampled_from(("1e5", "0o17", "~", "No", "a: b", "# a", "x\n", "\n", " x ", "2024-01-01", "<<")),
    int: st.integers(-(2**63), 2**63),
    bool: st.booleans(),
    float: st.floats(0, LATEST) | st.integers(0, 2**31).map(float),
    bytes: st.binary(min_size=1, max_size=100),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of a type."""
    arguments = get_args(kind)
    if get_origin(kind) is UnionType or NoneType in arguments:
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return st.none() | values(inner)
    if get_origin(kind) is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if arguments:
        return st.dictionaries(PLAIN[str], PLAIN[str], max_size=2)
    if kind in PLAIN:
        return PLAIN[kind]
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    types = get_type_hints(kind, localns=dict(NAMES))
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else kind._fields
    return st.builds(kind, **{name: values(types[name]) for name in names})


def there_and_back(value: Any, **writing: Any) -> Any:
    """Return what is read of what is written of a value."""
    text = safe_yaml.dump({"it": shapes.write(value, shapes.Writing(**writing))})
    parsed = safe_yaml.parse(text.encode())
    assert not parsed.faults
    assert parsed.root is not None
    node = parsed.root.child("it")
    assert node is not None
    reading = shapes.Reading()
    found = shapes.read(type(value), node, (), reading)
    assert not reading.faults
    return found


@pytest.mark.parametrize("kind", KINDS.values())
@given(data=st.data())
def test_each_kind_comes_back_equal(kind: type[Record], data: Any) -> None:
    """Nothing that a field may hold is lost or changed on the way through YAML."""
    record = data.draw(values(kind))
    assert there_and_back(record) == record


def test_every_record_is_known() -> None:
    """A kind of record that nobody told snapshots of would be missing in them."""
    modules = [import_module(f"{records.__name__}.{found.name}") for found in pkgutil.iter_modules(records.__path__)]
    there = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    }
    assert set(KINDS.values()) == there


@given(st.floats(0, LATEST))
@example(0.0)
@example(1e-9)
@example(1_507_133_412.351)
@example(math.nextafter(1_507_133_412.351, math.inf))
def test_moments_are_exact(seconds: float) -> None:
    """A date has as many decimals as it takes to be the same moment again."""
    assert moment(exactly(seconds)) == seconds


@pytest.mark.parametrize("outage", [Outage(0.0), Outage(0.0, 5.0), Outage(5.0, cause="zone")])
def test_what_has_no_end(outage: Outage) -> None:
    """A failure ends when somebody mends it; what begins at no moment is none."""
    subnet = replace(samples.subnet(), outages=(outage,))
    assert there_and_back(subnet) == subnet
    text = "since: never\nuntil: never\n"
    root = safe_yaml.parse(text.encode()).root
    assert root is not None
    reading = shapes.Reading()
    assert shapes.read(Outage, root, (), reading) is None
    assert [(line, fault.path, fault.message) for line, fault in reading.faults] == [
        (1, ("since",), "never is no moment")
    ]


@pytest.mark.parametrize("kind", [*KINDS.values(), KeyMaterial, HsmUser])
@given(data=st.data())
def test_secrets_are_left_out(kind: type[Any], data: Any) -> None:
    """Without secrets no key material is written, and names stand for passwords."""
    written = shapes.write(data.draw(values(kind)), shapes.Writing(names={}))
    for name, value in _everything(written):
        if name in SECRETS:
            assert value in {None, ""} or str(value).startswith("leftOut")


def test_each_secret_is_known_as_one() -> None:
    """What has the name of a secret stays out of `repr`, which is how snapshots know it."""
    for kind in [*KINDS.values(), KeyMaterial, HsmUser]:
        for each in fields(kind):
            if each.name in SECRETS:
                assert not each.repr, f"{kind.__name__}.{each.name}"


def test_equal_passwords_get_equal_names() -> None:
    """So that a store which could log in can log in."""
    writing = shapes.Writing(names={})
    alice, bob, carol = (
        shapes.write(HsmUser(name="x", role="admin", password=password), writing) for password in ("a", "b", "a")
    )
    assert alice == carol != bob


def test_what_is_left_out_is_told_from_what_is_not_there() -> None:
    """Imported material that its owner deleted is null; a secret that was left out is not mentioned."""
    deleted = KeyMaterial(id="0", secret=None, created_at=0.0)
    assert shapes.write(deleted, shapes.Writing(names={}))["secret"] is None
    assert there_and_back(deleted, names={}) == deleted
    left_out = DomainKey(account="1", region="2", id="3", secret=b"secret")
    assert there_and_back(left_out, names={}).secret == shapes.MADE_ANEW


def test_defaults_are_left_out() -> None:
    """A snapshot is short: what a record has by default is not written."""
    user = HsmUser(name="alice", role="admin", password="alicePswd1")
    assert shapes.write(user, shapes.Writing()) == {"name": "alice", "role": "admin", "password": "alicePswd1"}


def test_a_type_that_nobody_wrote_a_codec_for() -> None:
    """A field of another type is found out when the program is tested, not when somebody loses it."""
    with pytest.raises(TypeError, match="no snapshot can hold <class 'complex'>"):
        shapes.codec(complex)


def _everything(written: Any) -> list[tuple[str, Any]]:
    if isinstance(written, list):
        return [pair for value in written for pair in _everything(value)]
    if not isinstance(written, dict):
        return []
    return [*written.items(), *(pair for value in written.values() for pair in _everything(value))]
