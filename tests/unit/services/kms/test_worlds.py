"""The parts of a world that KMS uses: ids, accounts and Regions, and calls that come at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from mockaws.crypto import key_pairs
from mockaws.records.cloudhsm import HsmKey
from mockaws.records.kms import Alias, CustomKeyStore, Key
from tests.samples import CLUSTER
from tests.unit.services.kms.calling import PASSWORD, TRUST_ANCHOR, Kms
from tests.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.crypto.key_pairs import KeyPair

T = TypeVar("T")
THREADS = 16
ROUNDS = 3


def at_once(work: Callable[[int], T], jobs: Iterable[int] = range(THREADS)) -> list[T]:
    """Do *work* for each of *jobs*, in as many threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, jobs, timeout=60))


def outcome(kms: Kms, operation: str, **document: Any) -> str:
    """Return the code of an error answer, an empty string for a good one."""
    try:
        kms(operation, **document)
    except RefusedError as refused:
        return refused.code
    return ""


class TestIds:
    """Worlds with one seed give out the same ids, in the same order."""

    @staticmethod
    def given_out(kms: Kms) -> list[str]:
        """Return ids of every kind that KMS gives out."""
        store_id = kms.connected_store()
        in_store = kms.key_in_store(store_id)
        own = kms("CreateKey")["KeyMetadata"]
        hsm_keys = [hsm_key.id for hsm_key in kms.records(HsmKey)]
        return [store_id, in_store, own["KeyId"], own["CurrentKeyMaterialId"], *hsm_keys]

    def test_the_same(self) -> None:
        """The same calls in the same order in two worlds make the same ids."""
        assert self.given_out(Kms()) == self.given_out(Kms())

    def test_secrets_are_secret(self) -> None:
        """Key material does not come from the seed."""
        first, second = Kms(), Kms()
        first.create_key()
        second.create_key()
        assert first.records(Key)[0].materials[0].id == second.records(Key)[0].materials[0].id
        assert first.records(Key)[0].materials[0].secret != second.records(Key)[0].materials[0].secret


@pytest.mark.parametrize("there", ["key", "alias", "store"])
def test_accounts_and_regions_are_apart(kms: Kms, there: str) -> None:
    """Nothing of one account or Region is seen from another."""
    if there == "store":
        kms.create_store()
    else:
        key_id = kms.create_key()
        if there == "alias":
            kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    for elsewhere in (kms.by(account="444455556666"), kms.by(region="eu-central-1")):
        assert elsewhere("ListKeys")["Keys"] == []
        assert elsewhere("DescribeCustomKeyStores")["CustomKeyStores"] == []
        assert "alias/example" not in str(elsewhere("ListAliases"))


class TestThreads:
    """Calls that come at the same time all happen, one after the other."""

    def test_no_tag_is_lost(self, kms: Kms) -> None:
        """Tags that many callers add to one key are all there."""
        key_id = kms.create_key()

        def tag(n: int) -> None:
            for m in range(ROUNDS):
                kms("TagResource", KeyId=key_id, Tags=[{"TagKey": f"{n}-{m}", "TagValue": str(n)}])

        at_once(tag)
        assert kms.record(Key, key_id).tags == {f"{n}-{m}": str(n) for n in range(THREADS) for m in range(ROUNDS)}

    def test_no_key_is_lost(self, kms: Kms) -> None:
        """Keys that many callers create are all there, each with material of its own."""
        store_id = kms.connected_store()
        made = at_once(lambda n: kms.key_in_store(store_id) if n % 2 else kms.create_key())
        assert {entry["KeyId"] for entry in kms("ListKeys")["Keys"]} == set(made)
        assert len(kms.records(HsmKey)) == THREADS / 2
        for key_id in made:
            assert kms("Encrypt", KeyId=key_id, Plaintext=b"hello")

    def test_one_name_one_store(self, kms: Kms) -> None:
        """Of many callers who create the same store one succeeds, and the others get the same one."""
        made = at_once(lambda n: kms.create_store())
        assert len(set(made)) == 1
        assert len(kms.records(CustomKeyStore)) == 1

    def test_one_cluster_one_store(self, kms: Kms) -> None:
        """Of many callers who put different stores on one cluster one succeeds."""

        def create(n: int) -> str:
            return outcome(
                kms,
                "CreateCustomKeyStore",
                CustomKeyStoreName=f"store {n}",
                CloudHsmClusterId=CLUSTER,
                TrustAnchorCertificate=TRUST_ANCHOR,
                KeyStorePassword=PASSWORD,
            )

        outcomes = at_once(create)
        assert sorted(outcomes) == ["", *["CloudHsmClusterInUseException"] * (THREADS - 1)]

    def test_one_alias_one_key(self, kms: Kms) -> None:
        """Of many callers who create one alias one succeeds, and the alias names that one's key."""
        keys = [kms.create_key() for _ in range(THREADS)]
        outcomes = at_once(lambda n: outcome(kms, "CreateAlias", AliasName="alias/example", TargetKeyId=keys[n]))
        assert outcomes.count("") == 1
        assert kms.record(Alias, "alias/example").target_key_id == keys[outcomes.index("")]

    def test_one_aws_managed_key(self, kms: Kms) -> None:
        """Many callers who ask for an AWS managed key at once get the same one."""
        assert len(set(at_once(lambda n: kms.metadata("alias/aws/s3")["KeyId"]))) == 1

    def test_deleting_while_creating(self, kms: Kms) -> None:
        """A store that is deleted while keys are made in it has no keys, or is still there."""
        store_id = kms.connected_store()

        def work(n: int) -> None:
            if n % 4:
                outcome(kms, "CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)
            else:
                outcome(kms, "DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
                outcome(kms, "DeleteCustomKeyStore", CustomKeyStoreId=store_id)

        at_once(work)
        if kms("DescribeCustomKeyStores")["CustomKeyStores"] == []:
            assert kms.records(Key) == []
        else:
            assert kms.connection(store_id) == "DISCONNECTED"

    def test_ciphertexts_while_rotating_states(self, kms: Kms) -> None:
        """A key that is enabled and disabled all the time either works or says that it is disabled."""
        key_id = kms.create_key()

        def work(n: int) -> set[str]:
            if n < 2:
                return {outcome(kms, ("EnableKey", "DisableKey")[n], KeyId=key_id) for _ in range(20)}
            return {outcome(kms, "Encrypt", KeyId=key_id, Plaintext=b"hello") for _ in range(20)}

        assert set().union(*at_once(work)) <= {"", "DisabledException"}


class TestConflicts:
    """A call that met a conflict runs again from the start, but does not make its key pair again."""

    @pytest.mark.parametrize("operation", ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"])
    def test_a_key_pair_is_made_once(self, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """An RSA key takes longer than others may need to change the key again and again."""
        kms = Kms()
        key_id = kms.create_key()
        generate, made = key_pairs.generate, []

        def disturbed(family: str, size: str) -> KeyPair:
            made.append(generate(family, size))
            kms("TagResource", KeyId=key_id, Tags=[{"TagKey": f"{len(made)}", "TagValue": ""}])
            return made[-1]

        monkeypatch.setattr(key_pairs, "generate", disturbed)
        answer = kms(operation, KeyId=key_id, KeyPairSpec="RSA_2048")
        assert [pair.public_der for pair in made] == [answer["PublicKey"]]
