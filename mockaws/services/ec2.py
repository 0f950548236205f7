"""Subnets, security groups and network interfaces in EC2, if the world has other services.

CloudHSM calls EC2 with the permissions of its own caller, in the caller's account.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/identity-access-management.html

Answers are cached per call, so a retry does not repeat a request. Without other services, EC2 has no resources.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mockaws.model.errors import AWSError
from mockaws.records.cloudhsm import Subnet
from mockaws.services.other_services import RefusedError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from mockaws.services.operation import Call

_HSM_PORTS = ("2223", "2225")
_ALL_TRAFFIC = {"IpPermissions_1_IpProtocol": "-1", "IpPermissions_1_IpRanges_1_CidrIp": "0.0.0.0/0"}
_NO_ADDRESSES = "0.0.0.0/32"
_NOT_FOUND = (".NotFound", ".Malformed")


def subnet(call: Call, subnet_id: str) -> Subnet | None:
    """Return a subnet as it is now; None if it does not exist. Raises AWSError if EC2 rejects the request.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
    """
    answer = _describe(call, "DescribeSubnets", SubnetId_1=subnet_id)
    found = answer.find("subnetSet/item") if answer is not None else None
    if found is None:
        return None
    return Subnet(
        account=call.account,
        region=call.region,
        id=subnet_id,
        vpc_id=found.findtext("vpcId", ""),
        zone=found.findtext("availabilityZone", ""),
        cidr=found.findtext("cidrBlock") or _NO_ADDRESSES,  # an IPv6-only subnet has no IPv4 range
        free_addresses=int(found.findtext("availableIpAddressCount") or 0),
        in_ec2=True,
    )


def taken_addresses(call: Call, subnet_id: str) -> set[str]:
    """Return the addresses of a subnet that are in use. Raises AWSError if EC2 rejects the request.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
    """
    answer = _describe(call, "DescribeNetworkInterfaces", Filter_1_Name="subnet-id", Filter_1_Value_1=subnet_id)
    if answer is None:
        return set()
    return {address.text or "" for address in answer.iterfind(".//privateIpAddressesSet/item/privateIpAddress")}


def create_security_group(call: Call, name: str, vpc_id: str) -> str:
    """Create a security group that admits its own members alone, at the ports of HSMs; return its id.

    Raises AWSError if EC2 rejects a request.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/configure-sg.html
    """
    group_id = call.once(
        f"security group {name}",
        lambda: _new_group(call, name, vpc_id),
        undo=lambda made: _delete_group(call, made),
    )
    call.once(f"rules of {group_id}", lambda: _replace_rules(call, group_id))
    return group_id


def delete_security_group(call: Call, group_id: str) -> None:
    """Delete a security group, if it exists. It stays if EC2 refuses, because something else uses it."""
    call.once(f"no {group_id}", lambda: _delete_group(call, group_id))


def has_security_group(call: Call, group_id: str) -> bool:
    """Return True if a security group exists. Raises AWSError if EC2 rejects the request."""
    return _group(call, group_id) is not None


def is_open_to_members(call: Call, group_id: str) -> bool:
    """Return True if a security group exists and has the rules of `create_security_group`, in and out.

    Raises AWSError if EC2 rejects the request.
    """
    group = _group(call, group_id)
    if group is None:
        return False
    ways = ("ipPermissions", "ipPermissionsEgress")
    return all(any(_has_hsm_ports_open(rule, group_id) for rule in group.iterfind(f"{way}/item")) for way in ways)


def create_interface(call: Call, subnet_id: str, address: str, group_id: str, description: str) -> str:
    """Create a network interface at an address of a subnet, in a security group; return its id.

    Raises AWSError if EC2 rejects the request.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html
    """

    def make() -> str:
        answer = _perform(
            call,
            "CreateNetworkInterface",
            SubnetId=subnet_id,
            PrivateIpAddress=address,
            SecurityGroupId_1=group_id,
            Description=description,
        )
        return answer.findtext("networkInterface/networkInterfaceId", "")

    return call.once(f"network interface at {address}", make, undo=lambda made: _delete_interface(call, made))


def delete_interface(call: Call, interface_id: str) -> None:
    """Delete a network interface, if it exists."""
    call.once(f"no {interface_id}", lambda: _delete_interface(call, interface_id))


# --- security groups -----------------------------------------------------------------------------------------------
def _group(call: Call, group_id: str) -> Element | None:
    answer = _describe(call, "DescribeSecurityGroups", GroupId_1=group_id)
    return answer.find("securityGroupInfo/item") if answer is not None else None


def _new_group(call: Call, name: str, vpc_id: str) -> str:
    description = "CloudHSM Managed Security Group"
    answer = _perform(call, "CreateSecurityGroup", GroupName=name, GroupDescription=description, VpcId=vpc_id)
    return answer.findtext("groupId", "")


def _replace_rules(call: Call, group_id: str) -> None:
    """Admit the group's own members in both directions, and revoke EC2's default rule that allows all egress."""
    first, last = _HSM_PORTS
    among_members = {
        "GroupId": group_id,
        "IpPermissions_1_IpProtocol": "tcp",
        "IpPermissions_1_FromPort": first,
        "IpPermissions_1_ToPort": last,
        "IpPermissions_1_Groups_1_GroupId": group_id,
    }
    _perform(call, "RevokeSecurityGroupEgress", GroupId=group_id, **_ALL_TRAFFIC)
    _perform(call, "AuthorizeSecurityGroupIngress", **among_members)
    _perform(call, "AuthorizeSecurityGroupEgress", **among_members)


def _has_hsm_ports_open(rule: Element, group_id: str) -> bool:
    """Return True if a rule opens the ports of HSMs to the members of a group."""
    if group_id not in {member.text for member in rule.iterfind("groups/item/groupId")}:
        return False
    first, last = _HSM_PORTS
    protocol, begin, end = (rule.findtext(part, "") for part in ("ipProtocol", "fromPort", "toPort"))
    return protocol == "-1" or (protocol == "tcp" and int(begin) <= int(first) and int(last) <= int(end))


# --- requests ------------------------------------------------------------------------------------------------------
def _delete_group(call: Call, group_id: str) -> None:
    _attempt(call, "DeleteSecurityGroup", GroupId=group_id)


def _delete_interface(call: Call, interface_id: str) -> None:
    _attempt(call, "DeleteNetworkInterface", NetworkInterfaceId=interface_id)


def _describe(call: Call, action: str, **parameters: str) -> Element | None:
    """Return EC2's answer; None if the requested resource does not exist. Raises AWSError with EC2's own code."""
    if call.other_services is None:
        return None

    def ask() -> Element | None:
        try:
            return _request(call, action, **parameters)
        except RefusedError as refused:
            if refused.code.endswith(_NOT_FOUND):
                return None
            raise _refusal(action, refused) from None

    return call.once(f"{action} {sorted(parameters.items())}", ask)


def _perform(call: Call, action: str, **parameters: str) -> Element:
    """Return EC2's answer to a request that must succeed. Raises AWSError with EC2's own code."""
    try:
        return _request(call, action, **parameters)
    except RefusedError as refused:
        raise _refusal(action, refused) from None


def _attempt(call: Call, action: str, **parameters: str) -> None:
    """Send a request that may fail."""
    if call.other_services is not None:
        with suppress(RefusedError):
            _request(call, action, **parameters)


def _request(call: Call, action: str, **parameters: str) -> Element:
    assert call.other_services is not None  # checked by the callers
    return call.other_services.ask("ec2", call.account, call.region, action, **parameters)


def _refusal(action: str, refused: RefusedError) -> AWSError:
    return AWSError(refused.code, f"EC2 refuses {action}: {refused.message}")
