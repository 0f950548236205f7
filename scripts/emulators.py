"""The emulators that scripts/compare.py compares: their installation, their start, and clients for them."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import boto3  # noqa: E402 - the path comes first
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402

from bench.peers import PEERS, InstallError, Peer  # noqa: E402
from bench.process import ServerProcess, StartError  # noqa: E402

__all__ = ["InstallError", "StartError"]

START_SECONDS = 90.0
REGION, OTHER_REGION = "us-west-2", "eu-west-1"
ACCOUNT, OTHER_ACCOUNT = "000000000000", "444455556666"


@dataclass(frozen=True)
class Emulator:
    """An emulator, its options for single probes, and its own control routes."""

    title: str
    peer: Peer
    about: str
    enforcing: dict[str, str] | None = None  # variables with which IAM policies are enforced
    persistent: dict[str, str] | None = None  # variables with which state survives a restart; {folder} is a new one
    reset: str = ""
    reset_auth: str = ""


def emulators() -> dict[str, Emulator]:
    ours = replace(
        PEERS["mockaws"],
        requirements=("--editable", f"{ROOT}[aws]", "--constraint", str(ROOT / "bench/requirements/flask.txt")),
        command=lambda programs, port: [
            str(programs / "mockaws"),
            *f"serve --quiet --port {port} --fixture ready-cluster --others moto".split(),
        ],
    )
    ministack = replace(
        PEERS["ministack"],
        variables=lambda port: {
            name: value for name, value in PEERS["ministack"].variables(port).items() if name != "SERVICES"
        },
    )
    localemu = Peer(
        "localemu",
        "localemu",
        "`localemu start`",
        ("--requirement", str(ROOT / "bench/requirements/localemu.txt")),
        lambda programs, port: [str(programs / "localemu"), "start", "--host", "127.0.0.1", "--port", str(port)],
        lambda port: {"GATEWAY_LISTEN": f"127.0.0.1:{port}"},
    )
    return {
        "mockaws": Emulator(
            "mockaws", ours, "`mockaws serve --fixture ready-cluster --others moto`", reset="/_mockaws/reset"
        ),
        "moto": Emulator(
            "moto", PEERS["moto"], "`moto_server`", reset="/moto-api/reset", reset_auth="/moto-api/reset-auth"
        ),
        "ministack": Emulator(
            "ministack",
            ministack,
            "`ministack` with cryptography",
            {"AUTH": "true"},
            {"PERSIST_STATE": "1", "STATE_DIR": "{folder}"},
            "/_ministack/reset",
        ),
        "localemu": Emulator(
            "LocalEmu",
            localemu,
            "`localemu start`",
            {"IAM_ENFORCEMENT": "1"},
            {"PERSISTENCE": "1", "LOCALEMU_VOLUME_DIR": "{folder}", "DATA_DIR": "{folder}"},
            "/_localstack/state/reset",
        ),
    }


class Target:
    """A running emulator as a probe sees it."""

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self.url = f"http://127.0.0.1:{port}"

    def client(self, service: str, region: str = REGION, key: str = ACCOUNT, secret: str = "", token: str = "") -> Any:
        """Return a boto3 client that validates nothing and never retries."""
        config = Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            read_timeout=40,
            s3={"addressing_style": "path"},
        )
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret or "test",
            aws_session_token=token or None,
            config=config,
        )

    def http(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of a plain request."""
        request = urllib.request.Request(self.url + path, body or None, headers or {}, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @property
    def failure(self) -> str:
        """The reason why KMS cannot be compared at all, or nothing."""
        try:
            self.client("kms").list_keys()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 500:  # noqa: PLR2004
                version = f"{sys.version_info.major}.{sys.version_info.minor}"
                return f"KMS fails under Python {version}: {error.response['Error'].get('Message', '')}".strip()
        return ""

    def again(self, variables: dict[str, str]) -> Running:
        """Start the same emulator once more, with further variables."""
        return Running(self.emulator, variables)


class Running:
    """An emulator's process, for a `with` block, which gets its Target."""

    def __init__(self, emulator: Emulator, variables: dict[str, str] | None = None) -> None:
        peer = emulator.peer
        if variables:
            before = peer.variables
            peer = replace(peer, variables=lambda port: before(port) | variables)
        self._process: ServerProcess = peer.start("compare")
        self._target = Target(emulator, self._process.port)

    def __enter__(self) -> Target:
        try:
            self._wait()
        except StartError:
            self._process.stop()
            raise
        return self._target

    def _wait(self) -> None:
        """Wait for an answer of STS, and require one of KMS that is no failure of the server."""
        begin = time.monotonic()
        while time.monotonic() - begin < START_SECONDS:
            try:
                self._target.client("sts").get_caller_identity()
            except (BotoCoreError, OSError):
                time.sleep(0.2)
            except ClientError:
                break
            else:
                break
        else:
            raise StartError(f"no answer within {START_SECONDS:.0f} s")
        if self._target.failure:
            raise StartError(self._target.failure)

    def __exit__(self, *_: object) -> None:
        self._process.stop()
