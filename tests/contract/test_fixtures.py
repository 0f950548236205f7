"""The fixtures that ship, their schema, and the page about them."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.fixtures import library, loader, safe_yaml, schema
from mockaws.records.cloudhsm import Cluster, HsmState, Subnet
from mockaws.records.connecting import connection_error
from mockaws.records.kms import ConnectionState, CustomKeyStore, Key
from tests.unit.fixtures.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NAMED_IN_THE_ISSUE = {
    "empty",
    "developer-guide",
    "ready-cluster",
    "strict-cluster",
    "one-hsm",
    "one-zone",
    "degraded-hsm",
    "uninitialized-cluster",
    "disconnected-store",
}
# They speak of ARNs.
OF_AN_ACCOUNT = {"developer-guide", "cross-account-key"}
# The error codes of a CloudHSM key store's connection:
# https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html
ERROR_CODES = {
    "INVALID_CREDENTIALS",
    "CLUSTER_NOT_FOUND",
    "NETWORK_ERRORS",
    "INSUFFICIENT_CLOUDHSM_HSMS",
    "USER_LOCKED_OUT",
    "USER_NOT_FOUND",
    "USER_LOGGED_IN",
    "SUBNET_NOT_FOUND",
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
    "INTERNAL_ERROR",
}
BROKEN = {f"connection-{code.lower().replace('_', '-')}": code for code in ERROR_CODES}


@pytest.fixture(scope="module")
def reference() -> Any:
    """Return scripts/fixtures_reference.py as a module: it stands outside of every package."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module("fixtures_reference")
    finally:
        sys.path.pop(0)


def test_the_fixtures_are_those_that_were_promised() -> None:
    """There is a world for each ConnectionErrorCode of a CloudHSM store, and those that the README speaks of."""
    assert set(loader.shipped()) >= NAMED_IN_THE_ISSUE | set(BROKEN)


@pytest.mark.parametrize("name", loader.shipped())
def test_each_fixture_is_good_and_says_what_for(name: str) -> None:
    """It has no problem, the schema's included, names its schema for editors, and leaves the account to the user."""
    content = library.fixture(name).read_bytes()
    root = safe_yaml.parse(content).root
    assert root is not None
    assert list(schema.mistakes(root)) == []
    seed = loader.load(name, now=NOW)
    assert len(seed.description) > 80
    assert loader.scenario(name).mend
    assert seed.description == loader.describe(name)
    assert content.startswith(b"# yaml-language-server: $schema=schema.json\n")
    assert ("account" in root.plain()) == (name in OF_AN_ACCOUNT)
    assert seed.config.region == "us-west-2"


def test_empty_has_a_network_only() -> None:
    """Three subnets, and two in another Region, with fixed ids."""
    seed = loader.load("empty", now=NOW)
    assert [(record.id, getattr(record, "zone", "")) for record in seed.records] == [
        ("subnet-0a1b2c3d4e5f60001", "us-west-2a"),
        ("subnet-0a1b2c3d4e5f60002", "us-west-2b"),
        ("subnet-0a1b2c3d4e5f60003", "us-west-2c"),
        ("subnet-0a1b2c3d4e5f60011", "us-east-1a"),
        ("subnet-0a1b2c3d4e5f60012", "us-east-1b"),
    ]
    assert loader.load("empty", account="444455556666", now=NOW).config.account == "444455556666"


