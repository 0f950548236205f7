"""Clients that people use beside boto3 and the AWS CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import localstack_client.session

from tests.journeys.command import Serving

if TYPE_CHECKING:
    import pytest


def test_localstack_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """localstack-client finds the endpoint by its port, signs as account 000000000000, and reads what it expects."""
    with Serving("--quiet") as server:
        host, port = server.url.removeprefix("http://").split(":")
        monkeypatch.setenv("EDGE_PORT", port)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        session = localstack_client.session.Session(localstack_host=host, region_name="us-west-2")
        assert session.client("sts").get_caller_identity()["Account"] == "000000000000"
        # It knows no CloudHSM v2, and says so itself.
        key = session.client("kms").create_key(Description="from localstack-client")["KeyMetadata"]
        assert key["AWSAccountId"] == "000000000000"
