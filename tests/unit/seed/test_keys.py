"""The KMS keys of a fixture."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from mockaws.clock import DAY
from mockaws.records.cloudhsm import HsmKey
from mockaws.records.kms import (
    Alias,
    AutomaticRotation,
    CustomKeyStore,
    Grant,
    Key,
    KeyState,
    MultiRegion,
    Origin,
    RetirableGrant,
)
from mockaws.seed.draft import CREATED
from tests.unit.seed.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
STORE = """\
clusters: [{id: cluster-abcdefghijk}]
custom_key_stores: [{id: cks-1234567890abcdef0, name: one, cluster: cluster-abcdefghijk, connection: CONNECTED}]
"""


def test_a_key_of_which_nothing_is_said(load: Load) -> None:
    """It is an enabled symmetric encryption key in KMS itself, with AWS's default policy."""
    key = one(load("keys: [{}]"), Key)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key.id)
    assert (key.state(NOW), key.origin, key.spec, key.usage) == (
        KeyState.ENABLED,
        Origin.AWS_KMS,
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
    )
    assert (key.created_at, key.description, key.policy, key.tags, key.multi_region) == (CREATED, "", None, {}, None)
    (material,) = key.materials
    assert re.fullmatch(r"[0-9a-f]{64}", material.id)
    assert (len(material.secret or b""), material.created_at) == (32, CREATED)


def test_what_a_key_says_is_what_it_is(load: Load) -> None:
    """Every property of the fixture is one of the key, its aliases and its grants."""
    seed = load(
        f"""\
keys:
  - id: {ID}
    state: Disabled
    description: Words
    tags: {{Owner: us}}
    created: 1507133412.351
    aliases: [alias/one, alias/two/three]
    rotation: {{period_in_days: 90, enabled_on: 1507133500}}
    grants:
      - id: {"0" * 63}a
        name: grant
        grantee_principal: arn:aws:iam::111122223333:role/Application
        retiring_principal: arn:aws:iam::111122223333:root
        operations: [Encrypt, Decrypt]
        encryption_context_equals: {{Department: IT}}
        created: 1507133600
"""
    )
    key = one(seed, Key)
    assert (key.id, key.state(NOW), key.enabled) == (ID, KeyState.DISABLED, False)
    assert (key.description, key.tags, key.created_at) == ("Words", {"Owner": "us"}, 1507133412.351)
    assert key.rotation == AutomaticRotation(period_in_days=90, counts_from=1507133500.0, paused=True)
    assert [(alias.id, alias.target_key_id) for alias in all_of(seed, Alias)] == [
        ("alias/one", ID),
        ("alias/two/three", ID),
    ]
    grant = one(seed, Grant)
    assert (grant.key_id, grant.name, grant.operations) == (ID, "grant", ("Decrypt", "Encrypt"))
    assert grant.issuing_account == key.account
    assert grant.grantee_principal == "arn:aws:iam::111122223333:role/Application"
    assert grant.retiring_principal == "arn:aws:iam::111122223333:root"
    assert (grant.encryption_context_equals, grant.encryption_context_subset) == ({"Department": "IT"}, {})
    assert grant.created_at == 1507133600.0


def test_a_grant_is_found_by_who_may_retire_it(load: Load) -> None:
    """A grant stands under the account of its key, and can be found under that of its retiring principal."""
    seed = load(
        """\
account: "444455556666"
keys:
  - grants:
      - grantee_principal: dynamodb.us-west-2.amazonaws.com
        retiring_principal: arn:aws:iam::111122223333:root
        operations: [Decrypt]
        encryption_context_subset: {Purpose: Test}
      - {grantee_principal: "arn:aws:iam::111122223333:root", operations: [CreateGrant, Decrypt]}
"""
    )
    first, _ = all_of(seed, Grant)
    entry = one(seed, RetirableGrant)
    assert (first.account, first.issuing_account) == ("444455556666", "444455556666")
    assert first.encryption_context_subset == {"Purpose": "Test"}
    assert (entry.id, entry.account, entry.key_account) == (first.id, "111122223333", "444455556666")


def test_a_key_that_is_to_be_deleted_waits_from_now(load: Load) -> None:
    """The waiting period begins with the server, so that the fixture does not grow old."""
    key = one(load("keys: [{state: PendingDeletion, deletion_in_days: 7}]"), Key)
    assert key.state(NOW) is KeyState.PENDING_DELETION
    assert (key.deletion_at, key.pending_window_in_days, key.enabled) == (NOW + 7 * DAY, 7, False)
    assert one(load("keys: [{state: PendingDeletion}]"), Key).pending_window_in_days == 30


def test_rotation_has_defaults_of_its_own(load: Load) -> None:
    """An empty mapping is AWS's rotation every year, from the key's creation on."""
    key = one(load(f"keys: [{{created: {NOW}, rotation: {{}}}}]"), Key)
    assert key.rotation == AutomaticRotation(period_in_days=365, counts_from=NOW)
    assert one(load("keys: [{}]"), Key).rotation is None