def test_developer_guide_is_the_example_value_for_value() -> None:
    """The KMS Developer Guide's cluster and key store, as it prints them."""
    seed = loader.load("developer-guide", now=NOW)
    cluster, store = one(seed, Cluster), one(seed, CustomKeyStore)
    assert (seed.config.account, seed.config.region) == ("111122223333", "us-west-2")
    assert (cluster.id, cluster.state(NOW), cluster.hsm_type) == ("cluster-1a23b4cdefg", "ACTIVE", "hsm1.medium")
    assert (cluster.created_at, cluster.vpc_id) == (1507133412.351, "vpc-1a2b3c4d")
    assert cluster.security_group == "sg-865af2fb"
    assert cluster.subnets == {"us-west-2a": "subnet-a6b10bd1", "us-west-2b": "subnet-b6b10bd2"}
    assert cluster.cluster_certificate
    assert [(hsm.id, hsm.zone, hsm.eni_ip, hsm.eni_id, hsm.subnet_id) for hsm in cluster.hsms] == [
        ("hsm-abcdefghijk", "us-west-2a", "10.0.1.11", "eni-ea8647e1", "subnet-a6b10bd1"),
        ("hsm-zyxwvutsrqp", "us-west-2b", "10.0.0.2", "eni-ea8647e1", "subnet-b6b10bd2"),
    ]
    assert {(hsm.state(NOW), hsm.state_message(NOW)) for hsm in cluster.hsms} == {(HsmState.ACTIVE, "HSM created.")}
    assert (store.id, store.name, store.cluster_id) == ("cks-1234567890abcdef0", "ExampleKeyStore", cluster.id)
    assert (store.created_at, store.connection_state(NOW)) == (1499288695.918, ConnectionState.CONNECTED)
    assert all_of(seed, Key) == []
    assert seed.config.irregular_ids == {"cluster-1a23b4cdefg"}


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("ready-cluster", {"us-west-2a": ["ACTIVE"], "us-west-2b": ["ACTIVE"]}),
        ("strict-cluster", {"us-west-2a": ["ACTIVE"], "us-west-2b": ["ACTIVE"]}),
        ("one-hsm", {"us-west-2a": ["ACTIVE"]}),
        ("one-zone", {"us-west-2a": ["ACTIVE", "ACTIVE"]}),
        ("degraded-hsm", {"us-west-2a": ["ACTIVE"], "us-west-2b": ["DEGRADED"]}),
        ("uninitialized-cluster", {}),
    ],
)
def test_one_configuration_runs_against_all_placements(name: str, states: dict[str, list[str]]) -> None:
    """The cluster has the same id and two zones in each; what differs is where its HSMs stand."""
    cluster = one(loader.load(name, now=NOW), Cluster)
    assert cluster.id == "cluster-readytwozone"
    assert set(cluster.subnets) == {"us-west-2a", "us-west-2b"}
    placed: dict[str, list[str]] = {}
    for hsm in cluster.hsms:
        placed.setdefault(hsm.zone, []).append(hsm.state(NOW))
    assert placed == states


def test_ready_cluster_can_carry_a_store_at_once() -> None:
    """Its trust anchor is fixtures/customerCA.crt, kmsuser's password kmsPswd123, and a store connects by itself."""
    seed = loader.load("ready-cluster", now=NOW)
    cluster = one(seed, Cluster)
    assert cluster.trust_anchor == (ROOT / "fixtures" / "customerCA.crt").read_text(encoding="ascii")
    subnets: list[Subnet | None] = [*all_of(seed, Subnet)]
    assert connection_error(cluster, subnets, "kmsPswd123", NOW) is None
    assert dict(seed.config.relaxations.in_force()) == {
        "connect": "on_create",
        "delete_custom_key_store": "with_pending_keys",
        "second_hsm": "at_any_time",
    }
    assert all_of(seed, CustomKeyStore) == []


def test_strict_cluster_does_only_what_aws_does() -> None:
    """It is the cluster of ready-cluster without relaxations."""
    assert list(loader.load("strict-cluster", now=NOW).config.relaxations.in_force()) == []


def test_disconnected_store_has_a_key_that_waits() -> None:
    """The store could be connected, and the key is Unavailable until it is."""
    seed = loader.load("disconnected-store", now=NOW)
    store, cluster, key = one(seed, CustomKeyStore), one(seed, Cluster), one(seed, Key)
    assert key.state(NOW, store) == "Unavailable"
    assert connection_error(cluster, all_of(seed, Subnet), store.password, NOW) is None


@pytest.mark.parametrize(("name", "code"), sorted(BROKEN.items()))
def test_each_broken_world_breaks_as_its_name_says(name: str, code: str) -> None:
    """Connecting its store ends with that ConnectionErrorCode, which the description names."""
    seed = loader.load(name, now=NOW)
    store, cluster = one(seed, CustomKeyStore), one(seed, Cluster)
    assert store.connection_state(NOW) is ConnectionState.DISCONNECTED
    subnets = {subnet.id: subnet for subnet in all_of(seed, Subnet)}
    places = [subnets.get(subnet_id) for subnet_id in cluster.subnets.values()]
    assert connection_error(cluster, places, store.password, NOW) == code
    assert code in seed.description


