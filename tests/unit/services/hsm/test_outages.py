"""Outages of HSMs and networks, and their effect on DescribeClusters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockaws.records.backups import Backup, BackupState
from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState, Subnet, Zone
from mockaws.records.outages import Outage, out
from mockaws.records.world import REALISTIC
from mockaws.services.hsm import clusters, outages
from tests.samples import NOW, SUBNET_A, SUBNET_B, ZONE_A, ZONE_B, being, hsm, subnet
from tests.unit.services.hsm.inside import Hsms, network, ready, two_hsms

FIRST, SECOND = "hsm-abcdefghijk", "hsm-zyxwvutsrqp"


def states(hsms: Hsms) -> list[str]:
    """Return the states of the HSMs."""
    return [hsm.state(hsms.world.clock.now()) for hsm in hsms.cluster.hsms]


def subnets(hsms: Hsms) -> dict[str, Subnet]:
    """Return the subnets by their ids."""
    return {each.id: each for each in hsms.records(Subnet)}


def reachable(hsms: Hsms) -> list[str]:
    """Return the ids of the subnets to which packets get through."""
    return [each.id for each in subnets(hsms).values() if each.is_reachable(hsms.world.clock.now())]


@pytest.mark.parametrize("name", [FIRST, "10.0.1.11"])
def test_an_hsm_fails_and_recovers(name: str) -> None:
    """An HSM, by its id or address, is DEGRADED from then on. A repetition is no error. The past stays."""
    hsms = Hsms()
    for _ in range(2):
        assert hsms(outages.fail_hsm, name).id == FIRST
        assert states(hsms) == ["DEGRADED", "ACTIVE"]
    hsms.world.clock.advance(60)
    for _ in range(2):
        hsms(outages.recover_hsm, name)
        assert states(hsms) == ["ACTIVE", "ACTIVE"]
    assert hsms.cluster.hsms[0].outages == (Outage(NOW, NOW + 60),)
    assert hsms.cluster.state(NOW) is ClusterState.ACTIVE


def test_a_seeded_failure_is_mended() -> None:
    """An HSM that a fixture has DEGRADED recovers like any other, and so does the sentence beside its state."""
    degraded = hsm(outages=(Outage(0.0),), message="The HSM does not respond.")
    hsms = Hsms(*network(), ready(hsms=(degraded,)))
    recovered = hsms(outages.recover_hsm, FIRST)
    assert (recovered.state(NOW), recovered.state_message(NOW)) == ("ACTIVE", "HSM created.")


def test_an_hsm_that_is_not_there() -> None:
    """The error lists the HSMs of the cluster without deleted ones."""
    gone = replace(two_hsms()[1], gone_at=NOW)
    hsms = Hsms(*network(), ready(hsms=(hsm(), gone)))
    for name in (SECOND, "10.0.2.11", ""):
        for function in (outages.fail_hsm, outages.recover_hsm):
            assert hsms.refusal(function, name).endswith(f"has no HSM '{name}': it has {FIRST}")


def test_a_zone_fails_and_recovers() -> None:
    """All HSMs of a zone fail with it, of every cluster, and those of other zones work on."""
    other = ready(cluster_id="cluster-bbbbbbbbbbb", hsms=(hsm("hsm-bbbbbbbbbbb"),))
    hsms = Hsms(*network(), ready(), other)
    for _ in range(2):
        failed = hsms.call(lambda call: outages.fail_zone(call, ZONE_A))
        assert [each.id for each in failed] == [FIRST, "hsm-bbbbbbbbbbb"]
        assert states(hsms) == ["DEGRADED", "ACTIVE"]
    (zone,) = hsms.records(Zone)
    assert (zone.id, out(zone.outages, NOW)) == (ZONE_A, True)
    hsms.world.clock.advance(60)
    hsms.call(lambda call: outages.recover_zone(call, ZONE_A))
    assert states(hsms) == ["ACTIVE", "ACTIVE"]
    (zone,) = hsms.records(Zone)
    assert zone.outages == (Outage(NOW, NOW + 60),)


def test_two_causes() -> None:
    """An HSM that failed on its own stays failed when its zone recovers, and none recovers before its zone."""
    hsms = Hsms()
    hsms(outages.fail_hsm, FIRST)
    hsms.call(lambda call: outages.fail_zone(call, ZONE_A))
    hsms.call(lambda call: outages.recover_zone(call, ZONE_A))
    assert states(hsms) == ["DEGRADED", "ACTIVE"]
    hsms.call(lambda call: outages.fail_zone(call, ZONE_A))
    hsms(outages.recover_hsm, FIRST)
    assert states(hsms) == ["DEGRADED", "ACTIVE"]
    hsms.call(lambda call: outages.recover_zone(call, ZONE_A))
    assert states(hsms) == ["ACTIVE", "ACTIVE"]


def test_a_zone_that_is_not_there() -> None:
    """A zone is known by its subnets."""
    for function in (outages.fail_zone, outages.recover_zone):
        refusal = Hsms().refusal(lambda call, _, doing=function: doing(call, "us-west-2z"))
        assert refusal.endswith(f"has subnets in {ZONE_A}, {ZONE_B}")


def test_the_network_breaks_and_is_mended() -> None:
    """All subnets of the cluster, or one of them; without a way to an HSM, none answers."""
    hsms = Hsms()
    for _ in range(2):
        hsms(outages.break_network, SUBNET_A)
        assert reachable(hsms) == [SUBNET_B]
    hsms(outages.break_network)
    assert reachable(hsms) == []
    assert hsms.refusal(clusters.user_list) == "Failed to initialize hsm1 context"
    hsms(outages.mend_network, SUBNET_B)
    assert reachable(hsms) == [SUBNET_B]
    assert len(hsms(clusters.user_list)["users"]) == 4
    hsms(outages.mend_network)
    assert reachable(hsms) == [SUBNET_A, SUBNET_B]
    refusal = hsms.refusal(outages.break_network, "subnet-another")
    assert refusal.endswith(f"it has {SUBNET_A}, {SUBNET_B}")


def test_a_seeded_break_is_mended() -> None:
    """A subnet that a fixture describes as unreachable recovers like any other."""
    hsms = Hsms(subnet(outages=(Outage(0.0),)), subnet(SUBNET_B), ready())
    hsms(outages.mend_network)
    assert reachable(hsms) == [SUBNET_A, SUBNET_B]


def test_a_subnet_is_full_and_free_again() -> None:
    """A /24 has 251 addresses that AWS does not keep; the HSMs there have theirs."""
    hsms = Hsms()
    hsms.call(lambda call: outages.fill_subnet(call, SUBNET_A))
    assert subnets(hsms)[SUBNET_A].free_addresses == 0
    hsms.call(lambda call: outages.free_subnet(call, SUBNET_A))
    assert subnets(hsms)[SUBNET_A].free_addresses == 250
    small = Hsms(subnet(cidr="10.0.1.0/28"), ready(hsms=tuple(hsm(f"hsm-{number}") for number in range(12))))
    assert small.call(lambda call: outages.free_subnet(call, SUBNET_A)).free_addresses == 0


def test_a_subnet_is_removed() -> None:
    """It is gone from then on, also when it is removed again."""
    hsms = Hsms()
    for _ in range(2):
        assert hsms.call(lambda call: outages.remove_subnet(call, SUBNET_A)).removed_at == NOW
        hsms.world.clock.advance(60)
    assert reachable(hsms) == [SUBNET_B]


def test_a_subnet_that_is_not_there() -> None:
    """The error lists the existing subnets."""
    for function in (outages.fill_subnet, outages.free_subnet, outages.remove_subnet):
        refusal = Hsms().refusal(lambda call, _, doing=function: doing(call, "subnet-another"))
        assert refusal.endswith(f"has {SUBNET_A}, {SUBNET_B} in us-west-2")


def test_sessions_run_out_and_are_free_again() -> None:
    """Other clients take all sessions of the HSMs, and leave them."""
    hsms = Hsms()
    for _ in range(2):
        assert out(hsms(outages.exhaust_sessions).session_shortages, NOW)
    for _ in range(2):
        assert not out(hsms(outages.free_sessions).session_shortages, NOW)


def test_a_backup_now() -> None:
    """The backup that CloudHSM makes once a day, made now, as slowly as the world's timing says."""
    hsms = Hsms(timing=REALISTIC)
    backup = hsms(outages.back_up)
    assert hsms.records(Backup) == [backup]
    assert (backup.state(NOW), backup.state(NOW + 300)) == (BackupState.CREATE_IN_PROGRESS, BackupState.READY)
    assert backup.contents.users == hsms.cluster.users


def test_no_backup_of_nothing() -> None:
    """A backup is made of an HSM that works, of a cluster that was activated."""
    for changes in ({"hsms": ()}, {"changes": being(ClusterState.INITIALIZED), "users": UNACTIVATED_USERS}):
        hsms = Hsms(*network(), ready(**changes))
        hsms.refusal(outages.back_up)
        assert hsms.records(Backup) == []
