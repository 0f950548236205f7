"""`mockaws hsm …`: AWS's CloudHSM CLI, as a user types it, against a running server."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from mockaws.cli import main
from mockaws.worlds.control.table import VERBS
from tests.journeys.command import ROOT, Serving, clean_environment, client_settings, run

if TYPE_CHECKING:
    from collections.abc import Iterator

CLUSTER = "cluster-readytwozone"
OF_KMSUSER = ("--username", "kmsuser", "--role", "crypto-user")
ACCOUNT = "000000000000"


class Cli:
    """The command against one server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *words: str, **environment: str) -> tuple[int, Any]:
        """Return the exit status, and what was printed to stdout: an envelope with an error_code that fits."""
        done = run("mockaws", "hsm", *words, **{"AWS_ENDPOINT_URL": self.url} | environment)
        assert done.stderr == ""
        envelope = json.loads(done.stdout)
        assert list(envelope) == ["error_code", "data"]
        assert envelope["error_code"] == done.returncode
        assert done.stdout == json.dumps(envelope, indent=2) + "\n"
        return done.returncode, envelope["data"]

    def good(self, *words: str, **environment: str) -> Any:
        """Return the data of a good answer."""
        status, data = self(*words, **environment)
        assert status == 0, data
        return data

    def refusal(self, *words: str, **environment: str) -> str:
        """Return the sentence that a command is refused with."""
        status, data = self(*words, **environment)
        assert (status, type(data)) == (1, str)
        return str(data)

    def usage(self, *words: str, **environment: str) -> str:
        """Return what is said on stderr of a command that nothing can come of."""
        done = run("mockaws", "hsm", *words, **{"AWS_ENDPOINT_URL": self.url} | environment)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def cli() -> Iterator[Cli]:
    """Serve the world of strict-cluster."""
    with Serving("--fixture", "strict-cluster", "--quiet") as server:
        yield Cli(server.url)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Cli]:
    """Serve a world without clusters, which nothing changes."""
    with Serving("--quiet") as server:
        yield Cli(server.url)


def test_inside_exec() -> None:
    """Inside `mockaws exec` the command reaches its server."""
    done = run("mockaws", "exec", "--quiet", "--fixture", "ready-cluster", "--", "sh", "-c", "mockaws hsm user list")
    assert done.returncode == 0, done.stderr
    users = json.loads(done.stdout)["data"]["users"]
    assert [user["username"] for user in users] == ["admin", "kmsuser", "app_user"]


def test_users(cli: Cli) -> None:
    """Users are managed with the words and answers of AWS's command line."""
    bob = ("--username", "Bob", "--role", "crypto-user")
    shown = {"username": "bob", "role": "crypto-user"}
    assert cli.good("user", "create", *bob, "--password", "bobsPswd1", "--cluster-id", CLUSTER) == shown
    for _ in range(6):
        assert cli.refusal("login", *bob, "--password", "wrongPswd1") == "Incorrect authentication credentials"
    assert cli.good("user", "list")["users"][2]["locked"] == "true"
    assert cli.good("user", "unlock", *bob) == shown
    assert cli.good("login", *bob, "--password", "bobsPswd1") == shown
    assert "currently logged in" in cli.refusal("user", "change-password", *bob, "--password", "otherPswd1")
    assert cli.good("logout") == "Logout successful"
    assert cli.good("user", "change-password", *bob, "--password", "otherPswd1") == shown
    assert cli.good("user", "delete", *bob) == shown
    assert cli.refusal("user", "delete", *bob) == "Specified user does not exist"


