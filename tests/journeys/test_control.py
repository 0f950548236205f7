"""Clock, faults and worlds of a running server with real clients, as a test of another program uses them."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.journeys.command import ROOT, Serving, client_settings, run
from tests.wire import control

if TYPE_CHECKING:
    from collections.abc import Iterator

ONCE = Config(retries={"total_max_attempts": 1})
CLUSTER = "cluster-readytwozone"
DAY = 86400.0


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """Return a server with an empty world."""
    with Serving("--quiet") as served:
        yield served


@pytest.fixture
def url(server: Serving, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the endpoint of a world of the test's own, whose clock stands still."""
    name = f"test-{abs(hash(request.node.nodeid))}"
    document = (ROOT / "fixtures/strict-cluster.yaml").read_text() + "\ntiming: realistic\n"
    status, world = control(server.url, "POST", "/_mockaws/worlds", {"name": name, "document": document})
    assert status == 201, world
    control(world["endpoint"], "POST", "/_mockaws/clock", {"freeze": True})
    yield world["endpoint"]
    control(server.url, "DELETE", f"/_mockaws/worlds/{name}")


def client(service: str, url: str, **more: Any) -> Any:
    """Return a client that does not retry."""
    return boto3.client(service, **client_settings(url, account="000000000000") | {"config": ONCE} | more)


def advance(url: str, by: str) -> None:
    """Move the clock."""
    status, answer = control(url, "POST", "/_mockaws/clock", {"advance": by})
    assert status == 200, answer


def fault(url: str, **properties: Any) -> None:
    """Add a fault."""
    status, answer = control(url, "POST", "/_mockaws/faults", properties)
    assert status == 201, answer


def test_connecting_follows_the_clock(url: str) -> None:
    """Realistic: a store is CONNECTING for 20 minutes, CONNECTED after them, and DISCONNECTING for one."""
    kms = client("kms", url)
    store = kms.create_custom_key_store(
        CustomKeyStoreName="store",
        CloudHsmClusterId=CLUSTER,
        TrustAnchorCertificate=(ROOT / "fixtures/customerCA.crt").read_text(),
        KeyStorePassword="kmsPswd123",
    )["CustomKeyStoreId"]

    def state() -> str:
        (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
        return str(found["ConnectionState"])

    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state() == "CONNECTING"
    advance(url, "PT19M59S")
    assert state() == "CONNECTING"
    advance(url, "PT1S")
    assert state() == "CONNECTED"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert state() == "DISCONNECTING"
    advance(url, "PT1M")
    assert state() == "DISCONNECTED"


def test_hsms_follow_the_clock(url: str) -> None:
    """Realistic: an HSM is CREATE_IN_PROGRESS for five minutes, and DELETE_IN_PROGRESS for two."""
    cloudhsm = client("cloudhsmv2", url)
    (cluster,) = cloudhsm.describe_clusters()["Clusters"]
    zone = next(iter(cluster["SubnetMapping"]))
    hsm = cloudhsm.create_hsm(ClusterId=cluster["ClusterId"], AvailabilityZone=zone)["Hsm"]["HsmId"]

    def state() -> str | None:
        (found,) = cloudhsm.describe_clusters()["Clusters"]
        return next((one["State"] for one in found["Hsms"] if one["HsmId"] == hsm), None)

    assert state() == "CREATE_IN_PROGRESS"
    advance(url, "PT5M")
    assert state() == "ACTIVE"
    cloudhsm.delete_hsm(ClusterId=cluster["ClusterId"], HsmId=hsm)
    assert state() == "DELETE_IN_PROGRESS"
    advance(url, "PT2M")
    assert state() in {None, "DELETED"}


def test_deletion_and_rotation_follow_the_clock(url: str) -> None:
    """A key is deleted when its waiting period is over; another one is rotated when its period is."""
    kms = client("kms", url)
    kept, deleted = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.enable_key_rotation(KeyId=kept, RotationPeriodInDays=90)
    kms.schedule_key_deletion(KeyId=deleted, PendingWindowInDays=7)
    advance(url, "P6DT23H59M59S")
    assert kms.describe_key(KeyId=deleted)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    advance(url, "PT1S")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=deleted)
    assert kms.list_key_rotations(KeyId=kept)["Rotations"] == []
    advance(url, "P90D")
    assert len(kms.list_key_rotations(KeyId=kept)["Rotations"]) == 1


