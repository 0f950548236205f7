"""`mockaws exec`: a command that reaches mockaws and cannot reach AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import PATH, clean_environment, run

if TYPE_CHECKING:
    from pathlib import Path

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def test_the_command_is_shut_off_from_aws() -> None:
    """Profiles, tokens, roles and endpoints of the environment do not reach the command."""
    hostile = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "token",
        "AWS_SECURITY_TOKEN": "token",
        "AWS_ENDPOINT_URL_KMS": "https://kms.us-east-1.amazonaws.com",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_STS_ENDPOINT": "https://sts.us-east-1.amazonaws.com",
        "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/admin",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_CONFIG_FILE": "/home/user/.aws/config",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "HTTPS_PROXY": "http://proxy.example.com:3128",
        "NO_PROXY": "example.com",
    }
    done = run("mockaws", "exec", "--fixture", "developer-guide", "--", sys.executable, "-c", SHOW, **hostile)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    for name in (
        "PROFILE",
        "SESSION_TOKEN",
        "SECURITY_TOKEN",
        "ENDPOINT_URL_KMS",
        "STS_ENDPOINT",
        "ROLE_ARN",
        "WEB_IDENTITY_TOKEN_FILE",
    ):
        assert f"AWS_{name}" not in seen
    assert seen["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "false"
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_REGION"]) == ("111122223333", "us-west-2")
    assert seen["AWS_DEFAULT_REGION"] == "us-west-2"
    assert seen["AWS_EC2_METADATA_DISABLED"] == "true"
    assert seen["NO_PROXY"].split(",") == ["example.com", "127.0.0.1", "localhost", "::1"]
    assert seen["AWS_ENDPOINT_URL_STS"] == seen["AWS_ENDPOINT_URL"]


def test_what_the_command_does_not_get_is_named() -> None:
    """Withheld variables are named once on stderr, without values, and not with --quiet."""
    given = {"AWS_PROFILE": "hush", "TF_AWS_STS_ENDPOINT": "https://hush", "AWS_REGION": "eu-west-1", "AWS_PAGER": ""}
    done = run("mockaws", "exec", "--", "true", **given)
    assert done.stderr == "mockaws: not passed on to true: AWS_PROFILE, TF_AWS_STS_ENDPOINT\n"
    assert run("mockaws", "exec", "--quiet", "--", "true", **given).stderr == ""
    assert run("mockaws", "exec", "--", "true").stderr == ""


OUT = 'provider "aws" {\n  endpoints {\n    kms = "https://kms.us-east-1.amazonaws.com"\n  }\n}\n'


@pytest.mark.parametrize(
    ("directory", "command", "where"),
    [
        ("", ("true",), "main.tf:2"),
        ("", ("sh", "-c", "true"), "main.tf:2"),
        ("", ("aws", "--version"), ""),
        ("", ("mockaws", "--version"), ""),
        ("..", ("true",), ""),
        ("..", ("true", "-chdir=here"), "here/main.tf:2"),
        ("..", ("sh", "-c", "true --chdir='here' && true"), "here/main.tf:2"),
        ("..", ("true", "-chdir=gone"), ""),
    ],
)
def test_a_way_out_that_is_left(tmp_path: Path, directory: str, command: tuple[str, ...], where: str) -> None:
    """A configuration that leads past mockaws is named before the command runs, with --quiet as well."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "main.tf").write_text(OUT)
    done = subprocess.run(
        ["mockaws", "exec", "--quiet", "--", *command],
        cwd=here / directory,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if line.startswith("mockaws: warning:")]
    assert [line.startswith(f"mockaws: warning: {where}: `endpoints` say where calls go") for line in said] == (
        [True] if where else []
    )


@pytest.mark.parametrize("file", ["cli/alias", "models"])
def test_files_that_only_the_wrapped_aws_cli_does_not_read(tmp_path: Path, file: str) -> None:
    """Aliases and models of services are named, as other clients read them regardless of variables."""
    (tmp_path / ".aws" / file).mkdir(parents=True)
    warning = f"mockaws: warning: {tmp_path}/.aws/{file}: "
    done = run("mockaws", "exec", "--quiet", "--", "true", HOME=str(tmp_path))
    assert done.stderr.startswith(warning)
    assert done.stderr.count("\n") == 1
    assert warning not in run("mockaws", "exec", "--quiet", "--", "aws", "--version", HOME=str(tmp_path)).stderr


