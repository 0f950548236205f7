"""The pytest plugin, in suites that run in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path


class Suite:
    """A suite in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pytest.ini", "[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")

    def write(self, name: str, text: str) -> None:
        """Put a file into the suite."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> tuple[dict[str, int], str]:
        """Run the suite; return how many tests ended in which way, and what was printed."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "mockaws.testing.pytest_plugin", *arguments],
            cwd=self.folder,
            # The plugin is loaded once, whether mockaws is installed with it or not.
            env=clean_environment() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        counts = re.findall(r"(\d+) (passed|failed|errors?|skipped|deselected)", done.stdout.splitlines()[-1])
        return {how.removesuffix("s"): int(number) for number, how in counts}, done.stdout + done.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Return an empty suite."""
    return Suite(tmp_path)


def test_the_plugin_is_declared() -> None:
    """An installed mockaws brings the plugin: pytest finds it by its entry point."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"mockaws": "mockaws.testing.pytest_plugin"}
    assert hasattr(import_module("mockaws.testing.pytest_plugin"), "mockaws")


FRESH = """
import boto3, os, pytest

def test_world(mockaws):
    assert not mockaws.keys
    mockaws.client("kms").create_key(Description="first")
    assert [key.description for key in mockaws.keys.values()] == ["first"]

def test_another_world(mockaws, mockaws_client):
    assert not mockaws.keys
    key = mockaws_client("kms", region="eu-west-1").create_key()["KeyMetadata"]
    assert mockaws.keys[key["Arn"]].region == "eu-west-1"

def test_clock(mockaws, mockaws_client, mockaws_clock):
    kms = mockaws_client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    mockaws_clock.advance(days=7)
    assert key_id not in mockaws.keys

def test_the_clock_runs_as_the_machines_does_again(mockaws_clock):
    from datetime import UTC, datetime, timedelta
    assert abs(mockaws_clock.now - datetime.now(UTC)) < timedelta(days=1)

def test_environment(mockaws_environment):
    assert os.environ["AWS_ENDPOINT_URL"] == mockaws_environment.url
    boto3.client("kms").create_key()
    assert len(mockaws_environment.keys) == 1

def test_environment_again(mockaws, mockaws_environment):
    assert mockaws is mockaws_environment
    assert boto3.client("kms").list_keys()["Keys"] == []

def test_patch(mockaws_patch):
    assert "mockaws.invalid" in os.environ["AWS_ENDPOINT_URL"] or mockaws_patch.url in os.environ["AWS_ENDPOINT_URL"]
    boto3.client("kms").create_key()
    assert len(mockaws_patch.keys) == 1

def test_nothing_is_left():
    assert "AWS_ENDPOINT_URL" not in os.environ
    assert boto3.DEFAULT_SESSION is None
"""


def test_each_test_has_a_fresh_world(suite: Suite) -> None:
    """Changes of one test in its world, its clock and the environment are gone in the next."""
    suite.write("test_fresh.py", FRESH)
    assert suite.run()[0] == {"passed": 8}


MARKED = """
import pytest

pytestmark = pytest.mark.mockaws(fixture="ready-cluster", account="444455556666")

def test_module(mockaws):
    assert list(mockaws.clusters) == ["cluster-readytwozone"]
    assert mockaws.account == "444455556666"

@pytest.mark.mockaws("one-hsm")
def test_the_closest_marker_decides(mockaws):
    assert [len(cluster.hsms) for cluster in mockaws.clusters.values()] == [1]
    assert mockaws.account == "444455556666"

@pytest.mark.mockaws(fixture={"keys": [{"aliases": ["alias/x"]}]}, account="111122223333")
def test_mapping(mockaws):
    assert mockaws.keys["alias/x"].account == "111122223333"

@pytest.mark.mockaws(fixture='''
keys:
  - aliases: [alias/y]
''')
def test_yaml(mockaws):
    assert "alias/y" in mockaws.keys

@pytest.mark.mockaws(fixture="world.yaml")
def test_a_file_beside_the_test(mockaws):
    assert mockaws.keys["alias/beside"]

@pytest.mark.mockaws(fixture="worlds/other.yaml")
def test_a_file_from_the_rootdir(mockaws):
    assert mockaws.keys["alias/root"]

@pytest.mark.mockaws(faults=[{"operation": "kms:CreateKey", "error": "TagException", "nth": 2}])
def test_faults(mockaws, mockaws_client):
    kms = mockaws_client("kms")
    kms.create_key()
    with pytest.raises(kms.exceptions.TagException):
        kms.create_key()
    assert len(mockaws.keys) == 1

@pytest.mark.mockaws(others="moto")
@pytest.mark.parametrize("time", range(2))
def test_others(mockaws_client, time):
    mockaws_client("sqs").create_queue(QueueName="queue")
    assert len(mockaws_client("sqs").list_queues()["QueueUrls"]) == 1

@pytest.mark.mockaws(seed="s")
def test_seed(mockaws, mockaws_client):
    print("id", mockaws_client("kms").create_key()["KeyMetadata"]["KeyId"])

def test_ids_repeat(mockaws, mockaws_client):
    print("id", mockaws_client("kms").create_key()["KeyMetadata"]["KeyId"])
"""


def test_the_marker(suite: Suite) -> None:
    """A marker on a test, a class or a module says what its world is; ids repeat from run to run."""
    suite.write("inner/test_marked.py", MARKED)
    suite.write("inner/world.yaml", "keys: [{aliases: [alias/beside]}]")
    suite.write("worlds/other.yaml", "keys: [{aliases: [alias/root]}]")
    counts, first = suite.run("-rP")
    assert counts == {"passed": 11}
    ids = re.findall("^id (.*)", first, re.MULTILINE)
    assert len(set(ids)) == 2
    assert re.findall("^id (.*)", suite.run("-rP", "-k", "seed or repeat")[1], re.MULTILINE) == ids


def test_a_fixture_for_the_whole_project(suite: Suite) -> None:
    """`mockaws_fixture` in pytest's settings is the fixture of tests that name none, wherever pytest is started."""
    suite.write("pytest.ini", "[pytest]\nmockaws_fixture = worlds/base.yaml\n")
    suite.write("worlds/base.yaml", "keys: [{aliases: [alias/base]}]")
    suite.write("inner/test_base.py", "def test_base(mockaws):\n    assert mockaws.keys['alias/base']\n")
    assert suite.run()[0] == {"passed": 1}
    assert suite.run("--rootdir", str(suite.folder), "-c", "pytest.ini", "inner")[0] == {"passed": 1}


WRONG = """
import pytest

@pytest.mark.mockaws(fixtrue="one-hsm")
def test_argument(mockaws): ...

@pytest.mark.mockaws("one-hsm", "two")
def test_arguments(mockaws): ...

@pytest.mark.mockaws("one-hms")
def test_name(mockaws): ...

@pytest.mark.mockaws({"keys": [{"descripton": "x"}]})
def test_mistake(mockaws): ...

@pytest.mark.mockaws(account="12")
def test_account(mockaws): ...

@pytest.mark.mockaws(faults=[{"operation": "kms:Encrpt"}])
def test_fault(mockaws): ...

@pytest.mark.mockaws(faults={"operation": "kms:Encrypt"})
def test_faults(mockaws): ...
"""


def test_mistakes_are_told_in_words(suite: Suite) -> None:
    """A marker or a fixture that cannot be used is an error that says what would be right, without a traceback."""
    suite.write("test_wrong.py", WRONG)
    counts, said = suite.run()
    assert counts == {"error": 7}
    assert "@pytest.mark.mockaws: fixtrue: no such argument; there are fixture, account, seed, faults" in said
    assert "did you mean kms:Encrypt?" in said
    assert "@pytest.mark.mockaws: faults is a list of mappings" in said
    assert "@pytest.mark.mockaws: takes one fixture" in said
    assert "one-hms: no such fixture (did you mean one-hsm?)" in said
    assert "document: keys[0].descripton: no such property (did you mean description?)" in said
    assert "account='12': an AWS account is 12 digits" in said
    assert "Traceback" not in said
    assert "During handling" not in said
    assert "pytest_plugin.py" not in said


FAILING = """
import pytest

@pytest.mark.mockaws("connection-user-not-found")
def test_fails(mockaws, mockaws_client):
    (store,) = mockaws.key_stores.values()
    mockaws_client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    assert mockaws.key_stores[store.name].connection_state == "CONNECTED"
"""


def test_a_failed_assertion_shows_why(suite: Suite) -> None:
    """The report of pytest has the reason of a store that did not connect, and the calls in the test's world."""
    suite.write("test_failing.py", FAILING)
    counts, said = suite.run()
    assert counts == {"failed": 1}
    assert "AssertionError: assert 'FAILED' == 'CONNECTED'" in said
    assert "FAILED USER_NOT_FOUND on cluster-" in said
    assert re.search("Captured mockaws call -+\nkms:ConnectCustomKeyStore us-west-2\n", said)


MANY = """
import boto3, pytest

@pytest.mark.parametrize("number", range(40))
def test_alone(number, mockaws_environment):
    kms = boto3.client("kms")
    assert kms.list_keys()["Keys"] == []
    kms.create_key()
"""


def test_xdist(suite: Suite) -> None:
    """Processes of pytest-xdist have a server each, and share nothing."""
    suite.write("test_many.py", MANY)
    assert suite.run("-p", "xdist", "-n", "2")[0] == {"passed": 40}


LEAK = """
import threading, time, pytest

kms = None

def test_leaves_a_client_behind(mockaws_client):
    global kms
    kms = mockaws_client("kms")

def test_is_not_reached_by_it(mockaws):
    kms.create_key()
    assert not mockaws.keys
"""


def test_what_a_test_leaves_behind_reaches_no_other(suite: Suite) -> None:
    """A client that outlives its test stays in that test's world."""
    suite.write("test_leak.py", LEAK)
    assert suite.run()[0] == {"passed": 2}


IDLE = """
import sys

def test_nothing_is_imported():
    plugin = {"mockaws.testing", "mockaws.testing.pytest_plugin"}
    assert {name for name in sys.modules if name.startswith("mockaws.")} == plugin
    assert not {"botocore", "boto3", "yaml", "flask"} & set(sys.modules)
"""


def test_who_does_not_use_it_pays_nothing(suite: Suite) -> None:
    """Before a test asks for a fixture of the plugin, nothing of mockaws is imported but the plugin."""
    suite.write("test_idle.py", IDLE)
    assert suite.run()[0] == {"passed": 1}
    assert "@pytest.mark.mockaws(fixture=…, account=…, seed=…, faults=…, others=…)" in suite.run("--markers")[1]
    assert "mockaws_client" in suite.run("--fixtures")[1]


USER = """
from datetime import timedelta

import pytest

from mockaws import FixtureError, MakeClient, Mock, MockClock, MockWorld
from mockaws.testing.views import Cluster, Key, KeyStore


def connected(store: KeyStore) -> bool:
    return store.connection_state == "CONNECTED"


def states(world: MockWorld) -> dict[str, str]:
    return {id: cluster.state for id, cluster in world.clusters.items()}


@pytest.mark.mockaws(fixture="ready-cluster")
def test_typed(mockaws: MockWorld, mockaws_client: MakeClient, mockaws_clock: MockClock) -> None:
    kms = mockaws_client("kms", region="eu-west-1")
    key: Key = mockaws.keys[kms.create_key()["KeyMetadata"]["Arn"]]
    mockaws_clock.advance(timedelta(days=1))
    names: list[str] = key.aliases
    policy: dict[str, object] = key.policy
    cluster: Cluster | None = mockaws.clusters.get("cluster-readytwozone")
    assert cluster and not names and policy and states(mockaws)


def script() -> str:
    try:
        with Mock(fixture={"keys": []}, account="111122223333") as mock, mock.patch():
            store: KeyStore = mock.world("other").key_stores["ExampleKeyStore"]
            return mock.url if connected(store) else store.name
    except FixtureError as error:
        return error.mistakes[0].place
"""


@pytest.mark.slow
def test_users_can_check_their_types(suite: Suite) -> None:
    """A program with correct uses of mockaws passes mypy's strictest checks, and one with mistakes does not."""

    def check(text: str) -> str:
        suite.write("test_user.py", text)
        return subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--follow-imports", "silent", "test_user.py"],
            cwd=suite.folder,
            env=os.environ | {"MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    assert "Success" in check(USER)
    assert '"Key" has no attribute "stat"' in check(f"{USER}\n\ndef wrong(key: Key) -> str:\n    return key.stat\n")
