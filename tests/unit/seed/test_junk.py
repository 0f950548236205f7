"""Whatever stands anywhere in a fixture, reading it ends with a world or with problems."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.seed import loader
from tests.unit.seed.kinds import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORLD: dict[str, Any] = {
    "description": "Something of everything",
    "account": "111122223333",
    "region": "us-west-2",
    "network": {
        "vpcs": [
            {
                "id": "vpc-1a2b3c4d",
                "cidr": "10.0.0.0/16",
                "subnets": [
                    {
                        "id": "subnet-a6b10bd1",
                        "zone": "us-west-2a",
                        "cidr": "10.0.1.0/24",
                        "free_addresses": 9,
                        "removed": False,
                        "reachable": True,
                    },
                    {"id": "subnet-b6b10bd2", "zone": "us-west-2b", "cidr": "10.0.0.0/24"},
                ],
            }
        ]
    },
    "clusters": [
        {
            "id": "cluster-readytwozone",
            "state": "ACTIVE",
            "hsm_type": "hsm1.medium",
            "mode": "FIPS",
            "network_type": "IPV4",
            "created": 1507133412.351,
            "vpc": "vpc-1a2b3c4d",
            "subnets": ["subnet-a6b10bd1", "subnet-b6b10bd2"],
            "security_group": "sg-865af2fb",
            "security_group_removed": False,
            "trust_anchor_certificate": {"file": "missing.crt"},
            "cluster_certificate": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            "backup_retention_days": 90,
            "hsms": [
                {
                    "id": "hsm-abcdefghijk",
                    "zone": "us-west-2a",
                    "subnet": "subnet-a6b10bd1",
                    "ip": "10.0.1.11",
                    "eni": "eni-ea8647e1",
                    "state": "ACTIVE",
                    "state_message": "HSM created.",
                }
            ],
            "users": [
                {
                    "name": "kmsuser",
                    "role": "crypto-user",
                    "password": "kmsPswd123",
                    "locked": False,
                    "logged_in": False,
                }
            ],
            "tags": {"Owner": "us"},
        }
    ],
    "custom_key_stores": [
        {
            "id": "cks-1234567890abcdef0",
            "name": "one",
            "cluster": "cluster-readytwozone",
            "password": "forgotten123",
            "trust_anchor_certificate": {"file": "missing.crt"},
            "connection": "FAILED",
            "created": "2024-01-01",
        }
    ],
    "keys": [
        {
            "id": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "custom_key_store": "one",
            "state": "PendingDeletion",
            "deletion_in_days": 7,
            "description": "Words",
            "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}]},
            "tags": {"Owner": "us"},
            "aliases": ["alias/one"],
            "rotation": {"period_in_days": 90, "enabled_on": 0},
            "grants": [
                {
                    "id": "0" * 63 + "a",
                    "name": "grant",
                    "grantee_principal": "arn:aws:iam::111122223333:root",
                    "retiring_principal": "arn:aws:iam::111122223333:root",
                    "operations": ["Encrypt"],
                    "encryption_context_equals": {"a": "b"},
                    "encryption_context_subset": {"a": "b"},
                    "created": "2024-01-01T00:00:00Z",
                }
            ],
            "created": 0,
            "hsm_key_deleted": True,
        },
        {
            "id": "mrk-1234abcd12ab34cd56ef1234567890ab",
            "origin": "EXTERNAL",
            "imported_material": {
                "bytes": "YWxsIHRoYXQgaXMga25vd24gdG8gaXRzIG93bmVyISE=",
                "valid_to": "2024-01-01",
            },
        },
    ],
    "scenario": {
        "shows": "a world",
        "fails": [{"call": "kms:CreateKey", "with": {"Policy": {"file": "missing.json"}}, "error": "Nonsense"}],
        "mend": "true",
        "works": [{"call": "kms:ListKeys", "account": "1", "region": "x", "answers": {"KeyId": "x"}}],
    },
    "timing": {
        "connect": "PT1M",
        "disconnect": "PT1M",
        "create_hsm": "PT1M",
        "delete_hsm": "PT1M",
        "replicate": "PT1M",
    },
    "relaxations": {
        "connect": "on_create",
        "delete_custom_key_store": "with_pending_keys",
        "second_hsm": "at_any_time",
    },
}
JUNK: list[Any] = [None, True, -1, 1e300, "", "2020-99-99", [], [None], {}, {"a": [1]}]


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside another."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (key,)
        yield from ((key, *rest) for rest in places(one))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_told_wherever_it_stands(junk: Any, tmp_path: Path) -> None:
    """Nothing but FixtureError is raised, and each problem has a line and fits on one."""
    path = tmp_path / "world.yaml"
    for where in places(WORLD):
        document: Any = copy.deepcopy(WORLD)
        inner = document
        for key in where[:-1]:
            inner = inner[key]
        inner[where[-1]] = junk
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        with pytest.raises(loader.FixtureError) as error:  # the certificates are never there
            loader.load(str(path), now=NOW)
        for problem in error.value.problems:
            assert problem.line > 0, where
            assert "\n" not in str(problem), where
