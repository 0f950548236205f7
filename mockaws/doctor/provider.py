"""The source of the aws provider for a run, and its version.

https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mockaws.doctor import configuration
from mockaws.doctor.findings import Finding, ok, problem, warning
from mockaws.doctor.surroundings import Surroundings, platform_name, text_of
from mockaws.doctor.tools import REGISTRIES, Tool, numbers
from mockaws.doctor.versions import is_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHECK = "aws provider"
_NAME = "hashicorp/aws"
_OLDEST_TESTED = "5.100"
_IMPLIED = "where Terraform looks by itself"
_FILE_VARIABLES = ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG")
_COMMENT = re.compile(r"^\s*(?:#|//).*$", re.MULTILINE)
_INSTALLATION = re.compile(r'^\s*"?provider_installation\b', re.MULTILINE)
_METHOD = re.compile(r"\b(filesystem_mirror|network_mirror|oci_mirror|direct|dev_overrides)\s*\{([^}]*)\}")
_CACHE = re.compile(r'^\s*plugin_cache_dir\s*=\s*"([^"]*)"', re.MULTILINE)
_NO_NETWORK = (
    "`terraform init` needs the network for that. Without:",
    "  terraform providers mirror DIR, and DIR as a filesystem_mirror in the CLI configuration",
)


class _Method(NamedTuple):
    """One place to get providers from; *where* is a directory, or an address."""

    kind: str
    where: str
    said_by: str


@dataclass(frozen=True)
class _Places:
    """All places in which Terraform would look."""

    methods: list[_Method]
    caches: list[Path] = field(default_factory=list)

    @property
    def mirrors(self) -> list[_Method]:
        """Its directories."""
        return [method for method in self.methods if method.kind == "filesystem_mirror"]

    @property
    def others(self) -> list[_Method]:
        """The places that only the network can check."""
        return [method for method in self.methods if method.kind != "filesystem_mirror"]


def check(tool: Tool | None, surroundings: Surroundings) -> Iterator[Finding]:
    """Report the source of the provider and whether it is there; Terraform stands for a missing tool."""
    registry = REGISTRIES[tool.product if tool else "Terraform"]
    files, finding = _configuration_files(tool, surroundings)
    if finding:
        yield finding
    if _NAME in surroundings.environ.get("TF_REATTACH_PROVIDERS", ""):
        yield warning(CHECK, "TF_REATTACH_PROVIDERS: Terraform uses one that runs already", "unset it")
        return
    texts = {file: _COMMENT.sub("", text_of(file)) for file in files}
    for file, text in texts.items():
        for kind, body in _METHOD.findall(text):
            if kind == "dev_overrides" and _NAME in body:
                yield warning(CHECK, f"dev_overrides of {file} name a local build", "check which build that is")
                return
    wanted = _wanted(registry, surroundings)
    installed = _installed(registry, surroundings)
    if installed and (fitting := _fitting(installed, wanted)):
        yield _judged(fitting[-1], f"{fitting[-1]} is installed here by `terraform init`")
        return
    yield _from_places(_places(registry, texts, surroundings), registry, wanted)


def _judged(version: str, found: str) -> Finding:
    if numbers(version) < numbers(_OLDEST_TESTED):
        return warning(CHECK, f"{found}: older than {_OLDEST_TESTED}, which mockaws is tested with")
    return ok(CHECK, found)


def _from_places(places: _Places, registry: str, wanted: list[str]) -> Finding:
    """Return a finding about what `terraform init` would find."""
    wish = f" ({', '.join(wanted)} is wanted)" if wanted else ""
    held = {method: _held(Path(method.where), registry) for method in places.mirrors}
    for method, versions in held.items():
        if fitting := _fitting(versions, wanted):
            return _judged(fitting[-1], f"{', '.join(fitting)} in {method.where}, {method.said_by}")
    only_others = ", ".join(f"{', '.join(versions)} in {method.where}" for method, versions in held.items() if versions)
    looked = only_others or ", ".join(f"none for {platform_name()} in {method.where}" for method in places.mirrors)
    # If an implied mirror holds any version of a provider, Terraform asks no registry for it.
    if not places.others or (only_others and all(method.said_by == _IMPLIED for method in places.mirrors)):
        remedy = "terraform init -upgrade, another version in required_providers, or another mirror"
        return problem(CHECK, f"{looked or 'nowhere to get it from'}{wish}", remedy)
    sources = " and ".join(method.where for method in places.others)
    found = f"from {sources}, which was not asked{wish}"
    for cache in places.caches:
        if fitting := _fitting(_held(cache, registry), wanted):
            return _judged(fitting[-1], f"{found}; {', '.join(fitting)} in the cache {cache}")
    if places.caches:
        return ok(CHECK, f"{found}; the cache {places.caches[0]} has none yet")
    return ok(CHECK, found, *_NO_NETWORK)


def _places(registry: str, texts: dict[Path, str], surroundings: Surroundings) -> _Places:
    caches = [surroundings.environ["TF_PLUGIN_CACHE_DIR"]] if surroundings.environ.get("TF_PLUGIN_CACHE_DIR") else []
    caches += [found for text in texts.values() for found in _CACHE.findall(text)]
    paths = [surroundings.path(cache) for cache in caches]
    given = [_Method("filesystem_mirror", str(path), said) for path, said in _plugin_directories(surroundings)]
    if given:
        return _Places(given, paths)
    for file, text in texts.items():
        if _INSTALLATION.search(text):
            return _Places(list(_explicit(registry, file, text, surroundings)), paths)
    direct = _Method("direct", registry, "by default")
    implied = [_Method("filesystem_mirror", str(path), _IMPLIED) for path in _implied(surroundings)]
    return _Places([*[method for method in implied if _held(Path(method.where), registry)], direct], paths)


def _explicit(registry: str, file: Path, text: str, surroundings: Surroundings) -> Iterator[_Method]:
    """Yield the methods of a provider_installation block that concern the aws provider."""
    for kind, body in _METHOD.findall(text):
        if kind == "dev_overrides" or not _concerns(f"{registry}/{_NAME}", body):
            continue
        where = re.search(r'\b(?:path|url)\s*=\s*"([^"]*)"', body)
        place = where[1] if where else registry
        yield _Method(kind, str(surroundings.path(place)) if kind == "filesystem_mirror" else place, f"says {file}")


def _concerns(provider: str, body: str) -> bool:
    """Return True if *include* and *exclude* of a method let *provider* through."""

    def named(member: str) -> list[str] | None:
        found = re.search(rf"\b{member}\s*=\s*\[([^\]]*)\]", body)
        return re.findall(r'"([^"]*)"', found[1]) if found else None

    included, excluded = named("include"), named("exclude") or []
    return (included is None or _any_matches(provider, included)) and not _any_matches(provider, excluded)


def _any_matches(provider: str, patterns: Iterable[str]) -> bool:
    """Return True if one of *patterns*, which may omit the registry, matches *provider*."""
    short = provider.partition("/")[2]
    return any(fnmatchcase(provider if pattern.count("/") > 1 else short, pattern) for pattern in patterns)


def _plugin_directories(surroundings: Surroundings) -> Iterator[tuple[Path, str]]:
    """Yield the directories of -plugin-dir, the only ones in which Terraform then looks."""
    for variable in ("TF_CLI_ARGS", "TF_CLI_ARGS_init"):
        text = surroundings.environ.get(variable, "")
        try:
            words = shlex.split(text)
        except ValueError:
            words = text.split()
        for word, following in pairwise([*words, ""]):
            name, _, value = word.lstrip("-").partition("=")
            if word.startswith("-") and name == "plugin-dir":
                yield surroundings.path(value or following), f"says {variable}"
    remembered = _data(surroundings) / "plugin_path"
    for path in re.findall(r'"([^"]*)"', text_of(remembered)):
        yield surroundings.path(path), "says the `terraform init -plugin-dir` of this directory"


def _implied(surroundings: Surroundings) -> list[Path]:
    """Return the directories that Terraform takes for mirrors without a provider_installation."""
    environ, home = surroundings.environ, surroundings.home
    found = [surroundings.directory / "terraform.d" / "plugins", home / ".terraform.d" / "plugins"]
    if sys.platform == "darwin":
        support = "Library/Application Support/io.terraform/plugins"
        found += [home / support, Path("/") / support]
    data = [environ.get("XDG_DATA_HOME") or home / ".local" / "share"]
    data += (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(os.pathsep)
    return found + [Path(directory) / "terraform" / "plugins" for directory in data]


def _configuration_files(tool: Tool | None, surroundings: Surroundings) -> tuple[list[Path], Finding | None]:
    """Return the CLI configuration that is read, and the problem with its location, if any."""
    for variable in _FILE_VARIABLES:
        named = surroundings.environ.get(variable)
        if named:
            file = surroundings.path(named)
            if file.is_file():
                return [file], None
            found = f"{variable} names {named}, which is not there, so Terraform reads no CLI configuration"
            return [], warning(CHECK, found, f"unset {variable}, or write the file")
    home = surroundings.home
    files = [home / ".terraformrc"]
    if tool is not None and tool.product == "OpenTofu":
        settings = Path(surroundings.environ.get("XDG_CONFIG_HOME") or home / ".config")
        files = [home / ".tofurc", settings / "opentofu" / "tofurc", *files]
    first = [file for file in files if file.is_file()][:1]
    return [*first, *sorted((home / ".terraform.d").glob("*.tfrc"))], None


def _wanted(registry: str, surroundings: Surroundings) -> list[str]:
    """Return the version of the lock file, else the constraints of the configuration."""
    lock = text_of(surroundings.directory / ".terraform.lock.hcl")
    entry = re.search(rf'provider "{re.escape(registry)}/{_NAME}" \{{[^}}]*?\bversion\s*=\s*"([^"]*)"', lock)
    return [entry[1]] if entry else configuration.wanted_versions(surroundings)


def _fitting(versions: Iterable[str], wanted: Iterable[str]) -> list[str]:
    return [version for version in versions if all(is_within(version, constraint) for constraint in wanted)]


def _data(surroundings: Surroundings) -> Path:
    return surroundings.path(surroundings.environ.get("TF_DATA_DIR") or ".terraform")


def _installed(registry: str, surroundings: Surroundings) -> list[str]:
    return _held(_data(surroundings) / "providers", registry)


def _held(mirror: Path, registry: str) -> list[str]:
    """Return the versions of the provider for this platform in a mirror, as directories or as archives."""
    provider, target = mirror / registry / _NAME, platform_name()
    archive = re.compile(rf"terraform-provider-aws_(.+)_{target}\.zip")
    try:
        found = {path.parent.name for path in provider.glob(f"*/{target}") if path.is_dir()}
        found |= {match[1] for path in provider.iterdir() if (match := archive.fullmatch(path.name))}
    except OSError:
        return []
    return sorted(found, key=numbers)
