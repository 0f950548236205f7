"""Find Terraform, and the place from which it gets the aws provider.

Terraform is the one on PATH, else OpenTofu on PATH, else a pinned release, fetched into `.tools/` with its SHA-256
checked. The aws provider is what the user's CLI configuration says, else what a local filesystem mirror holds, else
what the public registry has.

    python scripts/terraform.py path            print the executable
    python scripts/terraform.py env             print the shell commands that prepare the environment
    python scripts/terraform.py exec -- ARGS    run Terraform with ARGS in that environment
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TOOLS = Path(__file__).resolve().parent.parent / ".tools"

# `terraform test` came with 1.6 and its overrides with 1.7; OpenTofu has both since 1.8.
OLDEST = {"Terraform": (1, 7), "OpenTofu": (1, 8)}

PINNED = "1.11.4"
RELEASES = "https://releases.hashicorp.com/terraform"
# From terraform_1.11.4_SHA256SUMS as HashiCorp published it. A new version needs new sums: a wrong one stops all.
SHA256 = {
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
}

# Possible places of a mirror, besides $TF_PLUGIN_MIRROR and the user's own directory.
MIRRORS = ("/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins", "/opt/*")
REGISTRY_HOST = {"Terraform": "registry.terraform.io", "OpenTofu": "registry.opentofu.org"}
AWS = Path("hashicorp", "aws")
CONFIGURATION_VARIABLES = ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG")


# Settings of the user's shell that change the meaning of Terraform's arguments.
DISTURBING = ("TF_CLI_ARGS", "TF_DATA_DIR", "TF_LOG", "TF_REATTACH_PROVIDERS", "TF_VAR_", "TF_WORKSPACE")


class ToolError(Exception):
    """Terraform or its provider is missing; the message lists the places that were tried, and remedies."""


@dataclass(frozen=True)
class Provider:
    """The source of the aws provider, and the variables that lead Terraform to it."""

    source: str
    additions: Mapping[str, str] = field(default_factory=dict)
    removals: tuple[str, ...] = ()
    # Terraform copes badly with two `init`s that fill one cache at the same time; tests take turns where this is set.
    shared_cache: Path | None = None


@dataclass(frozen=True)
class Terraform:
    """An executable that works, and the environment in which it finds the aws provider."""

    executable: Path
    product: str
    version: str
    origin: str
    provider: Provider

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return *base* with the provider's variables, and without those that would hide it."""
        kept = {name: value for name, value in base.items() if name not in self.provider.removals}
        return kept | dict(self.provider.additions)

    def undisturbed(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of an unattended run: only the settings that it needs, and no look for updates."""
        needed = self.environment({name: value for name, value in base.items() if not name.startswith(DISTURBING)})
        return needed | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}

    def __str__(self) -> str:
        return f"{self.product} {self.version} ({self.origin}), aws provider from {self.provider.source}"


def find(environ: Mapping[str, str] | None = None, *, tools: Path = TOOLS) -> Terraform:
    """Return Terraform with its provider. Raises ToolError, with all that was tried, if one is missing."""
    environ = os.environ if environ is None else environ
    tried: list[str] = []
    for product, name in (("Terraform", "terraform"), ("OpenTofu", "tofu")):
        path = shutil.which(name, path=environ.get("PATH", os.defpath))
        if path is None:
            tried.append(f"{product}: no `{name}` on PATH")
            continue
        version, problem = _version(Path(path), product, environ)
        if problem:
            tried.append(f"{product}: {path} {problem}")
            continue
        return Terraform(Path(path), product, version, "on PATH", _provider(product, environ, tools))
    try:
        executable = _pinned(tools, environ)
    except ToolError as error:
        tried.append(f"pinned release: {error}")
        raise ToolError(_not_found(tried)) from error
    version, problem = _version(executable, "Terraform", environ)
    if problem:
        tried.append(f"pinned release: {executable} {problem}")
        raise ToolError(_not_found(tried))
    return Terraform(executable, "Terraform", version, "pinned release", _provider("Terraform", environ, tools))


def _not_found(tried: Iterable[str]) -> str:
    oldest = ".".join(str(part) for part in OLDEST["Terraform"])
    lines = ["Terraform was not found.", "", "Tried:", *(f"  - {line}" for line in tried), "", "Do one of these:"]
    lines += [
        f"  - install Terraform {oldest} or newer so that `terraform` is on PATH: https://developer.hashicorp.com/terraform/install",
        "  - install OpenTofu so that `tofu` is on PATH: https://opentofu.org/docs/intro/install/",
        f"  - let this machine reach {RELEASES}, or set TERRAFORM_RELEASES_URL to a copy of it",
    ]
    return "\n".join(lines)


def _version(executable: Path, product: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the version of *executable*, and its problem, or "" if it has none."""
    # No CLI configuration and no look for updates: neither has a say in which version this is.
    quiet = {name: value for name, value in environ.items() if name not in CONFIGURATION_VARIABLES}
    quiet["CHECKPOINT_DISABLE"] = "1"
    try:
        ran = subprocess.run(
            [executable, "version", "-json"], env=quiet, capture_output=True, text=True, timeout=60, check=False
        )
        version = str(json.loads(ran.stdout)["terraform_version"])
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return "", "does not answer `version -json`"
    if numbers < OLDEST[product]:
        return version, f"is version {version}, older than {'.'.join(str(part) for part in OLDEST[product])}"
    return version, ""


# --- the pinned release ---------------------------------------------------------------------------------------------


def platform_name() -> str:
    """Return this machine's platform as HashiCorp writes it, such as linux_amd64."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


def _pinned(tools: Path, environ: Mapping[str, str]) -> Path:
    """Return the pinned release in *tools*, and download it if it is missing. Raises ToolError."""
    name = platform_name()
    if name not in SHA256:
        raise ToolError(f"none is pinned for {name}, only for {', '.join(sorted(SHA256))}")
    executable = tools / f"terraform-{PINNED}-{name}" / "terraform"
    releases = (environ.get("TERRAFORM_RELEASES_URL") or RELEASES).rstrip("/")
    try:
        tools.mkdir(parents=True, exist_ok=True)
        with _turn(tools / "download.lock"):
            # It gets its name only after its sum was right, so what stands there was checked.
            if not executable.exists():
                fetch(f"{releases}/{PINNED}/terraform_{PINNED}_{name}.zip", SHA256[name], executable)
    except OSError as error:
        raise ToolError(f"{tools} cannot be written: {error}") from error
    return executable


def fetch(url: str, sha256: str, executable: Path) -> None:
    """Extract `terraform` from the archive at *url* to *executable*. Raises ToolError for another SHA-256."""
    print(f"Fetching {url}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=executable.parent.parent, prefix="fetch-") as directory:
        archive = Path(directory, "terraform.zip")
        found = _download(url, archive)
        if found != sha256:
            raise ToolError(f"{url} has the SHA-256 {found}, not {sha256}: it was not kept")
        try:
            with zipfile.ZipFile(archive) as contents:
                unpacked = Path(contents.extract("terraform", directory))
        except (zipfile.BadZipFile, KeyError) as error:
            raise ToolError(f"{url} is no archive with a `terraform` in it: {error}") from error
        unpacked.chmod(0o755)
        executable.parent.mkdir(exist_ok=True)
        unpacked.replace(executable)


def _download(url: str, archive: Path) -> str:
    """Download *url* to *archive* and return its SHA-256. Raises ToolError."""
    digest = hashlib.sha256()
    arrived = 0
    try:
        with urllib.request.urlopen(url, timeout=60) as response, archive.open("wb") as file:  # noqa: S310 - the address is ours
            announced = response.headers.get("Content-Length")
            while block := response.read(1 << 20):
                digest.update(block)
                arrived += file.write(block)
    except urllib.error.HTTPError as error:
        error.close()
        raise ToolError(f"{url} answers {error.code} {error.reason}") from error
    except (urllib.error.URLError, TimeoutError, ValueError, ConnectionError) as error:
        raise ToolError(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from error
    if announced is not None and arrived != int(announced):
        raise ToolError(f"{url} broke off after {arrived} of {announced} bytes: try again")
    return digest.hexdigest()


@contextlib.contextmanager
def _turn(lock: Path) -> Iterator[None]:
    """Hold *lock* alone among all processes."""
    with lock.open("w") as file:
        if sys.platform != "win32":  # it has no such locks
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the provider ---------------------------------------------------------------------------------------------------


def _provider(product: str, environ: Mapping[str, str], tools: Path) -> Provider:
    """Decide where *product* gets the aws provider from."""
    named = next((environ[name] for name in CONFIGURATION_VARIABLES if environ.get(name)), "")
    chosen = Path(named).absolute() if named and Path(named).is_file() else None
    # A variable that names no file would only make Terraform warn, and hide the user's own files.
    removals = () if chosen else tuple(name for name in CONFIGURATION_VARIABLES if name in environ)
    files = [chosen] if chosen else _default_configurations(product, environ)
    texts = {file: file.read_text(errors="replace") for file in files}
    for file, text in texts.items():
        if re.search(r'^\s*"?provider_installation\b', text, re.MULTILINE):
            # Terraform may run in another directory than the one that a relative path was meant for.
            return Provider(f"what {file} says", {"TF_CLI_CONFIG_FILE": str(chosen)} if chosen else {}, removals)
    try:
        mirror = _mirror(product, environ, tools)
        if mirror:
            configuration = _write_configuration(tools, mirror, texts.values())
            return Provider(f"the local mirror {mirror}", {"TF_CLI_CONFIG_FILE": str(configuration)})
        if environ.get("TF_PLUGIN_CACHE_DIR") or any("plugin_cache_dir" in text for text in texts.values()):
            return Provider("the registry", removals=removals)
        cache = tools / "plugins"
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"{tools} cannot be written: {error}") from error
    # The second variable makes Terraform use the cache where no lock file stands yet, as in every fresh copy.
    additions = {"TF_PLUGIN_CACHE_DIR": str(cache), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    return Provider(f"the registry, kept in {cache}", additions, removals, cache)


def _default_configurations(product: str, environ: Mapping[str, str]) -> list[Path]:
    """Return the user's configuration files that *product* reads when no variable names one."""
    home = _home(environ)
    files = [home / ".terraformrc"]
    if product == "OpenTofu":
        settings = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        files = [home / ".tofurc", settings / "opentofu" / "tofurc", *files]
    first = next((file for file in files if file.is_file()), None)
    further = sorted((home / ".terraform.d").glob("*.tfrc")) + sorted((home / ".terraform.d").glob("*.tfrc.json"))
    return ([first] if first else []) + [file for file in further if file.is_file()]


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _mirror(product: str, environ: Mapping[str, str], tools: Path) -> Path | None:
    """Return the first local mirror with the aws provider for this platform."""
    places = [Path(environ["TF_PLUGIN_MIRROR"])] if environ.get("TF_PLUGIN_MIRROR") else []
    places += [_home(environ) / ".terraform.d" / "plugins"]
    places += [place for pattern in MIRRORS for place in sorted(Path("/").glob(pattern.lstrip("/")))]
    host = REGISTRY_HOST[product]
    for place in places:
        if _packages(place / host / AWS):
            return place.absolute()
        if product == "OpenTofu" and (packages := _packages(place / REGISTRY_HOST["Terraform"] / AWS)):
            return _relabelled(place, packages, tools)
    return None


def _packages(provider: Path) -> list[Path]:
    """Return the packages for this platform in a mirror's directory of one provider: directories, or archives."""
    name = platform_name()
    try:
        unpacked = [path for path in provider.glob(f"*/{name}") if path.is_dir()]
        return sorted(unpacked + list(provider.glob(f"terraform-provider-{provider.name}_*_{name}.zip")))
    except OSError:  # a place that may not be read is no mirror
        return []


def _relabelled(place: Path, packages: Iterable[Path], tools: Path) -> Path:
    """Return a mirror that gives OpenTofu, under its own registry's name, the packages that *place* has for Terraform.

    Both registries hand out HashiCorp's own builds of this provider.
    """
    found = place.absolute()
    mirror = tools / f"mirror-{hashlib.sha256(str(found).encode()).hexdigest()[:12]}"
    for package in packages:
        link = mirror / REGISTRY_HOST["OpenTofu"] / package.relative_to(place / REGISTRY_HOST["Terraform"])
        link.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            link.symlink_to(package.resolve())
    return mirror


def _write_configuration(tools: Path, mirror: Path, texts: Iterable[str]) -> Path:
    """Write a CLI configuration that prefers *mirror* for its providers and takes all others from the registries."""
    providers = sorted({path.relative_to(mirror).as_posix() for path in mirror.glob("*/*/*") if _packages(path)})
    held = json.dumps(providers)
    # The user's file gives way to this one; of its settings those go along that matter to a local run. Credentials
    # stay where they are.
    setting = r"^[ \t]*(?:plugin_cache_\w+|disable_checkpoint\w*)[ \t]*=.*$"
    lines = [line.strip() for text in texts for line in re.findall(setting, text, re.MULTILINE)]
    lines += [
        "provider_installation {",
        "  filesystem_mirror {",
        f"    path    = {json.dumps(str(mirror))}",
        f"    include = {held}",
        "  }",
        "  direct {",
        f"    exclude = {held}",
        "  }",
        "}",
    ]
    content = "\n".join(lines) + "\n"
    # Named after its content, so that two runs with different mirrors do not overwrite each other's file.
    file = tools / f"cli-{hashlib.sha256(content.encode()).hexdigest()[:12]}.tfrc"
    if not file.exists():
        tools.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=tools, prefix="cli-", suffix=".part", delete=False) as part:
            part.write(content)
        Path(part.name).replace(file)
    return file


# --- the command line -----------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the answer to `path` or `env`, or become Terraform for `exec`."""
    parser = argparse.ArgumentParser(prog="terraform.py", description="Find Terraform and its aws provider.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("path", help="print the executable")
    commands.add_parser("env", help="print the shell commands that prepare the environment")
    run = commands.add_parser("exec", help="run Terraform in that environment")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="-- ARGUMENTS", help="what Terraform is given")
    options = parser.parse_args(arguments)
    try:
        found = find()
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    if options.command == "exec":
        _become(found, options.arguments)
    if options.command == "path":
        print(found.executable)
    else:
        for name in found.provider.removals:
            print(f"unset {name}")
        for name, value in found.provider.additions.items():
            print(f"export {name}={shlex.quote(value)}")
    return 0


def _become(found: Terraform, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by Terraform."""
    given = arguments[1:] if arguments[:1] == ["--"] else arguments
    os.execve(found.executable, [str(found.executable), *given], found.environment(os.environ))  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    sys.exit(main())
