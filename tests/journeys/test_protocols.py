"""Real clients over a socket, each in its own protocol."""

from __future__ import annotations

import base64
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from mockaws.records.world import Limits
from tests.samples import (
    ACCOUNT,
    BACKUP,
    CLUSTER,
    NOW,
    REGION,
    SUBNET_A,
    SUBNET_B,
    ZONE_A,
    ZONE_B,
    backup,
    cluster,
    hsm,
    subnet,
)
from tests.wire import json_request, signature

if TYPE_CHECKING:
    from tests.kinds import MakeClient, MakeWorld, Serve

ROLE = "arn:aws:iam::444455556666:role/deploy"


def http_request(url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[Any, bytes]:
    """Return the response to one HTTP request, and its body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def refusal(call: Any, **members: Any) -> dict[str, Any]:
    """Return what a boto3 client's error holds."""
    with pytest.raises(ClientError) as refused:
        call(**members)
    return dict(refused.value.response)


@pytest.mark.parametrize(
    ("protocol", "content_type"), [("json", b"application/x-amz-json-1.1"), ("smithy-rpc-v2-cbor", b"application/cbor")]
)
def test_cloudhsm_in_both_protocols(
    world: MakeWorld,
    serve: Serve,
    client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
    content_type: bytes,
) -> None:
    """CloudHSM v2's model names CBOR and JSON; boto3, which knows both, gets the same from either."""
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
    here = world(cluster(tags={"team": "crypto"}), cluster("cluster-bbbbbbbbbbb"), subnet(), subnet(SUBNET_B), backup())
    api = client("cloudhsmv2", serve(here))
    sent: list[Any] = []
    api.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["Content-Type"]))
    made = api.create_hsm(ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    assert sent == [content_type]
    api.create_hsm(ClusterId=CLUSTER, AvailabilityZone=ZONE_B, IpAddress="10.0.2.77")
    pages = list(api.get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 1}))
    assert len(pages) == 2
    (shown,) = pages[0]["Clusters"]
    assert shown["CreateTimestamp"].astimezone(UTC) == datetime.fromtimestamp(NOW, UTC)
    assert [one["EniIp"] for one in shown["Hsms"]] == ["10.0.1.4", "10.0.2.77"]
    assert api.list_tags(ResourceId=CLUSTER)["TagList"] == [{"Key": "team", "Value": "crypto"}]
    api.tag_resource(ResourceId=CLUSTER, TagList=[{"Key": "é", "Value": ""}])
    api.untag_resource(ResourceId=CLUSTER, TagKeyList=["team"])
    assert api.list_tags(ResourceId=CLUSTER)["TagList"] == [{"Key": "é", "Value": ""}]
    assert api.delete_hsm(ClusterId=CLUSTER, HsmId=made["HsmId"])["HsmId"] == made["HsmId"]
    error = refusal(api.delete_hsm, ClusterId=CLUSTER, HsmId=made["HsmId"])
    assert error["Error"]["Code"] == "CloudHsmResourceNotFoundException"
    assert error["Error"]["Message"].endswith(f"contains no HSM with HsmId '{made['HsmId']}'")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = refusal(api.describe_clusters, MaxResults=26)
    assert error["Error"]["Code"] == "CloudHsmInvalidRequestException"
    assert "at 'maxResults'" in error["Error"]["Message"]
    with pytest.raises(api.exceptions.CloudHsmInvalidRequestException):
        api.create_hsm(ClusterId=CLUSTER, AvailabilityZone="us-west-2d")
    new = api.create_cluster(HsmType="hsm1.medium", SubnetIds=[SUBNET_A, SUBNET_B], SourceBackupId=BACKUP)["Cluster"]
    assert (new["State"], new["SourceBackupId"]) == ("CREATE_IN_PROGRESS", BACKUP)
    migrated = api.modify_cluster(ClusterId=new["ClusterId"], HsmType="hsm2m.medium")["Cluster"]
    assert migrated["HsmTypeRollbackExpiration"] - new["CreateTimestamp"] == timedelta(days=1)
    assert api.delete_cluster(ClusterId=new["ClusterId"])["Cluster"]["State"] == "DELETE_IN_PROGRESS"
    api.modify_backup_attributes(BackupId=BACKUP, NeverExpires=True)
    deleted = api.delete_backup(BackupId=BACKUP)["Backup"]
    assert deleted["DeleteTimestamp"] - deleted["CreateTimestamp"] == timedelta(days=7)
    assert api.describe_backups(Filters={"neverExpires": ["true"]})["Backups"] == [deleted]


