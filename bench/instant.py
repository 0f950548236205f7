"""A server that answers Terraform's provider instantly: what an apply takes when the server takes nothing.

It knows what the provider asks about keys with aliases, checks nothing, and remembers as little as makes a plan empty.

python -m bench.instant PORT
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "111122223333"
REGION = "us-west-2"
_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}"
_JSON, _XML = "application/x-amz-json-1.1", "text/xml"
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
).encode()
_METADATA = (
    '{"KeyMetadata":{"AWSAccountId":"%(account)s","KeyId":"%(id)s","Arn":"%(arn)s:key/%(id)s","CreationDate":1.5e9,'
    '"Enabled":true,"Description":"","KeyUsage":"ENCRYPT_DECRYPT","KeyState":"Enabled","Origin":"AWS_KMS",'
    '"KeyManager":"CUSTOMER","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeySpec":"SYMMETRIC_DEFAULT",'
    '"EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"MultiRegion":false}}'
)
_ALIAS = '{"AliasName":"%(name)s","AliasArn":"%(arn)s:%(name)s","TargetKeyId":"%(key)s"}'
_CANNED = {
    "GetKeyPolicy": json.dumps({"Policy": _POLICY, "PolicyName": "default"}).encode(),
    "GetKeyRotationStatus": b'{"KeyRotationEnabled":false}',
    "ListResourceTags": b'{"Tags":[],"Truncated":false}',
}
_numbers = itertools.count(1)
_aliases: dict[str, bytes] = {}


def _create_key(_body: bytes) -> bytes:
    return _described(f"00000000-0000-4000-8000-{next(_numbers):012d}")


def _describe_key(body: bytes) -> bytes:
    return _described(json.loads(body)["KeyId"])


def _described(key_id: str) -> bytes:
    return (_METADATA % {"account": ACCOUNT, "arn": _ARN, "id": key_id}).encode()


def _create_alias(body: bytes) -> bytes:
    asked = json.loads(body)
    name, key_id = asked["AliasName"], asked["TargetKeyId"]
    _aliases[name] = (_ALIAS % {"name": name, "arn": _ARN, "key": key_id}).encode()
    return b""


def _list_aliases(_body: bytes) -> bytes:
    return b'{"Aliases":[%s],"Truncated":false}' % b",".join(_aliases.values())


_MADE: dict[str, Callable[[bytes], bytes]] = {
    "CreateKey": _create_key,
    "DescribeKey": _describe_key,
    "CreateAlias": _create_alias,
    "ListAliases": _list_aliases,
}


def _answer(head: bytes, body: bytes) -> bytes:
    operation = head.partition(b"TrentService.")[2].partition(b"\r\n")[0].decode("latin-1")
    if operation in _CANNED:
        return _http("200 OK", _JSON, _CANNED[operation])
    if operation in _MADE:
        return _http("200 OK", _JSON, _MADE[operation](body))
    if b"GetCallerIdentity" in body:
        return _http("200 OK", _XML, _IDENTITY)
    return _http("400 Bad Request", _JSON, b'{"__type":"UnknownOperationException"}')


def _http(status: str, content_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Instant(asyncio.Protocol):
    """One connection: requests, each with a Content-Length, and their answers in one write each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are whole."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            whole = end + 4 + int(length or 0)
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            self._transport.write(_answer(head, body))


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Instant, "127.0.0.1", port)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
