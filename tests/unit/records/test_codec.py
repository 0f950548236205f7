"""The contract between the two ways to write and read a record: the compiled one, and that of snapshots."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.fixtures import record_nodes, safe_yaml
from mockaws.records import codec
from mockaws.records.cloudhsm import HsmUser, Subnet
from mockaws.records.codec import RECORD_TYPES
from mockaws.records.outages import Outage
from tests.unit.snapshots.test_record_nodes import values

if TYPE_CHECKING:
    from mockaws.records.base import Record

pytestmark = pytest.mark.slow


def on_one_line(data: Any) -> Any:
    """Return data of a snapshot with base64 on one line, as the compiled way writes it."""
    if isinstance(data, dict):
        return {
            name: "".join(value.split()) if name in {"secret", "material"} and value else on_one_line(value)
            for name, value in data.items()
        }
    return [on_one_line(each) for each in data] if isinstance(data, list) else data


def read_as_snapshot(kind: type, data: dict[str, Any]) -> Any:
    """Return what a snapshot reads from YAML."""
    root = safe_yaml.parse(safe_yaml.dump(data).encode()).root
    assert root is not None
    reading = record_nodes.Reading()
    found = record_nodes.read(kind, root, (), reading)
    assert not reading.mistakes
    return found


@pytest.mark.parametrize("kind", RECORD_TYPES.values())
@given(data=st.data())
def test_both_ways_agree(kind: type[Record], data: Any) -> None:
    """A record comes back equal both ways, and each way reads what the other has written."""
    record = data.draw(values(kind))
    encoded, written = codec.encode(record), record_nodes.write(record, record_nodes.Writing())
    assert encoded == on_one_line(written)
    assert codec.decode(kind, encoded) == codec.decode(kind, written) == record
    assert codec.from_json(kind, codec.to_json(record)) == record
    assert read_as_snapshot(kind, encoded) == record


@pytest.mark.parametrize("kind", RECORD_TYPES.values())
@given(data=st.data())
def test_equal_records_have_the_same_text(kind: type[Record], data: Any) -> None:
    """The text of a record follows from its fields alone."""
    record = data.draw(values(kind))
    assert codec.to_json(codec.decode(kind, codec.encode(record))) == codec.to_json(record)


def test_the_text_of_a_record() -> None:
    """Defaults are left out, moments are dates, and a moment that never comes is a word."""
    subnet = Subnet(
        account="111122223333",
        region="us-west-2",
        id="subnet-1",
        vpc_id="vpc-1",
        zone="us-west-2a",
        cidr="10.0.0.0/24",
        free_addresses=251,
        outages=(Outage(0.0), Outage(1.5, 2.0, "zone")),
    )
    assert json.loads(codec.to_json(subnet)) == {
        "account": "111122223333",
        "region": "us-west-2",
        "id": "subnet-1",
        "vpc_id": "vpc-1",
        "zone": "us-west-2a",
        "cidr": "10.0.0.0/24",
        "free_addresses": 251,
        "outages": [
            {"since": "1970-01-01T00:00:00Z"},
            {"since": "1970-01-01T00:00:01.5Z", "until": "1970-01-01T00:00:02Z", "cause": "zone"},
        ],
    }
    assert codec.decode(Outage, {"since": 0, "until": "never"}).until == math.inf


def test_defaults_are_not_shared() -> None:
    """A mutable default is new for each record that is read."""
    record: Any = RECORD_TYPES["Key"]
    fields = {name: each for name, each in codec.fields_of(record).items() if each.default is not None}
    user = codec.decode(HsmUser, {"name": "a", "role": "admin", "password": "b"})
    assert user == HsmUser(name="a", role="admin", password="b")
    assert fields["tags"].default is not None
    assert fields["tags"].default() is not fields["tags"].default()