def test_the_home_of_the_aws_cli(tmp_path: Path) -> None:
    """The AWS CLI sees all of HOME but aliases and models; other commands see no difference."""
    program = tmp_path / "bin" / "aws"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nls -A "$HOME"; cat "$HOME/notes"; ls "$HOME/.aws" 2>&1 | grep -c alias\n')
    program.chmod(0o755)
    home = tmp_path / "home"
    (home / ".aws" / "cli").mkdir(parents=True)
    (home / ".aws" / "cli" / "alias").write_text("[toplevel]\nwho = !false\n")
    (home / "notes").write_text("my notes\n")
    given = {"HOME": str(home), "PATH": f"{program.parent}:{PATH}"}
    for command in (["sh", "-c", "aws"], [str(program)], ["aws"]):
        assert run("mockaws", "exec", "--", *command, **given).stdout == "notes\nmy notes\n0\n"
    show = "import os; print(os.environ['HOME'], *os.listdir(os.environ['HOME'] + '/.aws'))"
    assert run("mockaws", "exec", "--", sys.executable, "-c", show, **given).stdout == f"{home} cli\n"
    (home / ".aws" / "cli" / "alias").unlink()
    program.write_text('#!/bin/sh\necho "$HOME"\n')
    assert run("mockaws", "exec", "--", "aws", **given).stdout == f"{home}\n"


def test_the_aws_cli_cannot_be_wrapped(tmp_path: Path) -> None:
    """The command runs after a warning if nothing can be written, and also if HOME cannot be read."""
    show = "import os, tempfile; tempfile.tempdir = '/proc'; from mockaws.cli import main; main()"
    done = run(sys.executable, "-c", show, "exec", "--quiet", "--", "sh", "-c", "echo ran")
    assert done.stdout == "ran\n"
    assert done.stderr.startswith(
        "mockaws: warning: no wrapper for the AWS CLI, which may follow aliases and call AWS: "
    )
    for home in ("", "/dev/null", "/proc/1/fd", str(tmp_path / "gone")):
        assert run("mockaws", "exec", "--", "true", HOME=home).returncode == 0


def test_an_endpoint_given_to_the_aws_cli(tmp_path: Path) -> None:
    """The AWS CLI gets the current endpoint before its other arguments."""
    program = tmp_path / "aws"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    script = "aws kms 'a b'; AWS_ENDPOINT_URL=http://other aws --version; AWS_ENDPOINT_URL= aws sqs"
    done = run("mockaws", "exec", "--", "sh", "-c", script, PATH=f"{tmp_path}:{PATH}")
    first, url, *rest = done.stdout.splitlines()
    assert (first, url.startswith("http://127.0.0.1:")) == ("--endpoint-url", True)
    assert rest == ["kms", "a b", "--endpoint-url", "http://other", "--version", "sqs"]
    script = "aws kms list-keys --endpoint-url http://127.0.0.1:1 2>&1"
    done = run("mockaws", "exec", "--quiet", "--", "sh", "-c", script, AWS_MAX_ATTEMPTS="1")
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"' in done.stdout


@pytest.mark.parametrize("status", [0, 1, 7, 255])
def test_exits_with_the_commands_status(status: int) -> None:
    """Exec exits with the status of the command."""
    done = run("mockaws", "exec", "--quiet", "--", sys.executable, "-c", f"raise SystemExit({status})")
    assert done.returncode == status


def test_a_signal_shows_as_128_and_its_number() -> None:
    """A command that a signal ended has the status that shells report."""
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run("mockaws", "exec", "--quiet", "--", sys.executable, "-c", kill).returncode == 137


def test_no_such_command() -> None:
    """A missing command ends with 127, as in shells, and a sentence."""
    done = run("mockaws", "exec", "--quiet", "--", "no-such-command")
    assert (done.returncode, done.stderr) == (127, "mockaws: no-such-command: no such command on PATH\n")


def test_no_command_at_all() -> None:
    """A forgotten command is a mistake with an example of what would be right."""
    done = run("mockaws", "exec")
    assert done.returncode == 2
    assert "mockaws exec --fixture ready-cluster -- terraform apply" in done.stderr


