"""Plans of Terraform as data, and the arguments that each resource has."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.terraform.conftest import Ran, Terraform

# Arguments that are not changed in place, by the provider's documentation and source: a change makes a new resource, or
# does nothing, as that of a policy's key_id.
FIXED = {
    "aws_kms_key": {"customer_master_key_spec", "key_usage", "multi_region", "custom_key_store_id"},
    "aws_kms_alias": {"name", "name_prefix"},
    "aws_kms_grant": {
        *("constraints", "grant_creation_tokens", "grantee_principal", "key_id", "name", "operations"),
        *("retire_on_delete", "retiring_principal"),
    },
    "aws_kms_key_policy": {"key_id"},
    "aws_kms_ciphertext": {"context", "key_id", "plaintext"},
    "aws_kms_external_key": {"key_material_base64", "multi_region"},
    "aws_kms_replica_key": {"primary_key_arn"},
    "aws_kms_replica_external_key": {"key_material_base64", "primary_key_arn"},
    "aws_kms_custom_key_store": {"cloud_hsm_cluster_id", "custom_key_store_type", "trust_anchor_certificate"},
    "aws_cloudhsm_v2_cluster": {"hsm_type", "mode", "source_backup_identifier", "subnet_ids"},
    "aws_cloudhsm_v2_hsm": {"availability_zone", "cluster_id", "ip_address", "subnet_id"},
}
NOTHING = "none: any change makes a new one"
# Arguments for external key stores, which are not there.
ABSENT = re.compile(r"xks_\w+")

_RESOURCE = re.compile(r"^  # (\S+) (?:will be|must be|has|is tainted)")
_ARGUMENT = re.compile(r"^      [-+~] (\w+) ")


def changed_arguments(said: Ran) -> dict[str, set[str]]:
    """Return the arguments that a plan changes, by the resource's address."""
    changed: dict[str, set[str]] = {}
    address = ""
    for line in said.text.splitlines():
        if resource := _RESOURCE.match(line):
            address = resource.group(1)
            changed.setdefault(address, set())
        elif address and (argument := _ARGUMENT.match(line)):
            changed[address].add(argument.group(1))
    return changed


def by_type(changed: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the arguments by the resource's type."""
    merged: dict[str, set[str]] = defaultdict(set)
    for address, arguments in changed.items():
        merged[address.split(".")[0]] |= arguments
    return dict(merged)


def settable(tf: Terraform, *types: str) -> dict[str, set[str]]:
    """Return the arguments of resources that can be changed in place, by the provider's own schema."""
    (provider,) = json.loads(tf("providers", "schema", "-json").text)["provider_schemas"].values()
    return {name: _arguments(provider["resource_schemas"][name]["block"]) - FIXED[name] for name in types}


def _arguments(block: dict[str, Any]) -> set[str]:
    attributes = {name for name, is_ in block["attributes"].items() if is_.get("optional") or is_.get("required")}
    names = (attributes | set(block.get("block_types", ()))) - {"id", "timeouts"}
    return {name for name in names if not ABSENT.fullmatch(name)}


def imports(ids: dict[str, str]) -> list[str]:
    """Return import blocks for resources by their addresses."""
    return [f"import {{\n  to = {address}\n  id = {json.dumps(id_)}\n}}\n" for address, id_ in ids.items()]


def drift(said: Ran) -> tuple[dict[str, str], dict[str, str]]:
    """Return the changes outside Terraform and the planned changes of `plan -json`, each as actions by address."""
    found: dict[str, dict[str, str]] = {"resource_drift": {}, "planned_change": {}}
    for line in said.text.splitlines():
        told = json.loads(line)
        if told["type"] in found:
            change = told["change"]
            found[told["type"]][change["resource"]["addr"]] = change["action"]
    return found["resource_drift"], found["planned_change"]
