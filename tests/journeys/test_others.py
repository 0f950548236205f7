"""Other services of AWS, answered by moto in the same process: `--others moto`."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from mockaws import Mock
from mockaws.other_services import moto as moto_here
from tests.journeys.command import clean_environment, run
from tests.raw import ODD_KEYS, exchange, request, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kinds import MakeClient

REGION = "eu-central-1"
HERE = {"LocationConstraint": REGION}
ACCOUNT = "111122223333"
PARTNER = "444455556666"


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    """Return a mock on a socket, beside which moto answers."""
    with Mock(others="moto", account=ACCOUNT) as made:
        yield made


@pytest.fixture(autouse=True)
def anew(mock: Mock) -> None:
    """Begin each test with nothing."""
    mock.reset()


@pytest.fixture
def s3(mock: Mock, client: MakeClient) -> Any:
    """Return a client of S3 in the default world."""
    return client("s3", mock.url, region=REGION)


def names(s3: Any) -> list[str]:
    """Return the names of all buckets."""
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_other_services_answer(s3: Any, mock: Mock, client: MakeClient) -> None:
    """A bucket keeps what is put there, a large object and a key with all that URLs encode among it."""
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    key = "a/b c%2F+ü&?#"
    s3.put_object(Bucket="bucket", Key=key, Body=b"x" * 3_000_000, Metadata={"owner": "team"})
    found = s3.get_object(Bucket="bucket", Key=key)
    assert (len(found["Body"].read()), found["Metadata"]) == (3_000_000, {"owner": "team"})
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [key]
    assert s3.head_object(Bucket="bucket", Key=key)["ContentLength"] == 3_000_000
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key})
    with urlopen(url) as answer:  # noqa: S310 - it is ours
        assert len(answer.read()) == 3_000_000
    client("dynamodb", mock.url).create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    assert client("dynamodb", mock.url).list_tables()["TableNames"] == ["table"]


def test_keys_of_other_services(mock: Mock, client: MakeClient) -> None:
    """Databases and volumes find the keys of our KMS by all their names, and others not."""
    kms, rds, ec2 = (client(service, mock.url) for service in ("kms", "rds", "ec2"))
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/data", TargetKeyId=arn)
    assert ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/data")["KmsKeyId"] == arn

    database = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "me"}
    secret = {"ManageMasterUserPassword": True, "MasterUserSecretKmsKeyId": "alias/data"}
    made = rds.create_db_instance(DBInstanceIdentifier="database", StorageEncrypted=True, **database, **secret)
    assert made["DBInstance"]["MasterUserSecret"]["KmsKeyId"] == arn
    rds.create_db_snapshot(DBInstanceIdentifier="database", DBSnapshotIdentifier="snapshot")
    copy = {"SourceDBSnapshotIdentifier": "snapshot", "TargetDBSnapshotIdentifier": "copy"}
    with pytest.raises(ClientError) as refused:
        rds.copy_db_snapshot(KmsKeyId="alias/nothing", **copy)
    assert refused.value.response["Error"]["Code"] == "KMSKeyNotAccessibleFault"
    assert rds.copy_db_snapshot(KmsKeyId=arn, **copy)["DBSnapshot"]["KmsKeyId"] == arn


def test_keys_that_services_have_of_their_own(mock: Mock, client: MakeClient) -> None:
    """The key of DynamoDB is in our KMS, managed by AWS."""
    table = client("dynamodb", mock.url).create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )
    arn = table["TableDescription"]["SSEDescription"]["KMSMasterKeyArn"]
    key = client("kms", mock.url).describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]
    assert (key["Arn"], key["KeyManager"]) == (arn, "AWS")


def test_errors_are_the_services_own(s3: Any, mock: Mock, client: MakeClient) -> None:
    """Errors of another service keep its own sentences; the journal has the code."""
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="nowhere", Key="key")
    assert refused.value.response["Error"]["Code"] == "NoSuchBucket"
    with pytest.raises(ClientError) as refused:
        client("ec2", mock.url).describe_subnets(SubnetIds=["subnet-0123456789abcdef0"])
    assert refused.value.response["Error"]["Code"] == "InvalidSubnetID.NotFound"
    told = [(event["eventSource"], event["eventName"], event["errorCode"]) for event in mock.calls()]
    assert told == [
        ("s3.amazonaws.com", "GET /nowhere/key", "NoSuchBucket"),
        ("ec2.amazonaws.com", "DescribeSubnets", "InvalidSubnetID.NotFound"),
    ]


@pytest.mark.parametrize(("service", "operation"), [("amplify", "list_apps"), ("mgn", "list_applications")])
def test_what_moto_lacks(mock: Mock, client: MakeClient, service: str, operation: str) -> None:
    """A service that moto does not have is refused with 400: an SDK would send a 5xx again."""
    with pytest.raises(ClientError, match="moto answers for this service, and cannot answer") as refused:
        getattr(client(service, mock.url), operation)()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_operation_that_moto_lacks(mock: Mock, client: MakeClient) -> None:
    """The same goes for an operation of a service that moto has."""
    with pytest.raises(ClientError) as refused:
        client("ec2", mock.url).describe_ipam_scopes()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_path_that_moto_lacks(mock: Mock, client: MakeClient) -> None:
    """An operation with a path that moto does not know is refused like this as well, not with moto's page."""
    with pytest.raises(ClientError, match=r"cannot answer POST /2013-04-01/keysigningkey: 404 NOT FOUND") as refused:
        client("route53", mock.url).create_key_signing_key(
            CallerReference="once",
            HostedZoneId="Z0123456789",
            KeyManagementServiceArn="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            Name="key",
            Status="ACTIVE",
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_kms_cloudhsm_and_sts_stay_ours(mock: Mock, client: MakeClient) -> None:
    """KMS, CloudHSM v2 and STS are never moto's: also what they lack is refused in their own words."""
    key = client("kms", mock.url).create_key(KeySpec="ML_DSA_65", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert mock.keys[key["KeyId"]].spec == "ML_DSA_65"
    assert client("cloudhsmv2", mock.url).describe_clusters()["Clusters"] == []
    assert client("sts", mock.url, account="test").get_caller_identity()["Account"] == ACCOUNT
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = Request(f"{mock.url}/", b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15", form)  # noqa: S310
    with pytest.raises(OSError, match="400") as refused:
        urlopen(asked)  # noqa: S310
    assert b"failed to satisfy constraint" in refused.value.read()  # type: ignore[attr-defined]


def test_account_and_region_are_shared(mock: Mock, client: MakeClient) -> None:
    """Other services see the account that KMS sees: of a 12-digit key, of an assumed role, else the world's own."""
    role = client("sts", mock.url).assume_role(RoleArn=f"arn:aws:iam::{PARTNER}:role/deploy", RoleSessionName="ci")
    assumed = {
        "aws_access_key_id": role["Credentials"]["AccessKeyId"],
        "aws_session_token": role["Credentials"]["SessionToken"],
    }
    accounts = [
        client("ec2", mock.url, **who).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["OwnerId"]
        for who in ({"account": "test"}, {"account": PARTNER}, assumed)
    ]
    assert accounts == [ACCOUNT, PARTNER, PARTNER]
    cidrs = [
        [vpc["CidrBlock"] for vpc in client("ec2", mock.url, region=region).describe_vpcs()["Vpcs"]]
        for region in ("us-west-2", REGION)
    ]
    assert cidrs == [["172.31.0.0/16", "10.0.0.0/16"], ["172.31.0.0/16"]]


def test_expired_credentials(mock: Mock, client: MakeClient) -> None:
    """Temporary credentials end for other services when they end for KMS, by the world's clock."""
    role = client("sts", mock.url).assume_role(RoleArn=f"arn:aws:iam::{PARTNER}:role/deploy", RoleSessionName="ci")
    credentials = role["Credentials"]
    mock.clock.advance(hours=1)
    late = client(
        "sqs",
        mock.url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_session_token=credentials["SessionToken"],
    )
    with pytest.raises(ClientError, match="ExpiredToken"):
        late.list_queues()


def test_worlds_are_apart(s3: Any, mock: Mock, client: MakeClient) -> None:
    """Each world has its own buckets, although bucket names are global on AWS; so has each new mock."""
    other = client("s3", f"{mock.url}/worlds/other", region=REGION)
    for each, key in ((s3, "mine"), (other, "theirs")):
        each.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
        each.put_object(Bucket="bucket", Key=key, Body=b"")  # nothing, which the client offers to wait with
    assert [[entry["Key"] for entry in each.list_objects_v2(Bucket="bucket")["Contents"]] for each in (s3, other)] == [
        ["mine"],
        ["theirs"],
    ]
    assert names(Mock(others="moto").client("s3")) == []
    mock.drop("other")


def test_reset_and_load(s3: Any, mock: Mock) -> None:
    """Resetting a world, or loading another fixture, empties its other services, and no other world's."""
    elsewhere = mock.world("elsewhere").client("s3", region=REGION)
    for each in (s3, elsewhere):
        each.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    urlopen(Request(f"{mock.url}/moto-api/reset", method="POST")).close()  # noqa: S310
    assert (names(s3), names(elsewhere)) == ([], ["bucket"])
    mock.world("elsewhere").load("empty")
    assert names(elsewhere) == []
    mock.drop("elsewhere")


def test_objects_of_another_world_survive(s3: Any, mock: Mock) -> None:
    """Emptying one world leaves the objects of all others readable, though moto closes all files that it has."""
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="bucket", Key="key", Body=b"kept")
    mock.world("elsewhere").client("s3", region="us-east-1").create_bucket(Bucket="bucket")
    mock.drop("elsewhere")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"kept"


def test_worlds_go_without_a_word() -> None:
    """A mock that is no longer referenced closes the files of its S3 buckets, and moto warns of nothing."""
    s3 = Mock(others="moto").client("s3", region="us-east-1")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"kept")
    del s3
    assert names(Mock(others="moto").client("s3")) == []
    gc.collect()


def test_peerings_stay_in_their_world(mock: Mock) -> None:
    """A VPC peering of two Regions is in both of them, and in no other world: moto has one list of all EC2s."""
    worlds = [mock.world("one"), mock.world("two")]
    west, paris, west_of_two, paris_of_two = (
        world.client("ec2", region=region) for world in worlds for region in ("us-west-2", "eu-west-3")
    )
    vpc, peer, *_ = (client.describe_vpcs()["Vpcs"][0]["VpcId"] for client in (west, paris, west_of_two, paris_of_two))
    west.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=peer, PeerRegion="eu-west-3")
    counts = [
        len(client.describe_vpc_peering_connections()["VpcPeeringConnections"])
        for client in (west, paris, west_of_two, paris_of_two)
    ]
    assert counts == [1, 1, 0, 0]
    for name in ("one", "two"):
        mock.drop(name)


