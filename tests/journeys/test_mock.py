"""`from mockaws import Mock`, as a program uses it: with a socket, and without one for boto3 in the same process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.request import urlopen

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from mockaws import FixtureError, HsmError, Mock, MockWorld
from mockaws.server import PortTakenError
from mockaws.settings import SettingsError
from mockaws.worlds.named import NoWorldError, WorldTakenError
from tests.journeys.command import clean_environment, client_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICES_ELSEWHERE = {
    "s3": "list_buckets",
    "ec2": "describe_instances",
    "dynamodb": "list_tables",
    "route53": "list_hosted_zones",
    "lambda": "list_functions",
}


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every opening of a socket fail."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Return a mock of the world of the Developer Guide."""
    made = Mock(fixture="developer-guide")
    yield made
    made.stop()


def test_with_a_socket() -> None:
    """As a context manager a mock serves: any client may use its URL, and each named world's."""
    with Mock(fixture="ready-cluster") as mock:
        kms = boto3.client("kms", **client_settings(mock.url))
        other = boto3.client("kms", **client_settings(mock.world("other").url))
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [key_id]
        assert other.list_keys()["Keys"] == []
        with urlopen(f"{mock.url}/_mockaws/health") as answer:  # noqa: S310 - it is our own
            assert json.load(answer)["status"] == "running"


def test_it_can_serve_again() -> None:
    """A mock that was stopped keeps its worlds, and serves again on demand."""
    mock = Mock()
    with mock:
        mock.client("kms").create_key()
    with mock:
        kms = boto3.client("kms", **client_settings(mock.url, account=mock.account))
        assert len(kms.list_keys()["Keys"]) == 1
    mock.stop()


def test_a_port_that_is_taken() -> None:
    """A mock with a port of its own listens there on demand, and says so if it cannot."""
    with Mock(fixture="developer-guide") as mock:
        assert mock.account == mock.config.account == "111122223333"
        assert mock.region == "us-west-2"
        second = Mock(port=int(mock.url.rpartition(":")[2]))
        with pytest.raises(PortTakenError):
            second.start()


@pytest.mark.usefixtures("no_socket")
def test_clients_without_a_socket(mock: Mock) -> None:
    """Requests of a client of the mock are answered in the process, in each service's protocol."""
    assert mock.client("sts").get_caller_identity()["Account"] == "111122223333"
    assert [cluster["State"] for cluster in mock.client("cloudhsmv2").describe_clusters()["Clusters"]] == ["ACTIVE"]
    kms = mock.client("kms")
    key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-1234567890abcdef0")["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="alias/missing")


@pytest.mark.usefixtures("no_socket")
def test_other_accounts_and_regions(mock: Mock) -> None:
    """A client says whose and where it is; the view of that place shows what it made."""
    key = mock.client("kms", account="444455556666", region="eu-west-1").create_key()["KeyMetadata"]
    assert key["Arn"].startswith("arn:aws:kms:eu-west-1:444455556666:key/")
    assert list(mock.view(account="444455556666", region="eu-west-1").keys) == [key["KeyId"]]
    assert not mock.keys


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize(("service", "operation"), SERVICES_ELSEWHERE.items())
def test_other_services_are_refused(service: str, operation: str, mock: Mock) -> None:
    """A call to a service that is not here is refused with a sentence, and does not reach AWS."""
    for client in (mock.client(service), mock.session().client(service)):
        with pytest.raises(ClientError, match="mockaws answers as AWS CloudHSM V2, AWS Key Management Service"):
            getattr(client, operation)()


@pytest.mark.usefixtures("no_socket")
def test_bodies_that_are_streams(mock: Mock, tmp_path: Path) -> None:
    """An upload to S3 is refused without being read; the answer to HEAD has no body, so that S3 has no words there."""
    file = tmp_path / "large"
    file.write_bytes(bytes(1 << 21))
    s3 = mock.client("s3")
    with file.open("rb") as body, pytest.raises(ClientError, match="UnknownOperationException"):
        s3.put_object(Bucket="example", Key="large", Body=body)
    with pytest.raises(ClientError, match="400"):
        s3.head_bucket(Bucket="example")


