"""ModifyCluster and DeleteCluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY, HOUR
from mockaws.records.backups import Backup
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmKey
from mockaws.records.world import REALISTIC
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, SUBNET_B, ZONE_A, ZONE_B, being, cluster, hsm, subnet
from tests.unit.services.hsm.inside import ADMIN, ALICE, KMSUSER, key
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.store.base import Transaction
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

SECOND = hsm("hsm-zyxwvutsrqp", zone=ZONE_B, subnet_id=SUBNET_B, eni_id="eni-2", eni_ip="10.0.2.11")


def refusal(hsm2: Ask, here: World, operation: str, **members: Any) -> tuple[str, str]:
    """Return the error of an operation on the cluster."""
    with pytest.raises(RefusedError) as refused:
        hsm2(here, operation, ClusterId=CLUSTER, **members)
    return refused.value.code, refused.value.message


def modify(hsm2: Ask, here: World, **members: Any) -> dict[str, Any]:
    """Modify the cluster; return what is answered."""
    answer: dict[str, Any] = hsm2(here, "ModifyCluster", ClusterId=CLUSTER, **members)["Cluster"]
    return answer


def shown(hsm2: Ask, here: World) -> dict[str, Any]:
    """Return what DescribeClusters shows of the cluster."""
    (found,) = hsm2(here, "DescribeClusters")["Clusters"]
    assert isinstance(found, dict)
    return found


def types(described: dict[str, Any]) -> list[str]:
    """Return the types of the HSMs of a cluster, without `.medium`."""
    return [one["HsmType"].partition(".")[0] for one in described["Hsms"]]


# --- how long backups are kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(set(ClusterState) - {ClusterState.DELETE_IN_PROGRESS, ClusterState.DELETED}))
def test_retention(hsm2: Ask, world: MakeWorld, state: ClusterState) -> None:
    """Documented: the answer is the whole cluster, in the state that it was in."""
    here = world(cluster(changes=being(state)))
    answer = modify(hsm2, here, BackupRetentionPolicy={"Type": "DAYS", "Value": "379"})
    assert (answer["State"], answer["BackupRetentionPolicy"]) == (state, {"Type": "DAYS", "Value": "379"})
    assert shown(hsm2, here) == answer


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "Specify BackupRetentionPolicy or HsmType"),
        (
            {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "6"}},
            "BackupRetentionPolicy of 6 days is out of range: use 7 to 379 days",
        ),
        ({"BackupRetentionPolicy": {}}, "BackupRetentionPolicy.Type is required"),
        ({"HsmType": "hsm9.medium"}, "Provided HsmType is not supported."),
        (
            {"HsmType": "hsm1.medium"},
            f"The HsmType of cluster '{CLUSTER}' cannot be changed from hsm1.medium to hsm1.medium",
        ),
    ],
)
def test_what_cannot_be_modified(hsm2: Ask, world: MakeWorld, members: dict[str, Any], sentence: str) -> None:
    """Something is to change, and to something that AWS has."""
    here = world(cluster())
    assert refusal(hsm2, here, "ModifyCluster", **members) == ("CloudHsmInvalidRequestException", sentence)


def test_nothing_is_modified_by_halves(hsm2: Ask, world: MakeWorld) -> None:
    """A call that changes two things changes both or nothing."""
    here = world(cluster())
    before = shown(hsm2, here)
    members = {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "7"}, "HsmType": "hsm1.medium"}
    assert refusal(hsm2, here, "ModifyCluster", **members)[0] == "CloudHsmInvalidRequestException"
    assert shown(hsm2, here) == before


@pytest.mark.parametrize("operation", ["ModifyCluster", "DeleteCluster"])
def test_clusters_that_are_not_there(hsm2: Ask, world: MakeWorld, operation: str) -> None:
    """An unknown cluster, and a deleted one, is not found."""
    expected = ("CloudHsmResourceNotFoundException", f"Cluster '{CLUSTER}' does not exist")
    assert refusal(hsm2, world(), operation) == expected
    assert refusal(hsm2, world(cluster(changes=being(ClusterState.DELETED))), operation) == expected


def test_a_cluster_on_its_way_out_is_not_modified(hsm2: Ask, world: MakeWorld) -> None:
    """Nothing is to change any more."""
    here = world(cluster(changes=being(ClusterState.DELETE_IN_PROGRESS)))
    sentence = f"Cluster '{CLUSTER}' is in state DELETE_IN_PROGRESS, in which it cannot be modified"
    policy = {"Type": "DAYS", "Value": "7"}
    assert refusal(hsm2, here, "ModifyCluster", BackupRetentionPolicy=policy)[1] == sentence


# --- the type of HSMs ----------------------------------------------------------------------------------------------


def test_a_migration(hsm2: Ask, world: MakeWorld) -> None:
    """The type is the new one at once; the HSMs follow one after the other, at the same addresses."""
    here = world(cluster(hsms=(hsm(), SECOND)), timing=REALISTIC)
    before = shown(hsm2, here)
    answer = modify(hsm2, here, HsmType="hsm2m.medium")
    assert (answer["State"], answer["HsmType"]) == ("MODIFY_IN_PROGRESS", "hsm2m.medium")
    assert answer["HsmTypeRollbackExpiration"] == NOW + DAY
    seen = []
    for _ in range(3):
        seen.append((shown(hsm2, here)["State"], types(shown(hsm2, here))))
        here.clock.advance(REALISTIC.modify_cluster)
    assert seen == [
        ("MODIFY_IN_PROGRESS", ["hsm1", "hsm1"]),
        ("MODIFY_IN_PROGRESS", ["hsm2m", "hsm1"]),
        ("ACTIVE", ["hsm2m", "hsm2m"]),
    ]
    assert [one["EniIp"] for one in shown(hsm2, here)["Hsms"]] == [one["EniIp"] for one in before["Hsms"]]


def test_before_a_migration(hsm2: Ask, world: MakeWorld) -> None:
    """If the clock is set back to before a migration of any length, the HSMs have their former type."""
    here = world(cluster(hsms=(hsm(),)))
    modify(hsm2, here, HsmType="hsm2m.medium")
    assert types(shown(hsm2, here)) == ["hsm2m"]
    here.clock.set(NOW - DAY)
    assert types(shown(hsm2, here)) == ["hsm1"]


def test_a_rollback(hsm2: Ask, world: MakeWorld) -> None:
    """Within a day a cluster goes back to the type that it had, and could be changed again then."""
    here = world(cluster(hsms=(hsm(),)), timing=REALISTIC)
    modify(hsm2, here, HsmType="hsm2m.medium")
    here.clock.advance(REALISTIC.modify_cluster)
    answer = modify(hsm2, here, HsmType="hsm1.medium")
    assert (answer["State"], answer["HsmType"]) == ("ROLLBACK_IN_PROGRESS", "hsm1.medium")
    assert answer["HsmTypeRollbackExpiration"] == NOW + DAY
    assert types(answer) == ["hsm2m"]
    here.clock.advance(REALISTIC.modify_cluster)
    assert (shown(hsm2, here)["State"], types(shown(hsm2, here))) == ("ACTIVE", ["hsm1"])
    assert modify(hsm2, here, HsmType="hsm2m.medium")["State"] == "MODIFY_IN_PROGRESS"


def test_a_rollback_on_the_way(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: a cluster goes back while it is MODIFY_IN_PROGRESS, too; HSMs that were not changed take no time."""
    here = world(cluster(hsms=(hsm(), SECOND)), timing=REALISTIC)
    modify(hsm2, here, HsmType="hsm2m.medium")
    here.clock.advance(REALISTIC.modify_cluster)
    answer = modify(hsm2, here, HsmType="hsm1.medium")
    assert (answer["State"], types(answer)) == ("ROLLBACK_IN_PROGRESS", ["hsm2m", "hsm1"])
    sentence = f"Cluster '{CLUSTER}' is in state ROLLBACK_IN_PROGRESS, in which it cannot be modified"
    assert refusal(hsm2, here, "ModifyCluster", HsmType="hsm2m.medium")[1] == sentence
    here.clock.advance(REALISTIC.modify_cluster)
    assert (shown(hsm2, here)["State"], types(shown(hsm2, here))) == ("ACTIVE", ["hsm1", "hsm1"])