def test_the_commands_own_flags_are_its_own() -> None:
    """Flags after -- belong to the command, even if mockaws has the same ones."""
    done = run(
        "mockaws", "exec", "--quiet", "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--quiet", "--"
    )
    assert done.stdout == "['--quiet', '--']\n"


def test_a_wrong_fixture_runs_nothing() -> None:
    """The command does not run if the fixture has mistakes."""
    done = run("mockaws", "exec", "--fixture", "no-such-world", "--", sys.executable, "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no-such-world" in done.stderr


def test_wrong_settings_are_all_named() -> None:
    """All wrong variables are listed with what would be right, unknown ones with a guess."""
    done = run(
        "mockaws", "serve", MOCKAWS_PORT="http", MOCKAWS_ACCOUNT="12", MOCKAWS_FIXTUR="x", MOCKAWS_LOG_FORMAT="xml"
    )
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    for expected in (
        "MOCKAWS_FIXTUR: no such setting; did you mean MOCKAWS_FIXTURE?",
        "MOCKAWS_PORT=http: a port is a number from 0 to 65535",
        "MOCKAWS_ACCOUNT=12: an AWS account is 12 digits",
        "MOCKAWS_LOG_FORMAT=xml: the formats are text and json",
    ):
        assert any(expected in line for line in lines), expected


def test_an_account_for_a_fixture_that_names_none() -> None:
    """The account is --account, else MOCKAWS_ACCOUNT, else 000000000000."""
    who = ("aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text")
    assert run("mockaws", "exec", "--quiet", "--", *who).stdout == "000000000000\n"
    assert run("mockaws", "exec", "--quiet", "--account", "444455556666", "--", *who).stdout == "444455556666\n"
    assert run("mockaws", "exec", "--quiet", "--", *who, MOCKAWS_ACCOUNT="777788889999").stdout == "777788889999\n"


def test_a_seed_repeats_the_ids() -> None:
    """The same seed gives the same key id, another one another."""
    create = ("aws", "kms", "create-key", "--query", "KeyMetadata.KeyId", "--output", "text")
    ids = [run("mockaws", "exec", "--quiet", "--seed", seed, "--", *create).stdout for seed in ("a", "a", "b")]
    assert ids[0] == ids[1] != ids[2]


def test_worlds_beside_the_first() -> None:
    """--worlds makes worlds with their own fixtures and accounts, and passes on their addresses."""
    show = "import json, os; print(json.dumps([os.environ['AWS_ENDPOINT_URL'], os.environ['TF_VAR_mockaws_worlds']]))"
    done = run("mockaws", "exec", "--worlds", "left=developer-guide", "one-[hz]*", "--", sys.executable, "-c", show)
    assert done.returncode == 0, done.stderr
    url, worlds = json.loads(done.stdout)
    assert json.loads(worlds) == {name: f"{url}/worlds/{name}" for name in ("left", "one-hsm", "one-zone")}

    who = "aws sts get-caller-identity --query Account --output text"
    script = f"{who}; AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL/worlds/developer-guide {who}"
    done = run("mockaws", "exec", "--quiet", "--worlds", "developer-guide", "--", "sh", "-c", script)
    assert done.stdout.split() == ["000000000000", "111122223333"]


def test_the_region_of_worlds(tmp_path: Path) -> None:
    """The Region in the environment is that of --fixture, else that of the first of the worlds."""
    fixture = tmp_path / "abroad.yaml"
    fixture.write_text("region: eu-central-1")
    show = ("sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION")
    done = run("mockaws", "exec", "--worlds", str(fixture), "one-hsm", "--", *show)
    assert done.stdout == "eu-central-1 eu-central-1\n"
    done = run("mockaws", "exec", "--fixture", "empty", "--worlds", str(fixture), "--", *show)
    assert done.stdout == "us-west-2 us-west-2\n"


def test_worlds_that_cannot_be() -> None:
    """All mistakes in their fixtures are listed, and nothing runs."""
    done = run("mockaws", "exec", "--worlds", "one-hms", "fixtures/customerCA.*", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (2, "")
    assert "one-hms: no such fixture (did you mean one-hsm?)" in done.stderr
