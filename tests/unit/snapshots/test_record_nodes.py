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
from mockaws.fixtures import record_nodes, safe_yaml
from mockaws.moments import exactly, moment
from mockaws.records.base import Record
from mockaws.records.cloudhsm import HsmUser
from mockaws.records.codec import RECORD_TYPES, TYPE_NAMES, shape_of
from mockaws.records.kms import DomainKey, KeyMaterial
from mockaws.records.outages import Outage
from mockaws.records.state import Bookkeeping
from tests import samples

pytestmark = pytest.mark.slow

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
    types = get_type_hints(kind, localns=dict(TYPE_NAMES))
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else kind._fields
    return st.builds(kind, **{name: values(types[name]) for name in names})


def there_and_back(value: Any, **writing: Any) -> Any:
    """Return what is read of what is written of a value."""
    text = safe_yaml.dump({"it": record_nodes.write(value, record_nodes.Writing(**writing))})
    parsed = safe_yaml.parse(text.encode())
    assert not parsed.mistakes
    assert parsed.root is not None
    node = parsed.root.child("it")
    assert node is not None
    reading = record_nodes.Reading()
    found = record_nodes.read(type(value), node, (), reading)
    assert not reading.mistakes
    return found


@pytest.mark.parametrize("kind", RECORD_TYPES.values())
@given(data=st.data())
def test_each_kind_comes_back_equal(kind: type[Record], data: Any) -> None:
    """Nothing that a field may hold is lost or changed on the way through YAML."""
    record = data.draw(values(kind))
    assert there_and_back(record) == record


def test_every_record_is_known() -> None:
    """Snapshots know each kind of record that AWS has as a resource."""
    modules = [import_module(f"{records.__name__}.{found.name}") for found in pkgutil.iter_modules(records.__path__)]
    there = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
        if not issubclass(kind, Bookkeeping)  # no snapshot contains it
    }
    assert set(RECORD_TYPES.values()) == there


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
    """A failure ends with its repair; one that begins at no moment is no failure."""
    subnet = replace(samples.subnet(), outages=(outage,))
    assert there_and_back(subnet) == subnet
    text = "since: never\nuntil: never\n"
    root = safe_yaml.parse(text.encode()).root
    assert root is not None
    reading = record_nodes.Reading()
    assert record_nodes.read(Outage, root, (), reading) is None
    assert [(line, fault.path, fault.message) for line, fault in reading.mistakes] == [
        (1, ("since",), "never is not a moment")
    ]


@pytest.mark.parametrize("kind", [*RECORD_TYPES.values(), KeyMaterial, HsmUser])
@given(data=st.data())
def test_secrets_are_left_out(kind: type[Any], data: Any) -> None:
    """Without secrets no key material is written, and names stand for passwords."""
    written = record_nodes.write(data.draw(values(kind)), record_nodes.Writing(replacements={}))
    for name, value in _everything(written):
        if name in SECRETS:
            assert value in {None, ""} or str(value).startswith("leftOut")


def test_each_secret_is_known_as_one() -> None:
    """A field with the name of a secret stays out of `repr`, which is how snapshots recognise it."""
    for kind in [*RECORD_TYPES.values(), KeyMaterial, HsmUser]:
        for each in fields(kind):
            if each.name in SECRETS:
                assert not each.repr, f"{kind.__name__}.{each.name}"


def test_equal_passwords_get_equal_names() -> None:
    """So that a store which could log in can log in."""
    writing = record_nodes.Writing(replacements={})
    alice, bob, carol = (
        record_nodes.write(HsmUser(name="x", role="admin", password=password), writing) for password in ("a", "b", "a")
    )
    assert alice == carol != bob


def test_what_is_left_out_is_told_from_what_is_not_there() -> None:
    """Imported material that its owner deleted is null; a secret that was left out is not mentioned."""
    deleted = KeyMaterial(id="0", secret=None, created_at=0.0)
    assert record_nodes.write(deleted, record_nodes.Writing(replacements={}))["secret"] is None
    assert there_and_back(deleted, replacements={}) == deleted
    left_out = DomainKey(account="1", region="2", id="3", secret=b"secret")
    assert there_and_back(left_out, replacements={}).secret == record_nodes.OMITTED_SECRET


def test_defaults_are_left_out() -> None:
    """A snapshot is short: what a record has by default is not written."""
    user = HsmUser(name="alice", role="admin", password="alicePswd1")
    assert record_nodes.write(user, record_nodes.Writing()) == {
        "name": "alice",
        "role": "admin",
        "password": "alicePswd1",
    }


def test_a_type_that_nobody_wrote_a_codec_for() -> None:
    """A field of an unknown type fails when the program is tested, not when a snapshot loses it."""
    with pytest.raises(TypeError, match="no field of a record can be <class 'complex'>"):
        shape_of(complex)


def _everything(written: Any) -> list[tuple[str, Any]]:
    if isinstance(written, list):
        return [pair for value in written for pair in _everything(value)]
    if not isinstance(written, dict):
        return []
    return [*written.items(), *(pair for value in written.values() for pair in _everything(value))]