def contents(here: World) -> tuple[list[str], list[str]]:
    """Return the names of the users in the HSMs, and the labels of the keys."""
    found = here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER))
    assert found is not None
    keys = here.store.run(lambda tx: tx.find(HsmKey, ACCOUNT, REGION))
    return [user.name for user in found.users], [key.label for key in keys]


def test_what_a_rollback_loses(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: it uses the latest backup of the original type; keys and users made since are not there any more."""
    kept, deleted, made = (key(number) for number in (1, 2, 3))
    here = world(cluster(hsms=(hsm(),), users=(ADMIN, ALICE)), kept, deleted)
    modify(hsm2, here, HsmType="hsm2m.medium")

    def change(tx: Transaction) -> None:
        found = tx.get(Cluster, ACCOUNT, REGION, CLUSTER)
        assert found is not None
        tx.put(evolve(found, users=(*found.users, KMSUSER)))
        tx.put(made)
        tx.drop(deleted)

    here.store.run(change)
    modify(hsm2, here, HsmType="hsm1.medium")
    assert contents(here) == (["admin", "alice"], [kept.label, deleted.label])


def test_a_rollback_without_a_backup(hsm2: Ask, world: MakeWorld) -> None:
    """If all backups of the original type were deleted, the HSMs keep their contents."""
    here = world(cluster(hsms=(hsm(),), users=(ADMIN,)), key(1))
    modify(hsm2, here, HsmType="hsm2m.medium")
    (made,) = here.store.run(lambda tx: tx.find(Backup, ACCOUNT, REGION))
    here.store.run(lambda tx: tx.drop(made))
    modify(hsm2, here, HsmType="hsm1.medium")
    assert contents(here) == (["admin"], [key(1).label])


def test_a_day_later_there_is_no_way_back(hsm2: Ask, world: MakeWorld) -> None:
    """A migration can be rolled back for 24 hours. Without a migration there is no way back."""
    here = world(cluster(hsms=(hsm(),)))
    modify(hsm2, here, HsmType="hsm2m.medium")
    here.clock.advance(DAY)
    assert "HsmTypeRollbackExpiration" not in shown(hsm2, here)
    sentence = f"The HsmType of cluster '{CLUSTER}' cannot be changed from hsm2m.medium to hsm1.medium"
    assert refusal(hsm2, here, "ModifyCluster", HsmType="hsm1.medium")[1] == sentence
    assert refusal(hsm2, world(cluster(hsm_type="hsm2m.medium")), "ModifyCluster", HsmType="hsm1.medium")[1] == sentence


def test_a_migration_makes_a_backup(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: a full backup is made before; it is one of the older type."""
    here = world(cluster(hsms=(hsm(),)))
    modify(hsm2, here, HsmType="hsm2m.medium")
    (made,) = here.store.run(lambda tx: tx.find(Backup, ACCOUNT, REGION))
    assert made.hsm_type == "hsm1.medium"


@pytest.mark.parametrize("state", sorted(set(ClusterState) - {ClusterState.ACTIVE, ClusterState.DELETED}))
def test_only_an_active_cluster_migrates(hsm2: Ask, world: MakeWorld, state: ClusterState) -> None:
    """Documented: the cluster is in ACTIVE state."""
    here = world(cluster(changes=being(state)))
    sentence = f"Cluster '{CLUSTER}' is in state {state}, in which it cannot be modified"
    assert refusal(hsm2, here, "ModifyCluster", HsmType="hsm2m.medium")[1] == sentence


def test_28_hsms_are_too_many_to_migrate(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: a cluster that migrates has 27 HSMs or fewer."""
    many = tuple(hsm(f"hsm-{n}") for n in range(28))
    here = world(cluster(hsms=many))
    assert refusal(hsm2, here, "ModifyCluster", HsmType="hsm2m.medium")[1].endswith("already contains 28 HSMs")


def test_no_hsm_comes_or_goes_meanwhile(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: HSMs are neither added nor removed during a migration."""
    here = world(cluster(hsms=(hsm(),)), subnet(), timing=REALISTIC)
    modify(hsm2, here, HsmType="hsm2m.medium")
    state = f"Cluster '{CLUSTER}' is in state MODIFY_IN_PROGRESS"
    assert refusal(hsm2, here, "CreateHsm", AvailabilityZone=ZONE_A)[1] == f"{state}, in which no HSM can be added"
    assert refusal(hsm2, here, "DeleteHsm", HsmId=hsm().id)[1] == f"{state}, in which no HSM can be deleted"


# --- deleting ------------------------------------------------------------------------------------------------------


def test_deleting(hsm2: Ask, world: MakeWorld) -> None:
    """Documented: the answer shows the cluster on its way out; later it is DELETED, and after an hour not listed."""
    here = world(cluster(), timing=REALISTIC)
    before = shown(hsm2, here)
    answer = hsm2(here, "DeleteCluster", ClusterId=CLUSTER)["Cluster"]
    assert answer == before | {"State": "DELETE_IN_PROGRESS", "StateMessage": "The cluster is being deleted."}
    assert hsm2(here, "DeleteCluster", ClusterId=CLUSTER)["Cluster"] == answer
    here.clock.advance(REALISTIC.delete_cluster - 1)
    assert shown(hsm2, here) == answer
    here.clock.advance(1)
    assert shown(hsm2, here)["State"] == "DELETED"
    here.clock.advance(HOUR - 1)
    assert shown(hsm2, here)["State"] == "DELETED"
    here.clock.advance(1)
    assert hsm2(here, "DescribeClusters")["Clusters"] == []


def test_a_cluster_with_hsms_is_not_deleted(hsm2: Ask, world: MakeWorld) -> None:
    """Recorded: not even while its last HSM is on its way out."""
    here = world(cluster(hsms=(hsm(),)), subnet(), timing=REALISTIC)
    sentence = f"Cluster '{CLUSTER}' still contains HSMs: {hsm().id}"
    assert refusal(hsm2, here, "DeleteCluster") == ("CloudHsmInvalidRequestException", f"{sentence} (ACTIVE)")
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId=hsm().id)
    assert refusal(hsm2, here, "DeleteCluster")[1] == f"{sentence} (DELETE_IN_PROGRESS)"
    here.clock.advance(REALISTIC.delete_hsm)
    assert hsm2(here, "DeleteCluster", ClusterId=CLUSTER)["Cluster"]["State"] == "DELETE_IN_PROGRESS"


@pytest.mark.parametrize("state", ["UNINITIALIZED", "INITIALIZED", "ACTIVE", "DEGRADED"])
def test_states_in_which_a_cluster_is_deleted(hsm2: Ask, world: MakeWorld, state: str) -> None:
    """A cluster that was never initialized can be deleted as well."""
    here = world(cluster(changes=being(ClusterState(state))))
    hsm2(here, "DeleteCluster", ClusterId=CLUSTER)
    assert shown(hsm2, here)["State"] == "DELETED"


@pytest.mark.parametrize(
    "state",
    [
        "CREATE_IN_PROGRESS",
        "INITIALIZE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "MODIFY_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
    ],
)
def test_states_in_which_no_cluster_is_deleted(hsm2: Ask, world: MakeWorld, state: str) -> None:
    """A cluster with a change under way cannot be deleted."""
    here = world(cluster(changes=being(ClusterState(state))))
    sentence = f"Cluster '{CLUSTER}' is in state {state}, in which it cannot be deleted"
    assert refusal(hsm2, here, "DeleteCluster") == ("CloudHsmInvalidRequestException", sentence)


def test_deleted_by_a_fixture(hsm2: Ask, world: MakeWorld) -> None:
    """A cluster that a fixture describes as DELETED stays listed, as all it describes stays what it is."""
    here = world(cluster(changes=being(ClusterState.DELETED)))
    here.clock.advance(DAY)
    assert shown(hsm2, here)["State"] == "DELETED"
