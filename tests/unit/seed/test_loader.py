"""Finding fixtures, and what of a world depends on what."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.clock import DAY
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.records.kms import Key
from mockaws.records.world import REALISTIC, ConnectRelaxation, DeleteRelaxation, Limits, Timing
from mockaws.seed import library, loader, safe_yaml, schema
from tests.unit.seed.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load, Mistakes

WORLD = """\
network: {vpcs: [{}, {subnets: [{}, {}]}]}
clusters:
  - hsms: [{}, {}]
  - id: cluster-abcdefghijk
    hsms: [{}]
custom_key_stores:
  - {name: one, cluster: cluster-abcdefghijk, connection: CONNECTED}
keys:
  - {aliases: [alias/one], grants: [{grantee_principal: "arn:aws:iam::111122223333:root", operations: [Encrypt]}]}
  - {custom_key_store: one, state: PendingDeletion}
"""


def told(fixture: str | None) -> str:
    """Return the only problem of a fixture."""
    with pytest.raises(loader.FixtureError) as error:
        loader.load(fixture, now=NOW)
    (problem,) = error.value.problems
    assert str(error.value) == str(problem)
    return str(problem)


def test_the_same_file_makes_the_same_world(load: Load) -> None:
    """Ids, addresses, certificates, passwords and key material of one file are the same each time."""
    assert load(WORLD).records == load(WORLD).records


def test_comments_and_the_description_change_nothing(load: Load) -> None:
    """Defaults are derived from what a file means."""
    changed = f"# a comment\ndescription: Another\n{WORLD.replace('[{}, {}]', '[{   },{}]')}"
    assert load(WORLD).records == load(changed).records


def test_another_file_makes_another_world(load: Load) -> None:
    """Two worlds do not share ids by chance; that of a cluster's first backup follows from the cluster's."""
    world, other = load(WORLD), {record.id for record in load(f"{WORLD}  - {{}}\n").records}
    (backup,) = (found for found in all_of(world, Backup) if found.cluster_id == "cluster-abcdefghijk")
    assert {record.id for record in world.records} & other == {"cluster-abcdefghijk", "alias/one", backup.id}


def test_ids_in_a_world_differ(load: Load) -> None:
    """What is left out in two places is derived from the place as well."""
    seed = load(WORLD)
    ids = [record.id for record in seed.records]
    ids += [hsm.id for cluster in all_of(seed, Cluster) for hsm in cluster.hsms]
    ids += [hsm.eni_id for cluster in all_of(seed, Cluster) for hsm in cluster.hsms]
    assert len(set(ids)) == len(ids)


def test_without_a_fixture_the_world_is_empty() -> None:
    """The default is the shipped fixture `empty`."""
    seed = loader.load(None, now=NOW)
    assert seed == loader.load("empty", now=NOW)
    assert [type(record) for record in seed.records] == [Subnet] * 5


def test_a_shipped_fixture_is_found_by_name_and_by_path() -> None:
    """Both ways lead to the same world."""
    by_path = loader.load(str(library.fixture("ready-cluster")), now=NOW)
    assert by_path.records == loader.load("ready-cluster", now=NOW).records


def test_a_shipped_name_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called like a shipped fixture needs a path."""
    monkeypatch.chdir(tmp_path)
    Path("empty").write_text("account: '111122223333'", encoding="utf-8")
    assert loader.load("empty", now=NOW).terms.account == "000000000000"
    assert loader.load("./empty", now=NOW).terms.account == "111122223333"