def test_who_waits_for_messages_keeps_nobody_waiting(mock: Mock) -> None:
    """While a client of one world waits for a message, another world's services answer, and the message arrives."""
    sqs = mock.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        other = mock.world("other").client("sqs")
        for number in range(3):
            other.create_queue(QueueName=f"queue-{number}")
        assert not waiting.done()
        sqs.send_message(QueueUrl=url, MessageBody="arrived")
        assert [message["Body"] for message in waiting.result()["Messages"]] == ["arrived"]
    mock.drop("other")


def test_many_worlds_at_once(mock: Mock) -> None:
    """Threads in several worlds at the same time see each their own."""

    def work(number: int) -> list[str]:
        sqs = mock.world(f"w{number % 4}").client("sqs", region=REGION)
        for _ in range(5):
            sqs.create_queue(QueueName=f"queue-{number}")
        queues: list[str] = [url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]]
        return queues

    with ThreadPoolExecutor(8) as pool:
        for number, queues in enumerate(pool.map(work, range(8))):
            assert f"queue-{number}" in queues
            assert {int(queue[-1]) % 4 for queue in queues} == {number % 4}
    for number in range(4):
        mock.drop(f"w{number}")


def test_without_a_socket() -> None:
    """In the same process, too, for clients of the mock's own and for others."""
    mock = Mock(others="moto")
    s3 = mock.client("s3", region=REGION)
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    with mock.patch():
        boto3.client("s3", region_name=REGION).put_object(Bucket="bucket", Key="key", Body=b"streamed")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"streamed"
    assert mock.client("kms").create_key()["KeyMetadata"]["AWSAccountId"] == mock.account