def test_the_schema_is_one() -> None:
    """It is valid JSON Schema of draft 2020-12, and lies beside the fixtures too, where editors look for it."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - it takes a second of each worker otherwise

    assert Draft202012Validator(Draft202012Validator.META_SCHEMA).is_valid(schema.schema())
    assert schema.schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for path in (ROOT / "fixtures" / "schema.json", library.FOLDER / "schema.json"):
        assert json.loads(path.read_text(encoding="utf-8")) == schema.schema()


def _rules(rule: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(rule, dict):
        yield path, rule
        for name, inner in rule.items():
            yield from _rules(inner, f"{path}/{name}")


def test_every_property_is_described_and_no_other_permitted() -> None:
    """A mapping takes the properties that the schema describes, in a sentence each."""
    for path, rule in _rules(schema.schema()):
        if isinstance(rule.get("properties"), dict) and "type" in rule:
            assert rule["additionalProperties"] is False, path
            for name, inner in rule["properties"].items():
                assert inner["description"].rstrip().endswith((".", ")")), f"{path}/{name}"


def test_examples_and_defaults_are_permitted_by_their_own_rules() -> None:
    """The schema's examples have no mistakes."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - it takes a second of each worker otherwise

    definitions = {"$defs": schema.schema()["$defs"]}
    for path, rule in _rules(schema.schema()):
        given = [*rule.get("examples", []), *([rule["default"]] if "default" in rule else [])]
        if path.endswith("/properties"):
            continue
        for value in given:
            assert Draft202012Validator({**rule, **definitions}).is_valid(value), f"{path}: {value}"


def test_the_defaults_of_the_schema_are_those_of_the_loader(tmp_path: Path) -> None:
    """A fixture that spells every default out describes the same world as one that leaves them out."""
    rules = schema.schema()["$defs"]

    def defaults(name: str) -> dict[str, Any]:
        found = {}
        for key, rule in rules[name]["properties"].items():
            definition = rules.get(rule.get("$ref", "").rpartition("/")[2], {})
            if "default" in rule or "default" in definition:
                found[key] = rule.get("default", definition.get("default"))
        return found

    timing, relaxations = {"connect": "PT0S"} | defaults("timing"), defaults("relaxations")
    short: dict[str, Any] = {
        "network": {"vpcs": [{"id": "vpc-1a2b3c4d", "subnets": [{"id": "subnet-a6b10bd1"}]}]},
        "clusters": [
            {
                "id": "cluster-abcdefghijk",
                "security_group": "sg-865af2fb",
                "hsms": [{"id": "hsm-abcdefghijk", "eni": "eni-ea8647e1"}],
                "users": [{"name": "kmsuser", "password": "kmsPswd123"}],
            }
        ],
        "custom_key_stores": [{"id": "cks-1", "name": "one", "cluster": "cluster-abcdefghijk"}],
        "keys": [{"id": "1234abcd-12ab-34cd-56ef-1234567890ab", "rotation": {}}],
    }
    config = {"timing": timing, "relaxations": relaxations, "limits": defaults("limits")}
    long = json.loads(json.dumps(short)) | {"region": "us-west-2"} | config
    long["network"]["vpcs"][0]["subnets"][0] |= defaults("subnet")
    (cluster,) = long["clusters"]
    for item, kind in ((cluster, "cluster"), (cluster["hsms"][0], "hsm"), (cluster["users"][0], "user")):
        item |= {name: value for name, value in defaults(kind).items() if name not in item}
    long["custom_key_stores"][0] |= defaults("custom_key_store")
    # Only a key that is to be deleted has a waiting period.
    long["keys"][0] |= {name: value for name, value in defaults("key").items() if name != "deletion_in_days"}
    long["keys"][0]["rotation"] = defaults("rotation")
    worlds = []
    for name, document in (("short", short), ("long", long)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(document), encoding="utf-8")
        worlds.append(loader.load(str(path), now=NOW))
    assert worlds[0].records == worlds[1].records
    assert worlds[0].config == worlds[1].config


def test_what_is_made_from_the_fixtures_is_up_to_date(reference: Any) -> None:
    """The pages, the digests and the certificates are what scripts/fixtures_reference.py makes."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page()
    assert reference.SCENARIOS.read_text(encoding="utf-8") == reference.scenarios.page()
    assert library.SUMS.read_text(encoding="ascii") == reference.sums()
    assert all(library.is_vouched_for(library.fixture(name).read_bytes()) for name in loader.shipped())
    made = reference.certificates()
    assert {path: path.read_text(encoding="ascii") for path in made} == made


def test_the_page_describes_every_property_and_world(reference: Any) -> None:
    """Nothing that can be written in a fixture is missing there."""
    page = reference.page()
    for _, rule in _rules(schema.schema()):
        if isinstance(rule.get("properties"), dict) and "type" in rule:
            assert all(f"`{name}`" in page or name == "file" for name in rule["properties"])
    assert all(f"## {name}\n" in reference.SCENARIOS.read_text(encoding="utf-8") for name in loader.shipped())


def test_a_clone_has_the_fixtures_in_its_root() -> None:
    """`fixtures/ready-cluster.yaml` works as the README says."""
    assert (ROOT / "fixtures").resolve() == library.FOLDER