@pytest.mark.usefixtures("no_socket")
def test_sessions_without_a_socket(mock: Mock) -> None:
    """All clients and resources of a session of the mock stay in the process, as do paginators."""
    session = mock.session(region="eu-central-1")
    kms = session.client("kms")
    for _ in range(3):
        kms.create_key()
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})
    assert len([key for page in pages for key in page["Keys"]]) == 3
    assert session.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/mockaws"
    with pytest.raises(ClientError, match="mockaws answers as"):
        list(session.resource("s3").buckets.all())


@pytest.mark.usefixtures("no_socket")
def test_adopted_clients(mock: Mock) -> None:
    """Clients, sessions and resources that others have made can be taken over, again and again."""
    settings = client_settings("http://127.0.0.1:1", account=mock.account)
    kms = mock.adopt(boto3.client("kms", **settings))
    kms.create_key()
    assert len(mock.keys) == 1
    session = mock.adopt(boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-west-2"))
    assert len(session.client("kms").list_keys()["Keys"]) == 1
    core = mock.adopt(botocore.session.Session())
    assert core.create_client("sts", **settings).get_caller_identity()["Account"] == mock.account
    bucket = mock.adopt(boto3.resource("s3", **settings).Bucket("example"))
    with pytest.raises(ClientError, match="mockaws answers as"):
        list(bucket.objects.all())
    other = Mock()
    other.adopt(kms)
    assert kms.list_keys()["Keys"] == []
    with pytest.raises(TypeError, match="neither a client nor a session"):
        mock.adopt("kms")


def test_patch(mock: Mock, monkeypatch: pytest.MonkeyPatch, no_socket: None) -> None:
    """While a block runs, every client of the process is answered by the mock: new ones, and those made before it."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    environment = dict(os.environ)
    with mock.patch() as patched:
        assert patched is mock
        key_id = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
        assert boto3.client("sts").get_caller_identity()["Account"] == mock.account
        with pytest.raises(ClientError, match="mockaws answers as"):
            boto3.client("s3").list_buckets()
        assert "AWS_PROFILE" not in os.environ
    assert list(mock.keys) == [key_id]
    assert dict(os.environ) == environment
    assert boto3.DEFAULT_SESSION is None


def test_clients_from_before_and_after_a_patch(mock: Mock) -> None:
    """A client that a module made when it was imported is patched; one that outlives the block leads nowhere."""
    early = boto3.client("kms", **client_settings("http://127.0.0.1:1"))
    with mock.patch(region="eu-west-1", account="444455556666"):
        assert early.create_key()["KeyMetadata"]["Arn"].startswith("arn:aws:kms:us-west-2:111122223333:key/")
        late = boto3.client("kms", config=Config(retries={"total_max_attempts": 1}))
        assert late.create_key()["KeyMetadata"]["Arn"].startswith("arn:aws:kms:eu-west-1:444455556666:key/")
    with pytest.raises(EndpointConnectionError, match=r"http://mockaws\.invalid"):
        late.list_keys()


def test_patches_nest() -> None:
    """The innermost patch answers; the outer one does again when that is over."""
    outer, inner = Mock(), Mock()
    with outer.patch():
        kms = boto3.client("kms")
        with inner.patch():
            kms.create_key()
        kms.create_key(Description="outer")
    assert [key.description for key in outer.keys.values()] == ["outer"]
    assert [key.description for key in inner.keys.values()] == [""]


def test_environment(mock: Mock) -> None:
    """While a block runs, clients find a mock by AWS_ENDPOINT_URL, those in commands as well."""
    with mock.environment(region="eu-west-1"):
        key = boto3.client("kms").create_key()["KeyMetadata"]
        script = "import boto3; print(boto3.client('kms').list_keys()['Keys'][0]['KeyArn'])"
        shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == key["Arn"]
    assert key["Arn"].startswith("arn:aws:kms:eu-west-1:111122223333:key/")
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_presigned_urls() -> None:
    """A URL that a client of a serving mock has presigned leads to the mock, for any HTTP client."""
    with Mock() as mock:
        url = mock.client("sts").generate_presigned_url("get_caller_identity")
        assert url.startswith(mock.url)
        with urlopen(url) as answer:  # noqa: S310 - it is our own
            assert b"<Account>000000000000</Account>" in answer.read()


@pytest.mark.usefixtures("no_socket")
def test_threads(mock: Mock) -> None:
    """Threads may make clients and use them at the same time; nothing that they make is lost."""

    def make(_: int) -> str:
        key_id: str = mock.client("kms").create_key()["KeyMetadata"]["KeyId"]
        return key_id

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(40)))
    assert set(mock.keys) == set(made)


def test_the_clock(mock: Mock) -> None:
    """The clock takes dates and durations as Python and as ISO 8601 have them; reset brings it back to the present."""
    mock.clock.freeze(datetime(2030, 5, 1, 12, tzinfo=UTC))
    stands = mock.clock.frozen
    assert stands
    mock.clock.advance(timedelta(hours=12), minutes=30)
    mock.clock.advance("PT12H")
    assert mock.clock.now == datetime(2030, 5, 2, 12, 30, tzinfo=UTC)
    assert repr(mock.clock) == "<MockClock 2030-05-02T12:30:00+00:00>"
    mock.clock.resume()
    assert mock.clock.now >= datetime(2030, 5, 2, 12, 30, tzinfo=UTC)
    stands = mock.clock.frozen
    assert not stands
    mock.clock.set("2031-05-01")
    assert mock.clock.now >= datetime(2031, 5, 1, tzinfo=UTC)
    for same in ("2030-05-01T02:00:00+02:00", 1_903_824_000, datetime(2030, 5, 1)):  # noqa: DTZ001 - one without a zone
        mock.clock.freeze(same)
        assert mock.clock.now == datetime(2030, 5, 1, tzinfo=UTC)
    no_moment, no_duration = cast("str", [2030]), cast("str", 30)
    for wrong in ("yesterday", 1e12, no_moment):
        with pytest.raises(ValueError, match=r"invalid moment ('yesterday'|\[2030\]): use|1970-01-01 to 3000-01-01"):
            mock.clock.freeze(wrong)
    for wrong in ("30 days", no_duration):
        with pytest.raises(ValueError, match=r"invalid duration (30|'30 days'): use"):
            mock.clock.advance(wrong)
    mock.reset()
    mock.clock.freeze()
    assert mock.clock.now < datetime(2030, 5, 1, tzinfo=UTC)


def test_reset(mock: Mock) -> None:
    """A world goes back to what its fixture says."""
    mock.client("kms").create_key()
    mock.reset()
    assert not mock.keys
    assert list(mock.key_stores) == ["cks-1234567890abcdef0"]


@pytest.mark.usefixtures("no_socket")
def test_faults_and_retries(mock: Mock) -> None:
    """Faults strike without a socket, too: botocore retries them as it retries AWS's answers."""
    kms = mock.client("kms", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    throttled = mock.faults.add(operation="kms:ListKeys", error="ThrottlingException", times=1)
    dropped = mock.faults.add(operation="kms:ListAliases", drop=True, times=1)
    assert [rule.fault.operation for rule in mock.faults] == ["kms:ListKeys", "kms:ListAliases"]
    assert kms.list_keys()["ResponseMetadata"]["RetryAttempts"] == 1
    assert kms.list_aliases()["ResponseMetadata"]["RetryAttempts"] == 1
    assert (throttled.calls, throttled.struck, dropped.struck) == (2, 1, 1)
    mock.faults.remove(throttled)
    mock.faults.remove(throttled)
    assert len(mock.faults) == 1
    mock.faults.add(operation="kms:*", drop=True)
    with pytest.raises(ConnectionClosedError):
        kms.list_keys()
    mock.faults.clear()
    late = mock.faults.add(operation="kms:ListAliases", latency=timedelta(milliseconds=1))
    kms.list_aliases()
    assert (late.fault.latency, late.struck) == (0.001, 1)
    mock.faults.add(operation="kms:ListKeys", error="KMSInternalException")
    with pytest.raises(kms.exceptions.KMSInternalException):
        kms.list_keys()
    with pytest.raises(FixtureError, match="did you mean kms:ListKeys"):
        mock.faults.add(operation="kms:ListKey")
    with pytest.raises(FixtureError, match="fault: cannot be written as YAML"):
        mock.faults.add(operation="kms:ListKeys", latency={1})
    mock.reset()
    assert not list(mock.faults)


def test_calls(mock: Mock, tmp_path: Path) -> None:
    """Calls without a socket are there as CloudTrail's events, with the journal's filters and file."""
    kms = mock.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError):
        kms.encrypt(KeyId="alias/missing", Plaintext=b"x")
    assert [event["eventName"] for event in mock.calls()] == ["CreateKey", "Encrypt"]
    assert [event["errorCode"] for event in mock.calls(operation="kms:Encrypt", error="*")] == ["NotFoundException"]
    assert "Boto3/" in mock.calls(key=key_id, limit=1)[0]["userAgent"]
    assert mock.calls(since=mock.clock.now + timedelta(hours=1)) == []
    with pytest.raises(ValueError, match="colour: no such parameter"):
        mock.calls(colour="red")
    file = tmp_path / "calls.jsonl"
    with Mock(calls=file) as other:
        other.world("named").client("sts").get_caller_identity()
    assert [json.loads(line)["eventName"] for line in file.read_text().splitlines()] == ["GetCallerIdentity"]


def test_hsms(mock: Mock) -> None:
    """Python causes failures of HSMs, too, and refusals have the sentences of the HSMs."""
    mock.load("strict-cluster")
    cluster = mock.clusters["cluster-readytwozone"]
    mock.hsm.fail_zone("us-west-2a")
    assert [hsm.state for hsm in cluster.hsms.values()] == ["DEGRADED", "ACTIVE"]
    backup = mock.hsm.back_up(cluster="cluster-readytwozone")
    assert backup in mock.backups

    for _ in range(6):
        with pytest.raises(HsmError):
            mock.hsm.login("kmsuser", "crypto-user", "wrongPswd1")
    assert cluster.users["kmsuser"].locked
    with pytest.raises(HsmError, match="No subnet is in Availability Zone 'mars': account 111122223333 has subnets in"):
        mock.hsm.fail_zone("mars")
    with pytest.raises(HsmError, match="cluster-x"):
        mock.hsm.fail("hsm-readyinzoneb", cluster="cluster-x")


def test_hsms_elsewhere(mock: Mock) -> None:
    """An account and a Region have HSMs of their own; with none or several clusters one must be named."""
    mock.load({"region": "eu-west-1", "clusters": [{"id": "cluster-readytwozone"}, {"id": "cluster-readyonezone"}]})
    several = "not exactly one: account 111122223333 has cluster-readyonezone, cluster-readytwozone in eu-west-1"
    with pytest.raises(HsmError, match=several):
        mock.hsm.exhaust_sessions()
    mock.hsm_of(region="eu-west-1").exhaust_sessions(cluster="cluster-readyonezone")
    with pytest.raises(HsmError, match="not exactly one: account 111122223333 has none in us-west-2"):
        mock.hsm_of(region="us-west-2").exhaust_sessions()
    with pytest.raises(SettingsError):
        mock.hsm_of(account="12")


def test_worlds_of_their_own(mock: Mock) -> None:
    """A named world begins as the default one did, or as its own fixture says; dropped, it begins again."""
    assert list(mock.world("same").key_stores) == list(mock.key_stores)
    other = mock.world("other", fixture="keys: [{aliases: [alias/x]}]\n", account="444455556666", seed="s")
    assert other.keys["alias/x"].account == other.account == "444455556666"
    assert mock.world("other").keys["alias/x"].id == other.keys["alias/x"].id
    with pytest.raises(WorldTakenError, match="there is a world 'other' already"):
        mock.world("other", fixture="empty")
    mock.drop("other")
    assert not mock.world("other").keys
    with pytest.raises(NoWorldError, match="invalid world name"):
        mock.world("-")
    with pytest.raises(TypeError, match="idle_timeout need a fixture"):
        mock.world("third", account="444455556666")


def test_seeds_repeat_ids() -> None:
    """Two mocks with the same seed give out the same ids, as does one mock after a reset."""

    def made(mock: MockWorld) -> str:
        key_id: str = mock.client("kms").create_key()["KeyMetadata"]["KeyId"]
        return key_id

    one, other = Mock(seed="s"), Mock(seed="s")
    first = made(one)
    assert made(other) == first
    one.reset()
    assert made(one) == first
    assert made(one.world("named")) == first
    assert made(Mock(seed="t")) != first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"account": "12"}, "account='12': an AWS account is 12 digits, such as 111122223333"),
        ({"port": -1}, "port=-1: a port is a number from 0 to 65535; 0 takes a free one"),
        ({"log_format": "xml"}, "log_format='xml': the formats are text and json"),
        ({"quiet": 2}, "quiet=2: use 1 or 0, true or false, yes or no, on or off"),
        (
            {"account": 111122223333},
            "account=111122223333: an AWS account is 12 digits, such as '111122223333', in quotes",
        ),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], said: str) -> None:
    """A wrong argument gets a sentence, as a wrong flag of the command does."""
    with pytest.raises(SettingsError) as refused:
        Mock(**arguments)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"account": "12"}, "account='12': an AWS account is 12 digits"),
        ({"account": ""}, "account='': an AWS account is 12 digits"),
        ({"region": "us-west-2a"}, "region='us-west-2a': an AWS Region is such as us-west-2"),
        ({"region": 2}, "region=2: an AWS Region is such as us-west-2"),
    ],
)
def test_accounts_and_regions_that_are_none(arguments: dict[str, Any], said: str, mock: Mock) -> None:
    """A wrong account or Region is refused, where another one would be meant or there would be nothing in it."""
    for take in (
        lambda: mock.client("kms", **arguments),
        lambda: mock.session(**arguments),
        lambda: mock.view(**arguments),
        lambda: mock.patch(**arguments).__enter__(),
        lambda: mock.environment(**arguments).__enter__(),
    ):
        with pytest.raises(SettingsError, match=said):
            take()