def test_what_was_due_before_the_world_began_is_done(load: Load) -> None:
    """A key that is rotated has as many generations of material as its age tells, the same ones each time."""
    text = f"keys: [{{id: {ID}, created: {NOW - 250 * DAY}, rotation: {{period_in_days: 100}}}}]"
    key = one(load(text), Key)
    assert [generation.rotated_at for generation in key.materials] == [None, NOW - 150 * DAY, NOW - 50 * DAY]
    assert key.materials[:1] == one(load(text.replace(", rotation: {period_in_days: 100}", "")), Key).materials
    assert key.rotation == AutomaticRotation(period_in_days=100, counts_from=NOW - 50 * DAY)
    assert one(load(text), Key) == key


@pytest.mark.parametrize("store", ["one", "cks-1234567890abcdef0"])
def test_the_material_of_a_key_in_a_store_lies_in_the_cluster(store: str, load: Load) -> None:
    """It is an AES key of kmsuser, labelled with the ARN of the KMS key; the store is named by its name or its id."""
    seed = load(f"{STORE}keys: [{{id: {ID}, custom_key_store: {store}}}]")
    key, material = one(seed, Key), one(seed, HsmKey)
    assert (key.origin, key.materials) == (Origin.AWS_CLOUDHSM, ())
    assert key.custom_key_store_id == one(seed, CustomKeyStore).id
    assert material.cluster_id == "cluster-abcdefghijk"
    assert (material.label, material.owner, len(material.material)) == (key.arn, "kmsuser", 32)


def test_material_can_be_deleted_behind_the_back_of_kms(load: Load) -> None:
    """The key is as before, and its material is not there."""
    seed = load(f"{STORE}keys: [{{custom_key_store: one, hsm_key_deleted: true}}]")
    assert one(seed, Key).custom_key_store_id == "cks-1234567890abcdef0"
    assert all_of(seed, HsmKey) == []


def test_a_key_for_imported_material_waits_for_it(load: Load) -> None:
    """Without its material it is PendingImport, with it Enabled, and PendingImport again when that has expired."""
    assert one(load("keys: [{origin: EXTERNAL}]"), Key).state(NOW) is KeyState.PENDING_IMPORT
    given = f"id: {ID}, origin: EXTERNAL, imported_material"
    key = one(load(f"keys: [{{{given}: {{}}}}]"), Key)
    assert (key.origin, key.state(NOW + DAY), len(key.materials)) == (Origin.EXTERNAL, KeyState.ENABLED, 1)
    key = one(load(f"keys: [{{{given}: {{bytes: {'A' * 43}=, valid_to: {NOW + DAY}}}}}]"), Key)
    assert key.materials[0].secret == bytes(32)
    assert (key.state(NOW), key.state(NOW + DAY)) == (KeyState.ENABLED, KeyState.PENDING_IMPORT)


def test_the_id_tells_that_a_key_is_of_several_regions(load: Load) -> None:
    """An id that begins with mrk- is that of a multi-Region key; here it is the primary one, without replicas."""
    key = one(load("keys: [{id: mrk-1234abcd12ab34cd56ef1234567890ab}]"), Key)
    assert (key.multi_region, key.is_replica) == (MultiRegion(primary_region="us-west-2"), False)


def test_a_key_has_its_material_whatever_else_the_fixture_says(load: Load) -> None:
    """What was encrypted once can be decrypted after the fixture grew, by its key and by no other."""
    small = one(load(f"keys: [{{id: {ID}}}]"), Key)
    large = {key.id: key for key in all_of(load(f"keys: [{{}}, {{id: {ID}, description: Words}}]"), Key)}
    assert small.materials == large.pop(ID).materials
    (other,) = large.values()
    assert other.materials[0].secret != small.materials[0].secret


def test_a_policy_is_a_mapping_or_json(load: Load) -> None:
    """Text is kept to the letter, since GetKeyPolicy answers it so; a mapping becomes JSON."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Sid": "é"}]}
    text = json.dumps(policy, indent=1)
    assert one(load(f"keys: [{{policy: {json.dumps(text)}}}]"), Key).policy == text
    given = one(load(f"keys: [{{policy: {json.dumps(policy, ensure_ascii=False)}}}]"), Key).policy
    assert json.loads(given or "") == policy
    written = (
        "keys:\n  - policy:\n      Version: 2012-10-17\n      Statement: {Effect: Deny, NotPrincipal: {AWS: '*'}}\n"
    )
    assert json.loads(one(load(written), Key).policy or "")["Version"] == "2012-10-17"


def test_a_policy_has_32_kilobytes_at_most(load: Load) -> None:
    """That is the quota of KMS."""
    statement = {"Effect": "Allow", "Principal": "*", "Sid": "x" * 32_768}
    with pytest.raises(Exception, match=r"keys\[0\].policy: has 32\d+ bytes; expected at most 32768"):
        load(f"keys: [{{policy: {json.dumps({'Statement': statement})}}}]")
