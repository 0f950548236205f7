"""The example of the KMS Developer Guide, "Creating CMKs in a Custom Key Store", with the AWS CLI, to the letter."""

from __future__ import annotations

import json
from typing import Any

from tests.journeys.command import run

STORE = "cks-1234567890abcdef0"


def aws(*arguments: str) -> Any:
    """Run the AWS CLI on the developer guide's world and return what it prints."""
    done = run(
        "mockaws",
        "exec",
        "--quiet",
        "--fixture",
        "fixtures/developer-guide.yaml",
        "--",
        "aws",
        "--output",
        "json",
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_describe_custom_key_stores() -> None:
    """The guide's store is CONNECTED to the guide's cluster."""
    (store,) = aws("kms", "describe-custom-key-stores", "--custom-key-store-id", STORE)["CustomKeyStores"]
    assert store.pop("TrustAnchorCertificate").startswith("-----BEGIN CERTIFICATE-----\n")
    assert store == {
        "CustomKeyStoreId": STORE,
        "CustomKeyStoreName": "ExampleKeyStore",
        "CloudHsmClusterId": "cluster-1a23b4cdefg",
        "ConnectionState": "CONNECTED",
        "CreationDate": 1499288695.918,
        "CustomKeyStoreType": "AWS_CLOUDHSM",
    }


def test_describe_clusters() -> None:
    """The guide's cluster has two active HSMs in two zones."""
    (cluster,) = aws("cloudhsmv2", "describe-clusters")["Clusters"]
    assert cluster["Certificates"].keys() == {"ClusterCertificate"}
    assert cluster["Certificates"]["ClusterCertificate"].startswith("-----BEGIN CERTIFICATE-----\n")
    facts = {
        name: cluster[name] for name in ("ClusterId", "State", "HsmType", "BackupPolicy", "VpcId", "SecurityGroup")
    }
    assert facts == {
        "ClusterId": "cluster-1a23b4cdefg",
        "State": "ACTIVE",
        "HsmType": "hsm1.medium",
        "BackupPolicy": "DEFAULT",
        "VpcId": "vpc-1a2b3c4d",
        "SecurityGroup": "sg-865af2fb",
    }
    assert cluster["SubnetMapping"] == {"us-west-2a": "subnet-a6b10bd1", "us-west-2b": "subnet-b6b10bd2"}
    shown = ("AvailabilityZone", "ClusterId", "EniId", "EniIp", "HsmId", "State", "StateMessage", "SubnetId")
    assert [{name: hsm[name] for name in shown} for hsm in cluster["Hsms"]] == [
        {
            "AvailabilityZone": "us-west-2a",
            "ClusterId": "cluster-1a23b4cdefg",
            "EniId": "eni-ea8647e1",
            "EniIp": "10.0.1.11",
            "HsmId": "hsm-abcdefghijk",
            "State": "ACTIVE",
            "StateMessage": "HSM created.",
            "SubnetId": "subnet-a6b10bd1",
        },
        {
            "AvailabilityZone": "us-west-2b",
            "ClusterId": "cluster-1a23b4cdefg",
            "EniId": "eni-ea8647e1",
            "EniIp": "10.0.0.2",
            "HsmId": "hsm-zyxwvutsrqp",
            "State": "ACTIVE",
            "StateMessage": "HSM created.",
            "SubnetId": "subnet-b6b10bd2",
        },
    ]


def test_create_key() -> None:
    """CreateKey in the guide's store answers with the guide's members and values."""
    metadata = aws("kms", "create-key", "--origin", "AWS_CLOUDHSM", "--custom-key-store-id", STORE)["KeyMetadata"]
    key_id = metadata["KeyId"]
    assert isinstance(metadata.pop("CreationDate"), float)
    assert metadata == {
        "AWSAccountId": "111122223333",
        "Arn": f"arn:aws:kms:us-west-2:111122223333:key/{key_id}",
        "CloudHsmClusterId": "cluster-1a23b4cdefg",
        "CustomKeyStoreId": STORE,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "",
        "Enabled": True,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyId": key_id,
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_CLOUDHSM",
    }
