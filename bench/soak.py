"""Calls that create and delete, one after the other in one process: memory has to stay as it is.

python -m bench.soak [--calls N]

Each day of the world's time has keys with aliases and grants that are created and scheduled for deletion. It has
sessions, clusters and HSMs, and a key store with keys that connects and disconnects. It has large refused calls, and a
world that is created and removed. Then the clock is advanced by a day. The program prints the resident memory
every tenth of the way, and exits with 1 if it has grown by more than 10 % since the second of these.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from mockaws import Mock
from mockaws.fixtures.library import certificate
from mockaws.gateway.http import Request
from mockaws.model.service import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.worlds.world import World

ACCOUNT, REGION, OTHER_REGION = "000000000000", "us-west-2", "eu-central-1"
CLUSTER = "cluster-readytwozone"
PASSWORD = "kmsPswd123"  # noqa: S105 - the fixture's
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Application"
WINDOW = 7
KEYS_A_DAY = 40
CONNECTS_A_DAY = 10
DAYS_OF_A_STORE = 20
MOST_GROWTH = 0.10
MAX_CALLS = 10_000_000
_MARKS = 10
_ERRORS = 400


class CallError(Exception):
    """A call was refused that should not be."""


@dataclass(frozen=True)
class Mark:
    """The state after a number of calls: resident MB of 2**20 bytes, records, and calls in the journal."""

    calls: int
    seconds: float
    memory: float
    records: int
    journal: int

    def __str__(self) -> str:
        found = f"{self.records:,} records, {self.journal:,} calls in the journal"
        return f"{self.calls:>11,} calls {self.seconds:>7.0f} s {self.memory:>8.1f} MB   {found}"


class Soak:
    """A mock, and how many calls it has had."""

    def __init__(self) -> None:
        self.mock = Mock(fixture="strict-cluster", quiet=True)
        self.world: World = self.mock.worlds.default
        self.calls = 0
        self._started = time.perf_counter()
        self._days = 0
        self._store: str | None = None
        self._subnets: list[str] = []

    def run(self, calls: int) -> None:
        """Make at least *calls* calls."""
        until = self.calls + calls
        while self.calls < until:
            self.day()

    def mark(self) -> Mark:
        """Return what there is now."""
        world = self.world
        seconds = time.perf_counter() - self._started
        return Mark(self.calls, seconds, memory(), len(world.store.records()), len(world.journal.entries()))

    def day(self) -> None:
        """Let a day of the world's time go by."""
        self._days += 1
        for number in range(KEYS_A_DAY):
            self._key(number)
        self._sessions()
        self._key_store()
        self._clusters()
        self._refusals()
        name = f"world-{self._days}"
        self.mock.world(name)
        self._ask("kms", "ListKeys", world=self.mock.worlds.named(name))
        self.mock.drop(name)
        self.mock.clock.advance("P1D")

    def _key(self, number: int) -> None:
        key = self._ask("kms", "CreateKey", MultiRegion=number % 8 == 0)["KeyMetadata"]["KeyId"]
        self._ask("kms", "CreateAlias", AliasName=f"alias/{self._days}-{number}", TargetKeyId=key)
        either: tuple[dict[str, Any], ...] = ({}, {"RetiringPrincipal": ROLE})
        for retiring in either:
            self._ask(
                "kms", "CreateGrant", KeyId=key, GranteePrincipal=ROLE, Operations=["Encrypt", "Decrypt"], **retiring
            )
        blob = self._ask("kms", "Encrypt", KeyId=f"alias/{self._days}-{number}", Plaintext="aGVsbG8=")["CiphertextBlob"]
        self._ask("kms", "Decrypt", CiphertextBlob=blob)
        self._ask("kms", "TagResource", KeyId=key, Tags=[{"TagKey": "day", "TagValue": str(self._days)}])
        if number % 8 == 0:
            self._ask("kms", "ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
            self._ask("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=WINDOW, region=OTHER_REGION)
        if number % 5 == 0:
            self._ask("kms", "DeleteAlias", AliasName=f"alias/{self._days}-{number}")
        self._ask("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=WINDOW)

    def _sessions(self) -> None:
        for number in range(KEYS_A_DAY):
            session = f"day-{self._days}-{number}"
            key_id = self._ask("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName=session)
            self._ask("sts", "GetCallerIdentity", access_key_id=key_id)

    def _key_store(self) -> None:
        """Use a key store for some days, let its keys go, and make another one."""
        day = self._days % DAYS_OF_A_STORE
        if self._store is None:
            self._store = self._ask(
                "kms",
                "CreateCustomKeyStore",
                CustomKeyStoreName=f"store {self._days}",
                CloudHsmClusterId=CLUSTER,
                TrustAnchorCertificate=certificate(),
                KeyStorePassword=PASSWORD,
            )["CustomKeyStoreId"]
        store: dict[str, Any] = {"CustomKeyStoreId": self._store}
        if day < DAYS_OF_A_STORE - WINDOW - 2:
            for _ in range(CONNECTS_A_DAY):
                self._ask("kms", "ConnectCustomKeyStore", **store)
                self._ask("kms", "DisconnectCustomKeyStore", **store)
            self._ask("kms", "ConnectCustomKeyStore", **store)
            key = self._ask("kms", "CreateKey", Origin="AWS_CLOUDHSM", **store)["KeyMetadata"]["KeyId"]
            self._ask("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=WINDOW)
            if day % 2:
                self._ask("kms", "DisconnectCustomKeyStore", **store)
        elif day == DAYS_OF_A_STORE - 1:
            if day % 2 == 0:
                self._ask("kms", "DisconnectCustomKeyStore", **store)
            state = self._ask("kms", "DescribeCustomKeyStores", **store)["CustomKeyStores"][0]["ConnectionState"]
            if state != "DISCONNECTED":
                self._ask("kms", "DisconnectCustomKeyStore", **store)
            self._ask("kms", "DeleteCustomKeyStore", **store)
            self.mock.hsm.change_password("kmsuser", "crypto-user", PASSWORD)
            self._store = None

    def _clusters(self) -> None:
        if not self._subnets:
            (ready,) = self._ask("cloudhsmv2", "DescribeClusters")["Clusters"]
            self._subnets = list(ready["SubnetMapping"].values())
        made = self._ask("cloudhsmv2", "CreateCluster", HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=self._subnets)
        self._ask("cloudhsmv2", "DeleteCluster", ClusterId=made["Cluster"]["ClusterId"])
        hsm = self._ask("cloudhsmv2", "CreateHsm", ClusterId=CLUSTER, AvailabilityZone="us-west-2a")["Hsm"]["HsmId"]
        self._ask("cloudhsmv2", "DeleteHsm", ClusterId=CLUSTER, HsmId=hsm)
        self.mock.hsm.fail_zone("us-west-2b")
        self.mock.hsm.recover_zone("us-west-2b")
        if self._days % 10 == 0:
            self._ask("cloudhsmv2", "DescribeBackups")

    def _refusals(self) -> None:
        long = f"{self._days} " * 20_000
        self._ask("kms", "CreateKey", refused=True, Description=long)
        self._ask("kms", "ListKeys", refused=True, authorization=f"Bearer {long}")
        self._ask("kms", "DescribeKey", refused=True, access_key_id=long, KeyId="alias/none")
        self._ask("kms", f"No{long}", refused=True)
        self._ask("kms", "DescribeKey", refused=True, access_key_id=f"AKIA{self._days:016d}", KeyId=f"no-{self._days}")

    def _ask(
        self,
        service: str,
        operation: str,
        *,
        refused: bool = False,
        access_key_id: str = ACCOUNT,
        region: str = REGION,
        authorization: str | None = None,
        world: World | None = None,
        **document: Any,
    ) -> Any:
        """Return what is answered; of STS, the access key id in it. Raises CallError where that is an error or none."""
        self.calls += 1
        model = load(service)
        scope = f"{access_key_id}/20260101/{region}/{model.signing_name}/aws4_request"
        signed = authorization or f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
        request = Request("POST", "/", "", b"", authorization=signed, user_agent="soak", source="127.0.0.1")
        if model.target_prefix:
            request = request._replace(
                body=json.dumps(document).encode(),
                content_type="application/x-amz-json-1.1",
                target=f"{model.target_prefix}.{operation}",
            )
        else:
            form = {"Action": operation, "Version": model.api_version, **document}
            request = request._replace(
                body=urlencode(form).encode(), content_type="application/x-www-form-urlencoded; charset=utf-8"
            )
        answer = self.mock.application.gateway.answer(world or self.world, request)
        if (answer.status >= _ERRORS) != refused:
            raise CallError(f"{operation} answered {answer.status}: {answer.body[:300]!r}")
        if model.target_prefix:
            return json.loads(answer.body) if answer.body else None
        found = [element.text for element in ET.fromstring(answer.body).iter() if element.tag.endswith("AccessKeyId")]  # noqa: S314 - ours
        return found[0] if found else None


def memory() -> float:
    """Return the resident memory of this process, in MB of 2**20 bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak and report; 1 if memory has grown."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Calls that create and delete.")
    parser.add_argument("--calls", type=int, default=1_000_000, metavar="N", help="how many (default: %(default)s)")
    calls = min(max(parser.parse_args(arguments).calls, _MARKS), MAX_CALLS)
    if sys.platform != "linux":
        print("bench: reads the memory of the process from /proc and so needs Linux", file=sys.stderr)
        return 1
    soak = Soak()
    marks = []
    for _ in range(_MARKS):
        soak.run(calls // _MARKS)
        marks.append(soak.mark())
        print(marks[-1], flush=True)
    growth = max(mark.memory for mark in marks[2:]) / marks[1].memory - 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"since the second mark: {growth:+.1%}; peak {peak:.1f} MB")
    return 0 if growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
