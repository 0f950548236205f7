"""The yardstick: one Flask route with an answer of DescribeKey's size, on the very server that mockaws runs on.

python -m bench.bare_flask PORT
"""

from __future__ import annotations

import json
import sys

import flask

from mockaws.server import Server

ANSWER = json.dumps(
    {
        "KeyMetadata": {
            "AWSAccountId": "111122223333",
            "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "Arn": "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "CreationDate": 1507133412.351,
            "Enabled": True,
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": False,
        }
    }
)

app = flask.Flask("bare", static_folder=None)


@app.post("/")
def answer() -> flask.Response:
    """Read what was sent and answer the same to everything."""
    flask.request.get_data()
    return flask.Response(ANSWER, content_type="application/x-amz-json-1.1")


if __name__ == "__main__":
    Server(app, "127.0.0.1", int(sys.argv[1])).run(ready=lambda: None)