def test_the_headers_of_an_answer(world: MakeWorld, serve: Serve) -> None:
    """An answer has AWS's content type and a request id in its headers."""
    request = json_request("cloudhsmv2", "DescribeClusters", b'{"Filters": {"states": ["ACTIVE"]}}')
    headers = {
        "X-Amz-Target": request.target,
        "Content-Type": request.content_type,
        "Authorization": request.authorization,
    }
    response, content = http_request(serve(world(cluster(hsms=(hsm(),)))), "POST", "/", request.body, headers)
    assert (response.status, response.headers["Content-Type"]) == (200, "application/x-amz-json-1.1")
    assert len(response.headers["x-amzn-RequestId"]) == 36
    (shown,) = json.loads(content)["Clusters"]
    assert (shown["ClusterId"], shown["CreateTimestamp"]) == (CLUSTER, NOW)


def test_cbor_in_a_named_world(
    world: MakeWorld, serve: Serve, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CBOR has its operation in the path, and works behind the path of a world."""
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", ("smithy-rpc-v2-cbor",))
    api = client("cloudhsmv2", serve(world(cluster())) + "/worlds/pr-1842")
    assert [shown["ClusterId"] for shown in api.describe_clusters()["Clusters"]] == [CLUSTER]


def test_sts(world: MakeWorld, serve: Serve, client: MakeClient) -> None:
    """A role is assumed with boto3, and a client with its credentials is that role, in its account."""
    url = serve(world(at=None))
    sts = client("sts", url)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"
    assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="terraform", Tags=[{"Key": "a", "Value": "b"}])
    keys = assumed["Credentials"]
    assert keys["Expiration"] > datetime.now(UTC)  # noqa: TID251 - the machine's time is what boto3 compares it with
    session = client(
        "sts",
        url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert session.get_caller_identity()["Arn"] == "arn:aws:sts::444455556666:assumed-role/deploy/terraform"
    assert refusal(session.get_session_token)["Error"]["Code"] == "AccessDenied"
    assert sts.get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == "444455556666"
    with pytest.raises(sts.exceptions.MalformedPolicyDocumentException):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="terraform", Policy="{}")
    assert refusal(sts.get_federation_token, Name="name")["Error"]["Code"] == "InvalidAction"


def test_web_identity(world: MakeWorld, serve: Serve, client: MakeClient) -> None:
    """A token is exchanged for a role's credentials without any signature, as CI systems do it."""
    sts = client("sts", serve(world(at=None)), config=Config(signature_version=UNSIGNED))
    header, claims = (
        base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
        for document in ({"alg": "RS256"}, {"iss": "https://ci", "sub": "project:main", "aud": "sts", "exp": 4e9})
    )
    answer = sts.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken=f"{header}.{claims}.c2ln"
    )
    assert answer["SubjectFromWebIdentityToken"] == "project:main"
    with pytest.raises(sts.exceptions.InvalidIdentityTokenException):
        sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken="opaque")


def test_a_presigned_url(world: MakeWorld, serve: Serve, client: MakeClient) -> None:
    """GetCallerIdentity can be presigned and handed to another client, which needs only HTTP."""
    url = serve(world())
    sts = client("sts", url, account="777788889999")
    presigned = urlsplit(sts.generate_presigned_url("get_caller_identity", HttpMethod="GET"))
    response, content = http_request(url, "GET", f"{presigned.path}?{presigned.query}", None, {})
    assert response.status == 200
    assert b"<Account>777788889999</Account>" in content


