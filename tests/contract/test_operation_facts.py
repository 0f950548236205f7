"""The facts that operations state, beside AWS's own tables.

The descriptions in botocore's models are the pages of the API reference. The actions of IAM and their resources are in
the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudhsm.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.model.validation import snake_case
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.facts import ANY, KEY, Effect, Kind, Permission
from mockaws.services.kms.grant_rules import grantable_operations
from mockaws.services.kms.resources import ALIAS, DESTINATION_KEY, KEY_OF_ALIAS, SOURCE_KEY, TARGET_KEY
from mockaws.services.sts.resources import ROLE

if TYPE_CHECKING:
    from mockaws.services.operation import Operation

SERVICES = (kms.service, cloudhsmv2.service, sts.service)
EVERY = [
    pytest.param(operation, id=f"{service.model.name}:{operation.name}")
    for service in SERVICES
    for operation in service.operations.values()
]
KMS = [pytest.param(operation, id=operation.name) for operation in kms.service.operations.values()]

# The actions and resource types of the Service Authorization Reference. `-` is an action without a resource type, which
# policies allow with the resource `*` alone.
PUBLISHED = """
kms:CancelKeyDeletion                    key
kms:ConnectCustomKeyStore                -
kms:CreateAlias                          alias key
kms:CreateCustomKeyStore                 -
kms:CreateGrant                          key
kms:CreateKey                            -
kms:Decrypt                              key
kms:DeleteAlias                          alias key
kms:DeleteCustomKeyStore                 -
kms:DeleteImportedKeyMaterial            key
kms:DeriveSharedSecret                   key
kms:DescribeCustomKeyStores              -
kms:DescribeKey                          key
kms:DisableKey                           key
kms:DisableKeyRotation                   key
kms:DisconnectCustomKeyStore             -
kms:EnableKey                            key
kms:EnableKeyRotation                    key
kms:Encrypt                              key
kms:GenerateDataKey                      key
kms:GenerateDataKeyPair                  key
kms:GenerateDataKeyPairWithoutPlaintext  key
kms:GenerateDataKeyWithoutPlaintext      key
kms:GenerateMac                          key
kms:GenerateRandom                       -
kms:GetKeyLastUsage                      key
kms:GetKeyPolicy                         key
kms:GetKeyRotationStatus                 key
kms:GetParametersForImport               key
kms:GetPublicKey                         key
kms:ImportKeyMaterial                    key
kms:ListAliases                          -
kms:ListGrants                           key
kms:ListKeyPolicies                      key
kms:ListKeyRotations                     key
kms:ListKeys                             -
kms:ListResourceTags                     key
kms:ListRetirableGrants                  -
kms:PutKeyPolicy                         key
kms:ReEncryptFrom                        key
kms:ReEncryptTo                          key
kms:ReplicateKey                         key
kms:RetireGrant                          key
kms:RevokeGrant                          key
kms:RotateKeyOnDemand                    key
kms:ScheduleKeyDeletion                  key
kms:Sign                                 key
kms:TagResource                          key
kms:UntagResource                        key
kms:UpdateAlias                          alias key
kms:UpdateCustomKeyStore                 -
kms:UpdateKeyDescription                 key
kms:UpdatePrimaryRegion                  key
kms:Verify                               key
kms:VerifyMac                            key
cloudhsm:CopyBackupToRegion              backup
cloudhsm:CreateCluster                   backup
cloudhsm:CreateHsm                       cluster
cloudhsm:DeleteBackup                    backup
cloudhsm:DeleteCluster                   cluster
cloudhsm:DeleteHsm                       -
cloudhsm:DeleteResourcePolicy            backup
cloudhsm:DescribeBackups                 -
cloudhsm:DescribeClusters                -
cloudhsm:GetResourcePolicy               backup
cloudhsm:InitializeCluster               cluster
cloudhsm:ListTags                        backup cluster
cloudhsm:ModifyBackupAttributes          backup
cloudhsm:ModifyCluster                   cluster
cloudhsm:PutResourcePolicy               backup
cloudhsm:RestoreBackup                   backup
cloudhsm:TagResource                     backup cluster
cloudhsm:UntagResource                   backup cluster
sts:AssumeRole                           role
sts:AssumeRoleWithWebIdentity            role
sts:GetAccessKeyInfo                     -
sts:SetSourceIdentity                    role
sts:TagSession                           role
"""
# Newer than the table.
NOT_PUBLISHED_YET = {"kms:Encapsulate", "kms:Decapsulate"}
TYPES = {
    Kind.ANY: set[str](),
    Kind.KEY: {"key"},
    Kind.KEY_OF_ALIAS: {"key"},
    Kind.ALIAS: {"alias"},
    Kind.CLUSTER: {"cluster"},
    Kind.BACKUP: {"backup"},
    Kind.CLUSTER_OR_BACKUP: {"cluster", "backup"},
    Kind.ROLE: {"role"},
}


def page_of(called: Operation) -> str:
    """Return the description of an operation without its markup."""
    return " ".join(re.sub("<[^>]+>", "", called.model.documentation).split())


def description(called: Operation, member: str) -> str:
    """Return the description of a member of an operation's request without its markup."""
    shape: dict[str, Any] = called.model.service.shapes[called.model.input_shape or ""]
    return re.sub("<[^>]+>", "", shape["members"][member]["documentation"])