@pytest.mark.parametrize("name", ["ready-clutser", "fixtures/ready-clustr.yaml", "ready-cluster.yaml"])
def test_a_missing_fixture_names_those_that_ship(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mistypes a name reads which one was meant, and which there are."""
    monkeypatch.chdir(tmp_path)
    problem = told(name)
    assert problem.startswith(f"{name}: there is no such fixture (did you mean ready-cluster?); expected a file, or ")
    assert all(shipped in problem for shipped in loader.shipped())


@pytest.mark.parametrize(
    ("path", "reason"), [(".", "Is a directory"), ("a\0b", "that is no file name"), ("x" * 300, "File name too long")]
)
def test_what_cannot_be_read_is_told(path: str, reason: str) -> None:
    """Any failure of the file system is a problem with a name, not a traceback."""
    assert told(path) == f"{path}: cannot be read: {reason}; expected a YAML file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such file here")
def test_an_endless_file_is_not_read() -> None:
    """A device is no fixture."""
    assert told("/dev/zero") == "/dev/zero: cannot be read: it is a device; expected a YAML file"


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Reading stops where a fixture would be too large."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # it takes no room on the disk
    assert told(str(path)) == f"{path}: is larger than {safe_yaml.MAX_BYTES} bytes; expected a small file"


def test_broken_yaml_stops_at_once(mistakes: Mistakes) -> None:
    """What cannot be parsed is told with its line, and nothing is guessed about the rest."""
    (problem,) = mistakes("account: [")
    assert problem.startswith("2: is not YAML: ")


def test_an_empty_file_is_a_mistake(mistakes: Mistakes) -> None:
    """An empty world is {}; a file without anything was hardly meant."""
    assert mistakes("# nothing\n") == ["1: is left empty; expected a mockaws fixture"]
    assert mistakes("{}") == []


def test_the_account_comes_from_the_fixture_else_from_the_user(load: Load) -> None:
    """A fixture that names no account takes the user's, and without one it is 000000000000."""
    assert load("{}").terms.account == "000000000000"
    assert load("{}", account="444455556666").terms.account == "444455556666"
    assert load("account: '111122223333'").terms.account == "111122223333"
    assert load("account: '111122223333'", account="111122223333").terms.account == "111122223333"


def test_the_user_cannot_move_a_fixture_to_another_account(mistakes: Mistakes) -> None:
    """What is written in the fixture for one account is not served for another."""
    (problem,) = mistakes("account: '111122223333'", account="444455556666")
    assert problem.startswith("1: account: 111122223333 is not the account 444455556666 that was asked for; expected ")


def test_everything_lies_in_the_account_and_region(load: Load) -> None:
    """The account and the Region of a fixture are those of all that it describes."""
    seed = load(f"region: eu-central-1\n{WORLD}", account="444455556666")
    assert {(record.account, record.region) for record in seed.records} == {("444455556666", "eu-central-1")}
    assert {subnet.zone for subnet in all_of(seed, Subnet)} == {"eu-central-1a", "eu-central-1b"}


def test_timing_is_instant_realistic_or_told_for_each(load: Load) -> None:
    """Durations are ISO 8601; what a mapping leaves out takes no time."""
    assert load("{}").terms.timing == Timing()
    assert load("timing: instant").terms.timing == Timing()
    assert load("timing: realistic").terms.timing == REALISTIC
    timing = load("timing: {connect: PT20M, disconnect: PT1M30.5S, create_hsm: P1DT2H}").terms.timing
    assert timing == Timing(connect=1200.0, disconnect=90.5, create_hsm=DAY + 7200.0)


def test_relaxations_are_asked_for_by_name(load: Load) -> None:
    """Without them the world does what AWS does."""
    assert dict(load("{}").terms.relaxations.in_force()) == {}
    relaxations = load("relaxations: {connect: on_create}").terms.relaxations
    assert relaxations.connect is ConnectRelaxation.ON_CREATE
    assert relaxations.delete_custom_key_store is DeleteRelaxation.WHEN_EMPTY


def test_limits_are_aws_s_or_lower(load: Load) -> None:
    """Every limit can be lowered, those that are not are AWS's, and only those that AWS raises can be raised."""
    assert load("limits: {keys: 3, grants_per_key: 0}").terms.limits == Limits(keys=3, grants_per_key=0)
    assert load("limits: {clusters: 1000, hsms: 28000}").terms.limits == Limits(clusters=1000, hsms=28000)
    rules = schema.schema()["$defs"]["limits"]["properties"]
    raised = {"clusters": 1000, "hsms": 28000}
    assert {name: rule["maximum"] for name, rule in rules.items()} == asdict(Limits()) | raised


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1507133412.351", 1507133412.351),
        ("0", 0.0),
        ("2017-10-04T16:10:12.351Z", 1507133412.351),
        ("2017-10-04t18:10:12.351+02:00", 1507133412.351),
        ("'2017-10-04 16:10:12'", 1507133412.0),
        ("2017-10-04", 1507075200.0),
    ],
)
def test_moments_are_epoch_seconds_or_iso_8601(written: str, seconds: float, load: Load) -> None:
    """A moment without a time zone is one of UTC."""
    assert one(load(f"keys: [{{created: {written}}}]"), Key).created_at == seconds


def test_ids_that_aws_would_not_give_are_taken_and_collected(load: Load) -> None:
    """The developer guide prints ids that break the patterns of AWS's own models."""
    seed = load(
        """\
network: {vpcs: [{id: vpc-main, subnets: [{id: subnet-a}, {id: subnet-a6b10bd1}]}]}
clusters:
  - id: cluster-1a23b4cdefg
    security_group: sg-x
    hsms: [{id: hsm-1, eni: eni-1}, {id: hsm-abcdefghijk, eni: eni-ea8647e1}]
  - id: cluster-abcdefghijk
"""
    )
    irregular = {"vpc-main", "subnet-a", "cluster-1a23b4cdefg", "sg-x", "hsm-1", "eni-1"}
    assert seed.terms.irregular_ids == irregular


def test_a_change_in_a_shipped_fixture_is_checked(tmp_path: Path) -> None:
    """Only files that are byte for byte as they were tested are taken without a look at the schema."""
    content = library.fixture("ready-cluster").read_bytes()
    assert library.is_vouched_for(content)
    path = tmp_path / "ready-cluster.yaml"
    path.write_bytes(content.replace(b"zone: us-west-2b", b"zoen: us-west-2b"))
    assert "zoen: there is no such property" in told(str(path))
