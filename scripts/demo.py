"""The demo behind `make demo`: real Terraform builds a CloudHSM key store and a key in it, in a fixture's world.

It works in a temporary copy of terraform/ and fixtures/, so the checkout stays clean. Everything between `init` and
`destroy` runs inside one `mockaws exec`: this script starts itself there a second time.

    python scripts/demo.py [--fixture NAME] [--verbose]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import terraform

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = Path("terraform", "custom-key-store")
# The lines of Terraform's long reports that are shown.
TELLING = re.compile(
    r"Creation complete|Destruction complete|^(?:Apply|Destroy) complete|^No changes|^- Installed|^- Using"
)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class StepError(Exception):
    """A step of the demo failed; the message names it and a remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare the copy and run the steps in it, inside `mockaws exec`."""
    parser = argparse.ArgumentParser(prog="demo.py", description="Real Terraform on a mocked CloudHSM cluster.")
    parser.add_argument("--fixture", default="ready-cluster", help="the world to run in (default: %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="show all output of Terraform")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        if options.inside:
            Steps(options.inside, options.fixture, options.verbose).run()
            return 0
        return _start(options.fixture, options.verbose)
    except (StepError, terraform.ToolError) as error:
        print(f"\n{error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nThe demo was interrupted.", file=sys.stderr)
    return 1


def _start(fixture: str, verbose: bool) -> int:
    """Find the tools, copy the configuration and start the steps under `mockaws exec`."""
    mockaws = Path(sys.executable).parent / "mockaws"
    if not mockaws.exists():
        raise StepError(f"There is no {mockaws}: run `make demo`, or install the project first (pip install -e .).")
    tool = terraform.find()
    print(f"Terraform: {tool}")
    world = Path(fixture).resolve() if Path(fixture).is_file() else fixture
    with tempfile.TemporaryDirectory(prefix="mockaws-demo-") as directory:
        unwanted = shutil.ignore_patterns(".terraform*", "terraform.tfstate*")
        for name in ("terraform", "fixtures"):
            shutil.copytree(ROOT / name, Path(directory, name), ignore=unwanted)
        this = [sys.executable, __file__, "--inside", str(Path(directory, CONFIGURATION)), "--fixture", fixture]
        print(f"World:     mockaws exec --fixture {shlex.quote(fixture)}")
        sys.stdout.flush()
        return subprocess.run(
            [mockaws, "exec", "--quiet", "--fixture", world, "--", *this, *(["--verbose"] if verbose else [])],
            env=tool.undisturbed(os.environ),
            check=False,
        ).returncode


@dataclass
class Steps:
    """The steps of the demo, in the directory of the copied configuration."""

    directory: Path
    fixture: str
    verbose: bool
    number: int = 0

    def run(self) -> None:
        """Run all steps. Raises StepError if one fails."""
        executable = str(terraform.find().executable)

        self._say("Terraform gets the aws provider")
        self._run([executable, "init", "-no-color"], shown="terraform init", advice=_ADVICE_INIT)

        self._say("Terraform creates a key store on the CloudHSM cluster, and a key in it")
        apply = [executable, "apply", "-auto-approve", "-no-color"]
        self._run(apply, shown="terraform apply -auto-approve", advice=_advice_apply(self.fixture))
        outputs = json.loads(self._run([executable, "output", "-json"], silent=True))
        width = max(map(len, outputs))
        for name, output in outputs.items():
            print(f"    {name:{width}} = {output['value']}")

        self._say("A second plan is empty: Terraform reads back the values that it asked for")
        plan = [executable, "plan", "-detailed-exitcode", "-no-color"]
        self._run(plan, shown="terraform plan -detailed-exitcode", advice="The plan was expected to be empty.")

        self._look(outputs["key_store_id"]["value"], outputs["key_alias"]["value"])

        self._say("Terraform destroys it all")
        destroy = [executable, "destroy", "-auto-approve", "-no-color"]
        self._run(destroy, shown="terraform destroy -auto-approve", advice="The resources could not be destroyed.")
        if self.fixture == "ready-cluster":
            print("    (On AWS the store would stay until its key is deleted. This world is lenient there.)")
        print(_next())

    def _look(self, store: str, alias: str) -> None:
        """Show the store and the key with the AWS CLI, if there is one."""
        aws = shutil.which("aws", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        if aws is None:
            self._say("A look with the AWS CLI is left out: there is no `aws` on PATH")
            return
        text = [aws, "--output", "json", "kms"]
        self._say("The AWS CLI sees the store and the key")
        entry = json.loads(
            self._run(
                [*text, "describe-custom-key-stores", "--custom-key-store-id", store],
                shown=f"aws kms describe-custom-key-stores --custom-key-store-id {store}",
            )
        )["CustomKeyStores"][0]
        _show(entry, "CustomKeyStoreName", "CloudHsmClusterId", "ConnectionState")
        metadata = json.loads(
            self._run([*text, "describe-key", "--key-id", alias], shown=f"aws kms describe-key --key-id {alias}")
        )["KeyMetadata"]
        _show(metadata, "KeyState", "Origin", "CustomKeyStoreId", "CloudHsmClusterId")

        self._say("The key encrypts and decrypts, with real AES-256-GCM")
        secret, sealed = self.directory / "secret.txt", self.directory / "sealed.bin"
        secret.write_text("attack at dawn")
        encrypt = [*text, "encrypt", "--key-id", alias, "--plaintext", f"fileb://{secret}"]
        ciphertext = json.loads(self._run(encrypt, shown=f"aws kms encrypt --key-id {alias} …"))["CiphertextBlob"]
        print(f"    CiphertextBlob = {ciphertext[:48]}…")
        sealed.write_bytes(base64.b64decode(ciphertext))
        decrypt = [*text, "decrypt", "--ciphertext-blob", f"fileb://{sealed}"]
        plaintext = json.loads(self._run(decrypt, shown="aws kms decrypt …"))["Plaintext"]
        print(f"    Plaintext = {base64.b64decode(plaintext).decode()}")
        if base64.b64decode(plaintext) != secret.read_bytes():
            raise StepError("The decrypted text differs from the encrypted one.")

    def _say(self, sentence: str) -> None:
        self.number += 1
        print(f"\n{self.number}. {sentence}", flush=True)

    def _run(self, command: Sequence[str], *, shown: str = "", advice: str = "", silent: bool = False) -> str:
        """Run *command*, show the important lines of its output, and return all of it. Raises StepError."""
        if shown:
            print(f"  $ {shown}", flush=True)
        ran = subprocess.run(
            command, cwd=self.directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        said = ESCAPE.sub("", ran.stdout)
        complaints = ESCAPE.sub("", ran.stderr)
        # If a command failed with an empty stderr, its stdout has the reason.
        all_of_it = self.verbose or (ran.returncode and not complaints)
        lines = [] if silent else [line for line in said.splitlines() if all_of_it or TELLING.search(line)]
        for line in lines + complaints.splitlines():
            print(f"    {line}")
        if ran.returncode:
            raise StepError(
                f"Step {self.number} failed: {shown or shlex.join(command)} (exit status {ran.returncode})\n{advice}"
            )
        return said


def _show(document: dict[str, object], *names: str) -> None:
    for name in names:
        print(f"    {name} = {document[name]}")


def _advice_apply(fixture: str) -> str:
    if fixture == "ready-cluster":
        return (
            "The fixture ready-cluster should let this pass. Run the demo with --verbose and look at the first error."
        )
    return f"The reason is above. Some worlds refuse this on purpose: see the description in the fixture {fixture}."


_ADVICE_INIT = """\
Terraform could not get the aws provider. It comes from your CLI configuration (TF_CLI_CONFIG_FILE, ~/.terraformrc),
else from a mirror ($TF_PLUGIN_MIRROR, ~/.terraform.d/plugins, /usr/share/terraform/plugins, /opt/*), else from the
registry. Without network: make a mirror elsewhere with `terraform providers mirror DIRECTORY`, bring it here, and set
TF_PLUGIN_MIRROR to it."""


def _next() -> str:
    """Return the next things to try, as commands that work from here."""
    folder = Path(sys.executable).parent
    python, activate = os.path.relpath(sys.executable), os.path.relpath(folder / "activate")
    mockaws, demo = os.path.relpath(folder / "mockaws"), os.path.relpath(__file__)
    return f"""
That was the real Terraform with the real aws provider, and no AWS. To run mockaws from here:

  The worlds that ship                  {mockaws} fixtures
  mockaws as a command of this shell    source {activate}

Then try:

  A cluster with one HSM left           {python} {demo} --fixture one-hsm
  A store that stays disconnected       {python} {demo} --fixture strict-cluster
  AWS's way: connect it with the CLI    terraform/connect-with-cli/README.md
  Your own configuration                {mockaws} exec --fixture ready-cluster -- terraform apply
  Your own world                        {mockaws} fixtures copy ready-cluster mine
  A server that stays                   {mockaws} serve --fixture ready-cluster
  All tests                             make test"""


if __name__ == "__main__":
    sys.exit(main())