@pytest.mark.parametrize(
    ("service", "operation", "members", "code"),
    [
        ("iam", "get_user", {}, "InvalidAction"),
        ("ec2", "describe_vpcs", {}, "InvalidAction"),
        ("s3", "list_buckets", {}, "UnknownOperationException"),
        ("s3", "put_object", {"Bucket": "b", "Key": "k é", "Body": b"x"}, "UnknownOperationException"),
        ("lambda", "list_functions", {}, "UnknownOperationException"),
        ("sqs", "list_queues", {}, "UnknownOperationException"),
        ("dynamodb", "list_tables", {}, "UnknownOperationException"),
        ("route53", "list_hosted_zones", {}, "InvalidAction"),
        ("sns", "list_topics", {}, "InvalidAction"),
        ("sts", "get_federation_token", {"Name": "example"}, "InvalidAction"),
    ],
)
def test_services_that_are_not_there(
    world: MakeWorld, serve: Serve, client: MakeClient, service: str, operation: str, members: dict[str, Any], code: str
) -> None:
    """A client of any service reads in its own protocol that nothing is there: HTTP 400, so that it does not retry."""
    error = refusal(getattr(client(service, serve(world())), operation), **members)
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
    assert error["Error"]["Message"].startswith("mockaws ")


def test_a_head_request(world: MakeWorld, serve: Serve, client: MakeClient) -> None:
    """An answer to HEAD has no body, and does not spoil the connection for the next request."""
    url = serve(world())
    assert refusal(client("s3", url).head_bucket, Bucket="b")["ResponseMetadata"]["HTTPStatusCode"] == 400
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    for method in ("HEAD", "GET", "HEAD"):
        connection.request(
            method, "/?Action=GetCallerIdentity&Version=2011-06-15", headers={"Authorization": signature("sts")}
        )
        response = connection.getresponse()
        assert (len(response.read()) > 0, response.status) == (method == "GET", 200 if method == "GET" else 400)
    connection.close()


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 4 << 20])
@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies(world: MakeWorld, serve: Serve, size: int, chunked: bool) -> None:
    """A body of up to 1 MiB is read, in one piece or in chunks; a larger one is HTTP 413."""
    request = json_request("kms", "ListKeys", b"{}" + b" " * (size - 2))
    headers = {
        "X-Amz-Target": request.target,
        "Content-Type": request.content_type,
        "Authorization": request.authorization,
    }
    body: Any = [request.body[start : start + 65536] for start in range(0, size, 65536)] if chunked else request.body
    response, content = http_request(serve(world()), "POST", "/", body, headers)
    assert response.status == (200 if size <= 1 << 20 else 413), content


@pytest.mark.parametrize(
    "path", ["/%00%0a%ff", "/worlds/", "/worlds/a%2fb/x", "/worlds/..", "/" + "a" * 5000, "//", "/?%", "/%c3%a9"]
)
def test_odd_paths(world: MakeWorld, serve: Serve, path: str) -> None:
    """Whatever is asked for, the answer is HTTP 400 with a body."""
    response, content = http_request(serve(world()), "GET", path, None, {})
    assert response.status == 400
    assert content


def test_a_hundred_clients(world: MakeWorld, serve: Serve) -> None:
    """A hundred clients at once get an HSM each over one endpoint, without an error."""
    url = serve(
        world(*[cluster(f"cluster-{letter * 11}") for letter in "abcde"], subnet(), at=None, limits=Limits(hsms=100))
    )
    api = boto3.client(
        "cloudhsmv2",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=100),
    )
    with ThreadPoolExecutor(100) as pool:
        answers = list(
            pool.map(
                lambda number: api.create_hsm(ClusterId=f"cluster-{'abcde'[number % 5] * 11}", AvailabilityZone=ZONE_A),
                range(100),
            )
        )
    api.close()
    assert len({answer["Hsm"]["EniIp"] for answer in answers}) == 100
