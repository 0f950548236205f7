"""EC2 as the other services have it: subnets, the security groups of clusters, the network interfaces of HSMs.

CloudHSM calls it with the permissions of its own caller, in the caller's account.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/identity-access-management.html

What EC2 was asked once it is not asked again in the same call. Where nobody answers for it, nothing is there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mockaws.model.errors import AWSError
from mockaws.records.cloudhsm import Subnet
from mockaws.services.elsewhere import RefusedError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from mockaws.services.operation import Call

_HSM_PORTS = ("2223", "2225")
_ALL_TRAFFIC = {"IpPermissions_1_IpProtocol": "-1", "IpPermissions_1_IpRanges_1_CidrIp": "0.0.0.0/0"}
_NO_ADDRESSES = "0.0.0.0/32"
_NOT_THERE = (".NotFound", ".Malformed")


def subnet(call: Call, subnet_id: str) -> Subnet | None:
    """Return a subnet as it is now, None where there is none.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
    """
    answer = _described(call, "DescribeSubnets", SubnetId_1=subnet_id)
    found = answer.find("subnetSet/item") if answer is not None else None
    if found is None:
        return None
    return Subnet(
        account=call.account,
        region=call.region,
        id=subnet_id,
        vpc_id=found.findtext("vpcId", ""),
        zone=found.findtext("availabilityZone", ""),
        cidr=found.findtext("cidrBlock") or _NO_ADDRESSES,  # one for IPv6 only has no range of the other kind
        free_addresses=int(found.findtext("availableIpAddressCount") or 0),
        in_ec2=True,
    )


def taken_addresses(call: Call, subnet_id: str) -> set[str]:
    """Return the addresses of a subnet that network interfaces have.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
    """
    answer = _described(call, "DescribeNetworkInterfaces", Filter_1_Name="subnet-id", Filter_1_Value_1=subnet_id)
    if answer is None:
        return set()
    return {address.text or "" for address in answer.iterfind(".//privateIpAddressesSet/item/privateIpAddress")}


def create_security_group(call: Call, name: str, vpc_id: str) -> str:
    """Make a security group whose members reach one another at the ports of HSMs, and nobody else; return its id.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/configure-sg.html
    """
    group_id = call.once(
        f"security group {name}",
        lambda: _new_group(call, name, vpc_id),
        undo=lambda made: _drop_group(call, made),
    )
    call.once(f"rules of {group_id}", lambda: _set_rules(call, group_id))
    return group_id


def delete_security_group(call: Call, group_id: str) -> None:
    """Delete a security group, if it is there, and EC2 lets it go: one that others use stays."""
    call.once(f"no {group_id}", lambda: _drop_group(call, group_id))


def security_group_there(call: Call, group_id: str) -> bool:
    """Tell whether nobody has deleted a security group."""
    return _group(call, group_id) is not None


def lets_members_talk(call: Call, group_id: str) -> bool:
    """Tell whether a security group is there, with the rules of `create_security_group`, in and out."""
    group = _group(call, group_id)
    if group is None:
        return False
    ways = ("ipPermissions", "ipPermissionsEgress")
    return all(any(_opens(rule, group_id) for rule in group.iterfind(f"{way}/item")) for way in ways)


def create_interface(call: Call, subnet_id: str, address: str, group_id: str, description: str) -> str:
    """Make a network interface at an address of a subnet, in a security group; return its id.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html
    """

    def make() -> str:
        answer = _done(
            call,
            "CreateNetworkInterface",
            SubnetId=subnet_id,
            PrivateIpAddress=address,
            SecurityGroupId_1=group_id,
            Description=description,
        )
        return answer.findtext("networkInterface/networkInterfaceId", "")

    return call.once(f"network interface at {address}", make, undo=lambda made: _drop_interface(call, made))


def delete_interface(call: Call, interface_id: str) -> None:
    """Delete a network interface, if it is there."""
    call.once(f"no {interface_id}", lambda: _drop_interface(call, interface_id))


# --- security groups -----------------------------------------------------------------------------------------------
def _group(call: Call, group_id: str) -> Element | None:
    answer = _described(call, "DescribeSecurityGroups", GroupId_1=group_id)
    return answer.find("securityGroupInfo/item") if answer is not None else None


def _new_group(call: Call, name: str, vpc_id: str) -> str:
    description = "CloudHSM Managed Security Group"
    answer = _done(call, "CreateSecurityGroup", GroupName=name, GroupDescription=description, VpcId=vpc_id)
    return answer.findtext("groupId", "")


def _set_rules(call: Call, group_id: str) -> None:
    """Let the group's own members in and out, and take away what EC2 gives each group: the way out to everywhere."""
    first, last = _HSM_PORTS
    among_members = {
        "GroupId": group_id,
        "IpPermissions_1_IpProtocol": "tcp",
        "IpPermissions_1_FromPort": first,
        "IpPermissions_1_ToPort": last,
        "IpPermissions_1_Groups_1_GroupId": group_id,
    }
    _done(call, "RevokeSecurityGroupEgress", GroupId=group_id, **_ALL_TRAFFIC)
    _done(call, "AuthorizeSecurityGroupIngress", **among_members)
    _done(call, "AuthorizeSecurityGroupEgress", **among_members)


def _opens(rule: Element, group_id: str) -> bool:
    """Tell whether a rule opens the ports of HSMs to the members of a group."""
    if group_id not in {member.text for member in rule.iterfind("groups/item/groupId")}:
        return False
    first, last = _HSM_PORTS
    protocol, begin, end = (rule.findtext(part, "") for part in ("ipProtocol", "fromPort", "toPort"))
    return protocol == "-1" or (protocol == "tcp" and int(begin) <= int(first) and int(last) <= int(end))


# --- how -----------------------------------------------------------------------------------------------------------
def _drop_group(call: Call, group_id: str) -> None:
    _tried(call, "DeleteSecurityGroup", GroupId=group_id)


def _drop_interface(call: Call, interface_id: str) -> None:
    _tried(call, "DeleteNetworkInterface", NetworkInterfaceId=interface_id)


def _described(call: Call, action: str, **parameters: str) -> Element | None:
    """Return what EC2 answers, None where it says that what the request names is not there."""
    if call.elsewhere is None:
        return None

    def ask() -> Element | None:
        try:
            return _asked(call, action, **parameters)
        except RefusedError as refused:
            if refused.code.endswith(_NOT_THERE):
                return None
            raise _passed_on(action, refused) from None

    return call.once(f"{action} {sorted(parameters.items())}", ask)


def _done(call: Call, action: str, **parameters: str) -> Element:
    """Have EC2 do something. Raises AWSError with EC2's own code where it refuses."""
    try:
        return _asked(call, action, **parameters)
    except RefusedError as refused:
        raise _passed_on(action, refused) from None


def _tried(call: Call, action: str, **parameters: str) -> None:
    """Have EC2 do something, if it does."""
    if call.elsewhere is not None:
        with suppress(RefusedError):
            _asked(call, action, **parameters)


def _asked(call: Call, action: str, **parameters: str) -> Element:
    assert call.elsewhere is not None  # who calls has looked
    return call.elsewhere.ask("ec2", call.account, call.region, action, **parameters)


def _passed_on(action: str, refused: RefusedError) -> AWSError:
    return AWSError(refused.code, f"EC2 refuses {action}: {refused.message}")