def test_credentials(cli: Cli) -> None:
    """CLOUDHSM_ROLE and CLOUDHSM_PIN log in for one command, as in AWS's single command mode."""
    bob = ("--username", "bob", "--role", "crypto-user", "--password", "bobsPswd1")
    kmsuser = {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": "kmsuser:kmsPswd123"}
    assert "An admin must" in cli.refusal("user", "create", *bob, **kmsuser)
    assert cli.good("key", "list", "--verbose", **kmsuser)["total_key_count"] == 0
    wrong = {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": "kmsuser:Pswd with : and €"}
    for _ in range(6):
        assert cli.refusal("key", "list", **wrong) == "Incorrect authentication credentials"
    assert "locked out" in cli.refusal("key", "list", **kmsuser)
    assert cli.good("user", "list", **wrong)["users"][1]["locked"] == "true"
    for half in (
        {"CLOUDHSM_ROLE": "admin"},
        {"CLOUDHSM_PIN": "admin:adminPswd1"},
        {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": "x"},
    ):
        assert "CLOUDHSM_PIN=<username>:<password>" in cli.usage("user", "create", *bob, **half)


def test_failures(cli: Cli) -> None:
    """All failures and repairs work, and `cluster info` shows them."""
    assert cli.good("fail", "--hsm-id", "hsm-readyinzonea")["state"] == "DEGRADED"
    assert cli.good("hsm", "recover", "--ip", "10.0.0.4")["state"] == "ACTIVE"
    assert cli.good("zone", "fail", "us-west-2b")["hsms"][0]["state"] == "DEGRADED"
    info = cli.good("cluster", "info")
    assert [one["state"] for one in info["hsms"]] == ["ACTIVE", "DEGRADED"]
    assert len(cli.good("cluster", "hsm-info")["hsms"]) == 1
    assert cli.good("zone", "recover", "us-west-2b")["hsms"][0]["state"] == "ACTIVE"
    subnet = info["subnets"][0]["subnet-id"]
    assert cli.good("network", "break", "--subnet-id", subnet)["subnets"][0]["state"] == "broken"
    cli.good("network", "break")
    assert cli.refusal("user", "list") == "Failed to initialize hsm1 context"
    assert [each["state"] for each in cli.good("network", "mend")["subnets"]] == ["reachable", "reachable"]
    assert cli.good("subnet", "fill", "--subnet-id", subnet)["free-addresses"] == 0
    assert cli.good("subnet", "free", "--subnet-id", subnet)["free-addresses"] == 250
    assert cli.good("sessions", "exhaust") == {"sessions": "exhausted"}
    assert cli.good("sessions", "free") == {"sessions": "available"}
    backup = cli.good("backup", "now")
    assert cli.good("cluster", "info")["backups"][-1] == backup
    assert cli.good("subnet", "remove", "--subnet-id", subnet)["state"] == "removed"


def test_the_round_trip_of_kmsuser(cli: Cli) -> None:
    """Connecting rotates the password. To use kmsuser: disconnect, change it in the cluster, tell KMS, connect again.

    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-login-as-kmsuser
    """
    kms = boto3.client("kms", **client_settings(cli.url, ACCOUNT))
    store = kms.create_custom_key_store(
        CustomKeyStoreName="ExampleKeyStore",
        CloudHsmClusterId=CLUSTER,
        TrustAnchorCertificate=(ROOT / "fixtures/customerCA.crt").read_text(),
        KeyStorePassword="kmsPswd123",
    )["CustomKeyStoreId"]

    def connection() -> tuple[str, str | None]:
        (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
        return entry["ConnectionState"], entry.get("ConnectionErrorCode")

    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert connection() == ("CONNECTED", None)
    key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]

    change = ("user", "change-password", *OF_KMSUSER, "--password", "newPswd456")
    assert f"'{store}' is CONNECTED: disconnect the key store first" in cli.refusal(*change)
    assert cli.refusal("login", *OF_KMSUSER, "--password", "kmsPswd123") == "Incorrect authentication credentials"

    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    cli.good(*change)
    cli.good("login", *OF_KMSUSER, "--password", "newPswd456")
    kms.update_custom_key_store(CustomKeyStoreId=store, KeyStorePassword="newPswd456")
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert connection() == ("FAILED", "USER_LOGGED_IN")

    pin = {"CLOUDHSM_ROLE": "crypto-user", "CLOUDHSM_PIN": "kmsuser:newPswd456"}
    (found,) = cli.good("key", "list", "--filter", f"attr.label={key['Arn']}", "attr.encrypt=true", **pin)[
        "matched_keys"
    ]
    assert found["attributes"] == {"label": key["Arn"]}
    cli.good("logout", *OF_KMSUSER)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert connection() == ("CONNECTED", None)
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hello")["KeyId"] == key["Arn"]

    deleted = cli.good("key", "delete", "--filter", f"key-reference={found['key-reference']}")
    assert deleted == {"message": "Key deleted successfully"}
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hello")


def test_a_password_from_the_terminal(cli: Cli) -> None:
    """A password that is left out is asked for, twice if it is new."""
    bob = ("--username", "bob", "--role", "crypto-user")
    status, printed = typed(cli, "user create", *bob, lines=["bobsPswd1", "bobsPswd1"])
    assert (status, '"username": "bob"' in printed, "bobsPswd1" in printed) == (0, True, False)
    assert "Enter password:" in printed
    assert "Confirm password:" in printed
    assert typed(cli, "login", *bob, lines=["bobsPswd1"])[0] == 0
    status, printed = typed(cli, "user change-password", *OF_KMSUSER, lines=["onePswd12", "another12"])
    assert (status, "the two passwords differ" in printed) == (2, True)
    assert typed(cli, "login", *bob, lines=["\x04"])[0] == 2
    assert "--password must be given if there is no terminal" in cli.usage("login", *bob)


def typed(cli: Cli, words: str, *flags: str, lines: list[str]) -> tuple[int, str]:
    """Return the exit status and output of a command at a terminal, where a user types *lines*."""
    ours, theirs = pty.openpty()
    command = ["mockaws", "hsm", *words.split(), *flags]
    environment = clean_environment() | {"AWS_ENDPOINT_URL": cli.url}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        printed = b""
        for line in lines:
            while not printed.endswith(b"password: "):
                printed += os.read(ours, 1024)
            os.write(ours, line.encode() + b"\n")
            printed += b"\n"
        while True:
            try:
                printed += os.read(ours, 1024)
            except OSError:  # the other side is closed
                break
        status = process.wait()
    os.close(ours)
    return status, printed.decode()


USAGE = [
    ((), "COMMAND"),
    (("user",), "COMMAND"),
    (("user", "creat"), "invalid choice: 'creat'"),
    (("user", "delete", "--username", "x"), "--role"),
    (("user", "delete", "--username", "x", "--role", "officer"), "invalid choice: 'officer'"),
    (
        ("user", "delete", "--username", "", "--role", "admin", "--cluster-id", "x"),
        "invalid username '': use",
    ),
    (
        ("user", "delete", "--username", "a/b", "--role", "admin", "--cluster-id", "x"),
        "invalid username 'a/b': use",
    ),
    (("user", "create", "--user", "x", "--role", "admin"), "--username"),
    (("user", "list", "--verbose"), "unrecognized arguments: --verbose"),
    (("key", "delete"), "--filter"),
    (("fail",), "--hsm-id/--ip"),
    (("zone", "fail"), "ZONE"),
    (("subnet", "fill"), "--subnet-id"),
    (("user", "list"), "account 000000000000 has none in us-west-2"),
    (("user", "list", "--endpoint", "nonsense"), "invalid endpoint 'nonsense': use one such as"),
    (("user", "list", "--endpoint", "http://127.0.0.1:x"), "invalid endpoint"),
    (("user", "list", "--endpoint", "http://[::1"), "invalid endpoint"),
    (("user", "list", "--endpoint", "http://127.0.0.1:1"), "nothing answers on http://127.0.0.1:1"),
    (("user", "list", "--endpoint", "http://no such host"), "nothing answers on"),
]


@pytest.mark.parametrize(("words", "told"), USAGE, ids=str)
def test_usage(
    elsewhere: Cli,
    words: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistake before any request ends with 2 and a sentence on stderr."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    try:
        status: object = main(["hsm", *words])
    except SystemExit as ended:  # argparse ends itself
        status = ended.code
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert told in printed.err


def test_which_cluster(elsewhere: Cli) -> None:
    """A missing cluster is refused; account and Region are those of AWS clients in this environment."""
    assert "Cluster 'x' does not exist: account 000000000000 has none" in elsewhere.refusal(
        "user", "list", "--cluster-id", "x"
    )
    ireland = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "111122223333"}
    assert "account 111122223333 has none in eu-west-1" in elsewhere.usage("user", "list", **ireland)
    assert "has none in eu-west-3" in elsewhere.usage("user", "list", "--region", "eu-west-3", **ireland)
    fallback = {"AWS_DEFAULT_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    assert "account 000000000000 has none in eu-west-2" in elsewhere.usage("user", "list", **fallback)


def test_several_clusters(tmp_path: Any) -> None:
    """Without exactly one cluster, it must be named; deleted ones do not count."""
    fixture = tmp_path / "several.yaml"
    fixture.write_text(
        "clusters: [{id: cluster-aaaaaaaaaaa}, {id: cluster-bbbbbbbbbbb}, {id: cluster-ccccccccccc, state: DELETED}]"
    )
    with Serving("--fixture", str(fixture), "--quiet") as server:
        cli = Cli(server.url)
        assert "has cluster-aaaaaaaaaaa, cluster-bbbbbbbbbbb in us-west-2" in cli.usage("cluster", "info")
        assert cli.good("cluster", "info", "--cluster-id", "cluster-bbbbbbbbbbb")["cluster-id"] == "cluster-bbbbbbbbbbb"
        worlds = f"{server.url}/worlds/other"
        assert (
            cli.good("cluster", "info", "--cluster-id", "cluster-aaaaaaaaaaa", "--endpoint", worlds)["state"]
            == "ACTIVE"
        )


def test_every_command_is_explained() -> None:
    """docs/hsm.md lists each command with its flags, and --help of each says what it does."""
    page = (ROOT / "docs/hsm.md").read_text()
    for verb in VERBS.values():
        for words in verb.commands[:1]:
            command = words.removeprefix("hsm ")
            assert command == words or f"`{command}" in page, words
    done = run("mockaws", "hsm", "user", "create", "--help")
    assert (done.returncode, "KMS logs in as the crypto-user kmsuser" in done.stdout) == (0, True)


def test_other_commands_do_not_pay_for_it() -> None:
    """Other commands do not import the module of these."""
    module = "mockaws.cli.control"
    look = f"import sys; from mockaws import cli; cli.main(['validate', 'empty']); print('{module}' in sys.modules)"
    assert run(sys.executable, "-c", look).stdout.split()[-1] == "False"
