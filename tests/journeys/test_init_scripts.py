"""`mockaws serve --init-dir` runs scripts as LocalStack's image does, so that an image's name is all that changes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import boto3
import pytest

from mockaws.cli import init_scripts
from tests.journeys.command import ROOT, Serving, clean_environment, client_settings
from tests.journeys.dockerfile import DOCKERFILE, instructions, stages

if TYPE_CHECKING:
    from pathlib import Path


def script(path: Path, text: str, mode: int = 0o755) -> None:
    """Write a script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_the_order(tmp_path: Path) -> None:
    """Alphabetical; a folder's own scripts before those of its subfolders; one folder after the other."""
    for name in ("one/b.sh", "one/a.py", "one/a-folder/z.sh", "one/a-folder/deep/x.sh", "one/notes.txt", "two/a.sh"):
        script(tmp_path / name, "")
    found = init_scripts.find([str(tmp_path / "one"), str(tmp_path / "none"), str(tmp_path / "two")])
    expected = ["one/a.py", "one/b.sh", "one/a-folder/z.sh", "one/a-folder/deep/x.sh", "two/a.sh"]
    assert [path.relative_to(tmp_path).as_posix() for path in found] == expected


@pytest.mark.parametrize(
    ("given", "region"),
    [({}, "us-west-2"), ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"), ({"AWS_REGION": "eu-west-1"}, "eu-west-1")],
)
def test_the_environment(given: dict[str, str], region: str) -> None:
    """AWS clients reach the server, in the Region that the server's environment names, else in the world's."""
    found = init_scripts.variables({"PATH": "/bin", "AWS_PROFILE": "real", **given}, "http://u", "1" * 12, "us-west-2")
    assert (found["AWS_ENDPOINT_URL"], found["AWS_ACCESS_KEY_ID"]) == ("http://u", "1" * 12)
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == region
    assert "AWS_PROFILE" not in found


def test_scripts_have_run_when_the_server_is_announced(tmp_path: Path) -> None:
    """A shell script and a Python program find the server; one that fails is reported and stops no other one."""
    script(tmp_path / "1.py", "import sys\nprint('hello')\nsys.exit(3)\n")
    script(
        tmp_path / "2.sh",
        "#!/bin/bash\nset -e\n"
        "key=$(aws kms create-key --query KeyMetadata.KeyId --output text)\n"
        'aws kms create-alias --alias-name alias/from-a-script --target-key-id "$key"\n',
    )
    script(tmp_path / "3.sh", f"echo ran > {tmp_path}/third\n", mode=0o644)
    with Serving("--fixture", "ready-cluster", "--init-dir", str(tmp_path)) as serving:
        assert serving.process.stdout is not None
        assert serving.process.stdout.readline() == "Ready.\n"
        kms = boto3.client("kms", **client_settings(serving.url, account="000000000000"))
        assert "alias/from-a-script" in [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]]
        kms.close()
        status, _, err = serving.stop(2)
    assert status == 0
    assert (tmp_path / "third").read_text() == "ran\n"
    assert f"init script {tmp_path}/1.py failed with status 3" in err
    assert "hello" in err


def test_the_image_has_localstacks_folder() -> None:
    """Scripts for LocalStack's image and for this one both run."""
    variables = [each.text for each in stages(instructions(DOCKERFILE.read_text()))["image"] if each.name == "ENV"]
    folders = "/etc/localstack/init/ready.d:/etc/mockaws/init/ready.d"
    assert any(f"MOCKAWS_INIT_DIR={folders} " in text for text in variables)


def test_awslocal() -> None:
    """The image's awslocal calls the server in its own container."""
    with Serving("--fixture", "ready-cluster") as serving:
        port = serving.url.rpartition(":")[2]
        done = subprocess.run(
            [str(ROOT / "image/awslocal"), "kms", "list-keys"],
            env=clean_environment() | {"MOCKAWS_PORT": port, "AWS_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert '"Keys"' in done.stdout