LAZY = """
import sys
from mockaws import Mock
with Mock(others="moto", fixture="developer-guide") as mock:
    from urllib.request import Request, urlopen
    scope = "Credential=a/20260101/us-west-2/kms/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": "application/x-amz-json-1.1",
               "Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    print(urlopen(Request(mock.url, b"{}", headers)).status)
    mock.reset()
print(sorted({"moto", "flask", "urllib3", "boto3"} & set(sys.modules)))
"""


def test_nothing_is_imported_before_it_is_needed() -> None:
    """Until a client calls another service, neither moto nor Flask nor the forwarding is imported."""
    done = run(sys.executable, "-c", LAZY)
    assert done.stdout.split("\n")[:2] == ["200", "[]"], done.stderr


def test_on_the_command_line() -> None:
    """`mockaws exec --others moto` gives a command all services on one endpoint."""
    done = run(
        *("mockaws", "exec", "--quiet", "--others", "moto", "--", "bash", "-euc"),
        "aws s3 mb s3://bucket && aws s3 ls && aws kms list-keys --output text && aws iam list-roles --output text",
    )
    assert done.returncode == 0, done.stderr
    assert "bucket" in done.stdout


def test_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is neither moto nor a URL is refused with a sentence; so is moto if it is not installed."""
    bad = run("mockaws", "serve", "--port", "0", "--others", "localstack", **clean_environment())
    assert bad.returncode == 2
    assert "--others=localstack: use moto, or the URL of another endpoint, such as http://" in bad.stderr
    monkeypatch.setattr("mockaws.settings.find_spec", lambda _: None)
    with pytest.raises(Exception, match=r"pip install 'mockaws\[aws\]'"):
        Mock(others="moto")


def test_a_world_with_others_of_its_own(client: MakeClient) -> None:
    """A named world may have others where the mock has none; they go with it."""
    with Mock() as mock:
        world = mock.world("with", fixture="empty", others="moto")
        client("s3", world.url, region="us-east-1").create_bucket(Bucket="bucket")
        assert names(client("s3", world.url)) == ["bucket"]
        with pytest.raises(ClientError, match="nothing here answers"):
            client("s3", mock.url).list_buckets()
        with pytest.raises(TypeError):
            mock.world("other", others="moto")


def test_in_a_matrix() -> None:
    """Each world of `mockaws matrix` has them."""
    done = run(
        *("mockaws", "matrix", "--in-place", "--fixtures", "empty", "ready-cluster", "--others", "moto"),
        *("--", "aws", "s3", "mb", "s3://bucket"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


KEYS = [*ODD_KEYS, "_aws/k"]


def test_odd_keys(s3: Any, mock: Mock) -> None:
    """A key is the same on a socket and in the process."""
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    inside = mock.client("s3", region_name=REGION)
    for key in KEYS:
        s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
        assert inside.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
        inside.put_object(Bucket="bucket", Key=key, Body=b"again")
        assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == b"again"
    assert {entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]} == set(KEYS)


OVERRIDES = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"]


@pytest.mark.parametrize("name", OVERRIDES)
def test_headers_that_a_query_asks_for(s3: Any, mock: Mock, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """S3 refuses those that no header can have: characters that Latin 1 lacks, and ends of lines."""
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="bucket", Key="key", Body=b"hello")
    for value in ("%e2%82%ac", "%ff", "a%0d%0aX-Evil:%201", "%0a", "%00", "%7f"):
        for method in (b"GET", b"HEAD"):
            answer = exchange(mock.url, request(method, f"/bucket/key?response-{name}={value}".encode()))
            assert (status(answer), b"X-Evil: 1" in answer) == (400, False)
            assert b"<Code>InvalidArgument</Code>" in answer or method == b"HEAD"
    answer = exchange(mock.url, request(b"GET", f"/bucket/key?response-{name}=caf%c3%a9".encode()))
    assert (status(answer), b": caf\xe9" in answer, answer.endswith(b"\r\n\r\nhello")) == (200, True, True)
    assert "Traceback" not in capfd.readouterr().err


def test_headers_that_were_put(s3: Any, mock: Mock, capfd: pytest.CaptureFixture[str]) -> None:
    """Values that a form brought in Unicode are answered as RFC 2047 has it, as S3 does with metadata."""
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=HERE)
    fields = {
        "key": "key",
        "x-amz-meta-price": "1 €",
        "x-amz-meta-€": "1",
        "x-amz-meta-a b": "1",
        "Content-Type": "text/€",
        "Content-Disposition": "é",
        "file": "hi",
    }
    form = "".join(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields)
    body = f"{form}--B--\r\n".encode()
    posted = [b"Content-Type: multipart/form-data; boundary=B", b"Content-Length: %d" % len(body)]
    assert status(exchange(mock.url, request(b"POST", b"/bucket", *posted, body=body))) == 204
    for method in (b"GET", b"HEAD"):
        answer = exchange(mock.url, request(method, b"/bucket/key"))
        assert status(answer) == 200
        assert b"x-amz-meta-price: =?UTF-8?B?MSDigqw=?=\r\n" in answer
    exchange(mock.url, request(b"PUT", b"/bucket/raw", b"x-amz-meta-a: \xe9\xff", b"Content-Length: 0"))
    assert b"x-amz-meta-a: \xe9\xff\r\n" in exchange(mock.url, request(b"GET", b"/bucket/raw"))
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("line", "headers", "body", "expected"),
    [
        ("200 OK", [("X-€", "a"), ("X A", "a"), ("X\r\nX-Evil", "1")], [b"good"], (200, b"X-Amz-Missing-Meta: 3\r\n")),
        ("200 OK", [("X-A", "€")], [b"good"], (200, b"X-A: =?UTF-8?B?4oKs?=")),
        ("200 OK", [("X-A", "a\r\nX-Evil: 1")], [b"good"], (200, b"X-A: =?UTF-8?B?")),
        ("200 OK", [("Connection", "close"), ("Keep-Alive", "5")], [b"good"], (200, b"good")),
        ("200 OK", [("Content-Length", "99")], [b"good"], (200, b"Content-Length: 4\r\n")),
        ("200 OK", [("Content-Length", "x")], [b"good"], (200, b"Content-Length: 4\r\n")),
        ("200 O\r\nK", [], [b"good"], (200, b"good")),
        ("200", [], [b"good"], (200, b"good")),
        ("OK", [], [b"good"], (400, b"UnknownOperationException")),
        ("99 Low", [], [b"good"], (400, b"UnknownOperationException")),
        ("500 No", [], [b"good"], (400, b"UnknownOperationException")),
        ("200 OK", [], ["text"], (400, b"UnknownOperationException")),
        ("200 OK", [], [b"begun", RecursionError("deep")], (400, b"deep")),
        ("", [], [], (400, b"UnknownOperationException")),
    ],
)
def test_an_odd_answer_of_moto(
    mock: Mock,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    line: str,
    headers: list[tuple[str, str]],
    body: list[Any],
    expected: tuple[int, bytes],
) -> None:
    """It is written as WSGI can have it, or is an error with 400."""

    def application(_environ: dict[str, Any], start_response: Any) -> Iterator[Any]:
        if line:
            start_response(line, headers)
        for chunk in body:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    monkeypatch.setattr(moto_here, "_application", lambda: application)
    answer = exchange(mock.url, request(b"GET", b"/bucket/key"))
    assert (status(answer), expected[1] in answer, b"\r\nX-Evil" in answer) == (expected[0], True, False)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("target", ["/x/../moto-api/reset", "/_aws/x", "/worlds/a/x/..;/moto-api/", "//moto-api/reset"])
def test_motos_own_routes(mock: Mock, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """No way leads to them but ours, which resets one world."""
    monkeypatch.setattr(moto_here, "_application", lambda: pytest.fail("moto was asked"))
    for method in (b"GET", b"POST"):
        assert status(exchange(mock.url, request(method, target.encode()))) in {400, 404}
        inside = mock.client("s3", config=Config(s3={"addressing_style": "path"}))
        with pytest.raises(ClientError, match="control route"):
            inside.list_objects_v2(Bucket="moto-api")