def text_members(called: Operation) -> dict[str, str]:
    """Return the type of each member of an operation's request, by its Python name."""
    shapes = called.model.service.shapes
    members = shapes[called.model.input_shape]["members"] if called.model.input_shape else {}
    return {snake_case(name): shapes[member["shape"]]["type"] for name, member in members.items()}


def test_the_published_table() -> None:
    """The permissions that operations need are the actions and resources of AWS's table, and none is missing."""
    published = {action: set(types) - {"-"} for action, *types in map(str.split, PUBLISHED.strip().splitlines())}
    stated: dict[str, set[str]] = {}
    for service in SERVICES:
        for called in service.operations.values():
            for permission in called.facts.permissions:
                stated.setdefault(permission.action, set()).update(TYPES[permission.resource.kind])
    assert stated.keys() - published.keys() == NOT_PUBLISHED_YET
    assert {action: stated[action] for action in published} == published


@pytest.mark.parametrize("called", EVERY)
def test_parameters(called: Operation) -> None:
    """The parameters of an operation, and those that its facts name, are members of its request."""
    members = {snake_case(member) for member in called.model.members}
    assert called.parameters <= members
    named = {parameter for resource in called.facts.resources for parameter in resource.parameters}
    named |= {name for each in called.facts.permissions for name in (each.if_given, each.region_in) if name}
    if called.facts.quota_in_other_region is not None:
        named.add(called.facts.quota_in_other_region.region_in)
    assert named <= members


@pytest.mark.parametrize("called", EVERY)
def test_members(called: Operation) -> None:
    """A parameter that names a thing is a text, or a ciphertext that names its key."""
    types = text_members(called)
    for resource in called.facts.resources:
        for name in resource.parameters:
            assert types[name] == ("blob" if name == "ciphertext_blob" else "string")
    for permission in called.facts.permissions:
        assert permission.if_given is None or permission.if_given in types
        assert permission.region_in is None or types[permission.region_in] == "string"


@pytest.mark.parametrize("called", EVERY)
def test_its_own_action(called: Operation) -> None:
    """An operation needs the action of its own name first, but for ReEncrypt and two operations that need none."""
    free = {"GetCallerIdentity", "GetSessionToken"}
    assert (not called.facts.permissions) == (called.name in free)
    expected = "kms:ReEncryptFrom" if called.name == "ReEncrypt" else f"{called.facts.service}:{called.name}"
    assert called.facts.action == expected


@pytest.mark.parametrize("called", EVERY)
def test_every_key_is_named(called: Operation) -> None:
    """Each member that names a key of KMS is among the things that the operation names."""
    keys = {
        name for name in text_members(called) if name.endswith("key_id") and name not in {"access_key_id", "xks_key_id"}
    }
    assert {name for name in called.facts.key_parameters if name.endswith("key_id")} == keys


@pytest.mark.parametrize("called", KMS)
def test_other_accounts(called: Operation) -> None:
    """An operation takes keys of other accounts if its page says so."""
    stated = re.search(r"Cross-account use ?: ?(Yes|No\b|Not applicable)", page_of(called))
    answer = stated[1] if stated else "of the caller's own account"  # ListRetirableGrants
    if called.name != "GenerateRandom":
        assert called.facts.cross_account == (answer == "Yes")


@pytest.mark.parametrize("called", KMS)
def test_aliases(called: Operation) -> None:
    """An operation takes aliases if the description of its KeyId says so."""
    members = [name for name in called.model.members if name.endswith("KeyId") and name != "XksKeyId"]
    by_alias = {"alias" in description(called, name) and "alias ARN" in description(called, name) for name in members}
    if called.name in {"GenerateMac", "VerifyMac"}:
        assert by_alias == {False}  # the page leaves it open, and AWS was seen to take them
    elif members:
        assert by_alias == {called.facts.by_alias}