def test_wrong_fixtures() -> None:
    """A fixture with mistakes is refused when the mock is made, with all of them."""
    with pytest.raises(FixtureError, match=r"document: keys\[0\]\.spec: no such property"):
        Mock(fixture={"keys": [{"spec": "RSA_2048"}]})


def test_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A mock in a program says nothing unless it is asked to; then it logs what needs no socket, too."""
    Mock().client("kms").list_keys()
    assert capsys.readouterr().err == ""
    Mock(quiet=False).client("kms").list_keys()
    assert "kms:ListKeys 000000000000/us-west-2 200" in capsys.readouterr().err


def test_importing_mockaws_is_cheap() -> None:
    """Heavy modules are imported at their first use, and botocore with the first client."""
    script = """
import sys, mockaws
assert not [name for name in sys.modules if name.startswith("mockaws.")]
from mockaws import Mock
with Mock() as mock:
    mock.keys
assert "botocore" not in sys.modules and "flask" not in sys.modules
mock.client("kms")
assert "botocore" in sys.modules and "flask" not in sys.modules
try:
    from mockaws import Mocks
except ImportError as error:
    assert "Mocks" in str(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=clean_environment()
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("idle_timeout", "sentence"),
    [
        ("P999999999W", "idle_timeout: .*duration 'P999999999W' is too long: use at most P36525D"),
        (timedelta.max, "idle_timeout: .* seconds is out of range: a duration has 0 to 3155760000 seconds"),
        (timedelta(seconds=-1), "idle_timeout: -1 seconds is out of range"),
    ],
)
def test_a_world_that_nobody_could_outlive(idle_timeout: timedelta | str, sentence: str) -> None:
    """A duration that could not be shown is refused, and there is no world."""
    mock = Mock()
    with pytest.raises(ValueError, match=sentence):
        mock.world("new", fixture="empty", idle_timeout=idle_timeout)
    assert mock.worlds.all() == []


def test_a_seed_is_text() -> None:
    """Half of a character is none, and no ids could be made of it."""
    with pytest.raises(SettingsError, match="bytes that are not UTF-8"):
        Mock(seed="\ud800")
    mock = Mock()
    with pytest.raises(SettingsError, match="seed="):
        mock.world("new", fixture="empty", seed="\ud800")
    assert mock.worlds.all() == []
