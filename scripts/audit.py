"""Look for known vulnerabilities of all locked versions; if the database cannot be reached, say so and exit with 0.

python scripts/audit.py [--osv-url URL] [--seconds N] [--ignored FILE] [FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# All other lock files but docs.txt are parts of it: scripts/lock.py --check compares them.
EVERYTHING = ROOT / "requirements" / "dev.txt"
IGNORED = ROOT / "requirements" / "audit.toml"
OSV_URL = "https://api.osv.dev/v1/query"
SECONDS = 60.0
_CONNECT_SECONDS = "5"
# Signs in pip-audit's output of an unreachable database. A failure of any other kind fails the check.
_UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "SSLError",
    "ServiceError",
    "Could not connect",
)


def ignored(file: Path) -> list[str]:
    """Return the ids of vulnerabilities that do not count. Raises SystemExit if one has no reason."""
    table: dict[str, str] = tomllib.loads(file.read_text())["ignore"]
    without = [each for each, reason in table.items() if not reason.strip()]
    if without:
        raise SystemExit(f"audit: {file.name}: {', '.join(without)} has no reason: write why it does no harm here")
    return list(table)


def main() -> int:
    """Return 1 if a locked version has a known vulnerability, or if pip-audit cannot read the lock file."""
    parser = argparse.ArgumentParser(prog="python scripts/audit.py", description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=EVERYTHING, metavar="FILE", help="a lock file")
    parser.add_argument("--osv-url", default=OSV_URL, metavar="URL", help="the database (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="N", help="at most (default: %(default)s)")
    parser.add_argument("--ignored", type=Path, default=IGNORED, metavar="FILE", help="ids that do not count")
    options = parser.parse_args()
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(options.file),
        "--require-hashes",
        "--disable-pip",
    ]
    command += ["--vulnerability-service", "osv", "--osv-url", options.osv_url, "--timeout", _CONNECT_SECONDS]
    command += ["--format", "json", "--progress-spinner", "off"]
    command += [f"--ignore-vuln={vulnerability}" for vulnerability in ignored(options.ignored)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds, check=False)
    except subprocess.TimeoutExpired:
        return _skipped(f"{options.osv_url} has not answered for all packages within {options.seconds:.0f} seconds")
    if done.returncode == 0:
        print(f"audit: no known vulnerability in {options.file.name}")
        return 0
    found = _vulnerabilities(done.stdout)
    for line in found:
        print(f"audit: {line}", file=sys.stderr)
    if found:
        print(
            "audit: take a newer version (make lock ARGS=--upgrade), or give a reason in requirements/audit.toml",
            file=sys.stderr,
        )
        return 1
    words = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
    if any(sign in done.stderr for sign in _UNREACHABLE):
        return _skipped(f"{options.osv_url} cannot be reached: {words[:160]}")
    print(f"audit: {words}", file=sys.stderr)
    return 1


def _skipped(reason: str) -> int:
    print(f"audit: SKIPPED, nothing was looked up: {reason}", file=sys.stderr)
    return 0


def _vulnerabilities(text: str) -> list[str]:
    """Return a line for each vulnerability in what pip-audit prints as JSON, none if that is no JSON."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError):
        return []
    return [
        f"{package['name']} {package['version']}: {each['id']} ({', '.join(each['aliases']) or 'no other id'}), "
        f"fixed in {', '.join(each['fix_versions']) or 'no version yet'}"
        for package in packages
        for each in package.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())