@pytest.mark.parametrize("called", KMS)
def test_required_permissions(called: Operation) -> None:
    """The page names the action, and where it must be allowed: in the key's policy, or in IAM policies alone."""
    found = re.search(r"Required permissions ?: ?kms:(\w+) \((key|IAM) policy\)", page_of(called))
    if found is None:
        assert called.name in {
            "CreateAlias",
            "DeleteAlias",
            "ReEncrypt",
            "ReplicateKey",
            "RetireGrant",
            "UpdateAlias",
            "UpdatePrimaryRegion",
        }
        return
    first = called.facts.permissions[0]
    assert first.action == f"kms:{found[1]}"
    assert (first.resource is ANY) == (found[2] == "IAM")


def test_grants() -> None:
    """The names by which grants permit operations are those of the model."""
    names = [name for called in kms.service.operations.values() for name in called.facts.grant_operations]
    assert sorted(names) == sorted(kms.service.model.shapes["GrantOperation"]["enum"])
    assert sorted(name for found in grantable_operations().values() for name in found) == sorted(names)


def test_several_permissions() -> None:
    """Some calls need several permissions, each on its own resource; AWS checks them in this order."""
    tag = Permission(ANY, "kms:TagResource", if_given="tags")
    expected = {
        "ReEncrypt": (Permission(SOURCE_KEY, "kms:ReEncryptFrom"), Permission(DESTINATION_KEY, "kms:ReEncryptTo")),
        "CreateAlias": (Permission(ALIAS, "kms:CreateAlias"), Permission(TARGET_KEY, "kms:CreateAlias")),
        "DeleteAlias": (Permission(ALIAS, "kms:DeleteAlias"), Permission(KEY_OF_ALIAS, "kms:DeleteAlias")),
        "UpdateAlias": (
            Permission(ALIAS, "kms:UpdateAlias"),
            Permission(KEY_OF_ALIAS, "kms:UpdateAlias"),
            Permission(TARGET_KEY, "kms:UpdateAlias"),
        ),
        "CreateKey": (Permission(ANY, "kms:CreateKey"), tag),
        "ReplicateKey": (
            Permission(KEY, "kms:ReplicateKey"),
            Permission(ANY, "kms:CreateKey", region_in="replica_region"),
            tag._replace(region_in="replica_region"),
        ),
        "UpdatePrimaryRegion": (
            Permission(KEY, "kms:UpdatePrimaryRegion"),
            Permission(KEY, "kms:UpdatePrimaryRegion", region_in="primary_region"),
        ),
        **dict.fromkeys(("CreateCustomKeyStore", "UpdateCustomKeyStore", "ConnectCustomKeyStore")),
    }
    several = {
        name: called.facts.permissions
        for name, called in kms.service.operations.items()
        if len(called.facts.permissions) > 1
    }
    for name, permissions in several.items():
        assert permissions == (
            expected[name] or (Permission(ANY, f"kms:{name}"), Permission(ANY, "cloudhsm:DescribeClusters"))
        )
    assert several.keys() == expected.keys()
    assert sts.service.operations["AssumeRole"].facts.permissions == (
        Permission(ROLE, "sts:AssumeRole"),
        Permission(ROLE, "sts:TagSession", if_given="tags"),
        Permission(ROLE, "sts:SetSourceIdentity", if_given="source_identity"),
    )


def test_the_action_on_a_resource() -> None:
    """An operation with several keys needs another action on each, and none on anything else."""
    facts = kms.service.operations["ReEncrypt"].facts
    assert facts.action_on(DESTINATION_KEY) == "kms:ReEncryptTo"
    with pytest.raises(LookupError, match="kms:ReEncrypt needs no permission on"):
        facts.action_on(ALIAS)


@pytest.mark.parametrize("called", KMS)
def test_effects(called: Operation) -> None:
    """CloudTrail calls read-only: operations that read by their name, and those that use a key."""
    reads = called.name.startswith(("Describe", "Get", "List"))
    uses = called.name.startswith(
        (
            "Decapsulate",
            "Decrypt",
            "DeriveSharedSecret",
            "Encapsulate",
            "Encrypt",
            "Generate",
            "ReEncrypt",
            "Sign",
            "Verify",
        )
    )
    assert called.facts.effect is (Effect.READS if reads else Effect.USES_A_KEY if uses else Effect.CHANGES)
    assert called.facts.is_read_only == (reads or uses)