def test_sessions_follow_the_clock(url: str) -> None:
    """Temporary credentials end when the world's clock says so."""
    given = client("sts", url).assume_role(RoleArn="arn:aws:iam::000000000000:role/Example", RoleSessionName="session")[
        "Credentials"
    ]
    sts = client(
        "sts",
        url,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    advance(url, "PT59M")
    assert ":assumed-role/Example/session" in sts.get_caller_identity()["Arn"]
    advance(url, "PT1M")
    with pytest.raises(ClientError, match="ExpiredToken"):
        sts.get_caller_identity()


@pytest.mark.parametrize(
    ("service", "operation", "error"),
    [
        ("kms", "list_keys", "DependencyTimeoutException"),
        ("kms", "list_keys", "KMSInternalException"),
        ("kms", "generate_random", "ThrottlingException"),
        ("cloudhsmv2", "describe_clusters", "CloudHsmInternalFailureException"),
        ("sts", "get_caller_identity", "ThrottlingException"),
    ],
)
def test_clients_get_over_a_fault_that_passes(url: str, service: str, operation: str, error: str) -> None:
    """An SDK retries after each of these errors, and its caller gets an answer."""
    fault(url, operation=f"{service}:*", error=error, times=2)
    patient = client(service, url, config=Config(retries={"total_max_attempts": 4, "mode": "standard"}))
    arguments = {"NumberOfBytes": 1} if operation == "generate_random" else {}
    answer = getattr(patient, operation)(**arguments)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    ((found,)) = control(url, "GET", "/_mockaws/faults")[1]["faults"]
    assert (found["calls"], found["struck"]) == (3, 2)


def test_a_lost_connection_is_one(url: str) -> None:
    """The connection ends without a byte; the next call, on another one, is answered, and an SDK tries again."""
    fault(url, operation="kms:CreateKey", drop=True, times=3)
    kms = client("kms", url)
    with pytest.raises(ConnectionClosedError):
        kms.create_key()
    assert kms.list_keys()["Keys"] == []
    assert client("kms", url, config=Config(retries={"total_max_attempts": 4})).create_key()["KeyMetadata"]["KeyId"]
    assert len(kms.list_keys()["Keys"]) == 1


@pytest.mark.parametrize("service", ["kms", "cloudhsmv2", "sts"])
def test_a_server_out_of_order(url: str, service: str) -> None:
    """A 503 is what clients of every protocol take for ServiceUnavailable."""
    fault(url, operation="*", status=503)
    call = {"kms": "list_keys", "cloudhsmv2": "describe_clusters", "sts": "get_caller_identity"}[service]
    with pytest.raises(ClientError) as refused:
        getattr(client(service, url), call)()
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_a_late_answer_delays_no_other_client(url: str) -> None:
    """A late answer delays no other client."""
    fault(url, operation="kms:ListKeys", latency="PT5S")
    clients = [client("kms", url) for _ in range(13)]
    with ThreadPoolExecutor(12) as pool:
        started = time.monotonic()
        late = [pool.submit(each.list_keys) for each in clients[:12]]
        clients[12].list_aliases()
        assert not any(call.done() for call in late)
        assert all(call.result()["Keys"] == [] for call in late)
        assert time.monotonic() - started >= 5


def test_eight_worlds_at_once(server: Serving) -> None:
    """Clients in eight worlds create, tag and fail at once; each world has its own keys, time and faults."""
    names = [f"pr-{number}" for number in range(8)]

    def work(number: int) -> tuple[int, str, int]:
        endpoint = control(server.url, "POST", "/_mockaws/worlds", {"name": names[number], "fixture": "empty"})[1][
            "endpoint"
        ]
        control(endpoint, "POST", "/_mockaws/clock", {"freeze": 2_000_000_000 + number * DAY})
        fault(endpoint, operation="kms:CreateKey", error="LimitExceededException", every=number + 2)
        kms, refused = client("kms", endpoint), 0
        for _ in range(20):
            try:
                kms.create_key()
            except kms.exceptions.LimitExceededException:
                refused += 1
        keys = kms.list_keys()["Keys"]
        created = kms.describe_key(KeyId=keys[0]["KeyId"])["KeyMetadata"]["CreationDate"].timestamp()
        return len(keys), str(created), refused

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert found == [(20 - 20 // (n + 2), str(2_000_000_000 + n * DAY), 20 // (n + 2)) for n in range(8)]
    assert control(server.url, "GET", "/_mockaws/faults")[1] == {"faults": []}
    assert client("kms", server.url).list_keys()["Keys"] == []
    for name in names:
        assert control(server.url, "DELETE", f"/_mockaws/worlds/{name}")[0] == 200


def test_a_fixture_with_faults(tmp_path: Any) -> None:
    """A world begins with the faults of its fixture, and has them again after a reset."""
    fixture = tmp_path / "busy.yaml"
    fixture.write_text("faults: [{operation: 'kms:*', throttle: documented}]\n")
    with Serving("--quiet", "--fixture", str(fixture)) as server:
        control(server.url, "POST", "/_mockaws/clock", {"freeze": True})
        kms = client("kms", server.url)
        for _ in range(2):
            for _ in range(5):
                kms.create_key()
            with pytest.raises(ClientError, match=r"\(ThrottlingException\).*exceeded the rate"):
                kms.create_key()
            control(server.url, "POST", "/_mockaws/reset")
            control(server.url, "POST", "/_mockaws/clock", {"freeze": True})


def test_other_machines_need_to_be_allowed() -> None:
    """A server on all addresses answers control requests of other machines only if that was allowed."""
    everywhere = "0.0.0.0"  # noqa: S104
    for flags, status in (((), 403), (("--allow-remote-control",), 200)):
        with Serving("--quiet", "--host", everywhere, *flags) as server:
            local = server.url.replace(everywhere, "127.0.0.1")
            assert control(local, "GET", "/_mockaws/clock")[0] == 200
            assert control(local, "GET", "/_mockaws/clock", headers={"Host": "mockaws:4566"})[0] == status


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("clock", "advance", "P1Y"), "advance: invalid duration 'P1Y': use an ISO 8601 duration of weeks, days"),
        (("clock", "set", "1999-01-01"), "Add back: true, or --back, to go back in time."),
        (("fault", "add", "kms:Encrpyt", "--drop"), "kms:Encrpyt is no operation (did you mean kms:Encrypt?)"),
        (("fault", "add", "kms:*", "--times", "0", "--drop"), "times: 0 is too small; expected 1 to 1000000000"),
        (("fault", "add", "kms:*", "--nth", "x", "--drop"), "nth: x is text; expected a whole number"),
        (("fault", "remove", "fault-9"), "there is no fault fault-9; there are no faults"),
        (("fault", "remove"), "fault remove needs the ids of the faults, such as fault-1, or --all"),
        (("world", "create", "x", "--fixture", "one-hms"), "one-hms: no such fixture (did you mean one-hsm?)"),
        (("world", "create", "x", "--fixture", "tests"), "tests: cannot be read: Is a directory; expected a YAML file"),
        (("world", "create", "x", "--fixture", "/dev/zero"), "cannot be read: it is a device; expected a YAML file"),
        (("world", "create", "x", "--fixture", sys.executable), "is not UTF-8; expected text in UTF-8"),
        (("calls", "--clear", "--key", "alias/a"), "calls --clear takes no --key"),
        (("world", "create", "x", "--fixture", "LICENSE"), "document:93: is not YAML"),
        (("world", "show", "nowhere"), "there is no world 'nowhere'; there are: none"),
        (("world", "remove", "a b"), "there is no world 'a b'"),
        (("world", "remove", "a/b"), "invalid name 'a/b': use a name without '/'"),
    ],
)
def test_mistakes_on_the_command_line(server: Serving, command: tuple[str, ...], sentence: str) -> None:
    """A mistake ends with 2 and a sentence on stderr that says what would be right."""
    done = run("mockaws", *command, "--endpoint", server.url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mockaws: ")
    assert sentence in done.stderr


def test_no_server() -> None:
    """A command without a server says so, and how to start one."""
    for command in (("clock",), ("fault", "list"), ("world", "list"), ("reset",), ("health",)):
        done = run("mockaws", *command, AWS_ENDPOINT_URL="http://127.0.0.1:1")
        assert done.returncode == 2
        assert "nothing answers on http://127.0.0.1:1" in done.stderr
        assert "mockaws serve" in done.stderr


def test_a_world_by_its_endpoint(server: Serving) -> None:
    """Commands speak to the world that AWS_ENDPOINT_URL leads to."""
    made = run(
        "mockaws", "world", "create", "by-endpoint", "--fixture", "fixtures/one-hsm.yaml", AWS_ENDPOINT_URL=server.url
    )
    endpoint = json.loads(made.stdout)["endpoint"]
    assert endpoint == f"{server.url}/worlds/by-endpoint"
    done = run("mockaws", "clock", "freeze", "2031-01-01T00:00:00Z", AWS_ENDPOINT_URL=endpoint)
    assert json.loads(done.stdout) == {"now": "2031-01-01T00:00:00.000Z", "frozen": True}
    assert control(server.url, "GET", "/_mockaws/clock")[1]["frozen"] is False
    assert run("mockaws", "world", "remove", "by-endpoint", "--endpoint", server.url).returncode == 0


def test_struck_calls_in_any_world_are_calls(tmp_path: Any) -> None:
    """The journal and the file of all calls contain calls that a fault refused, also in newer worlds."""
    calls = tmp_path / "calls.jsonl"
    with Serving("--quiet", "--calls", str(calls)) as server:
        _, world = control(server.url, "POST", "/_mockaws/worlds", {"name": "new", "fixture": "empty"})
        fault(world["endpoint"], operation="kms:*", error="KMSInternalException")
        kms = client("kms", world["endpoint"])
        with pytest.raises(kms.exceptions.KMSInternalException):
            kms.create_key()
        (record,) = control(world["endpoint"], "GET", "/_mockaws/calls")[1]["Records"]
    assert (record["eventName"], record["errorCode"]) == ("CreateKey", "KMSInternalException")
    assert [json.loads(line) for line in calls.read_text().splitlines()] == [record]
