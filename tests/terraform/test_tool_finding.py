"""scripts/terraform.py finds Terraform and the aws provider, without a network and without the real Terraform."""

from __future__ import annotations

import hashlib
import http.server
import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.terraform.tool import terraform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MACHINE = terraform.platform_name()
ANSWERS = '#!/bin/sh\necho \'{"terraform_version": "%s"}\'\n'


def _executable(path: Path, version: str = "1.11.4") -> Path:
    """Write a script that answers `version -json` as Terraform does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ANSWERS % version)
    path.chmod(0o755)
    return path


def _mirror(root: Path, host: str = "registry.terraform.io", platform: str = MACHINE) -> Path:
    """Make a filesystem mirror with one unpacked aws provider."""
    package = root / host / "hashicorp" / "aws" / "5.100.0" / platform
    package.mkdir(parents=True)
    (package / "terraform-provider-aws_v5.100.0_x5").write_text("")
    return root


@pytest.fixture(autouse=True)
def _no_mirror_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "MIRRORS", ())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home directory with nothing in it."""
    directory = tmp_path / "home"
    directory.mkdir()
    return directory


@pytest.fixture
def environ(tmp_path: Path, home: Path) -> dict[str, str]:
    """Return an environment with Terraform on PATH and nothing else of interest."""
    _executable(tmp_path / "bin" / "terraform")
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(home)}


def _find(environ: Mapping[str, str], tmp_path: Path) -> terraform.Terraform:
    return terraform.find(environ, tools=tmp_path / "tools")


class TestExecutable:
    def test_terraform_on_path_comes_first(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Terraform on PATH is taken even where OpenTofu stands beside it."""
        _executable(tmp_path / "bin" / "tofu", "1.10.0")
        found = _find(environ, tmp_path)
        assert (found.executable, found.product) == (tmp_path / "bin" / "terraform", "Terraform")

    def test_opentofu_where_no_terraform_is(self, environ: dict[str, str], tmp_path: Path) -> None:
        """OpenTofu on PATH does where Terraform is missing."""
        (tmp_path / "bin" / "terraform").unlink()
        _executable(tmp_path / "bin" / "tofu", "1.10.0")
        assert _find(environ, tmp_path).product == "OpenTofu"

    def test_too_old_a_terraform_is_passed_over(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A Terraform that knows no `terraform test` with overrides is not used; OpenTofu is."""
        _executable(tmp_path / "bin" / "terraform", "1.5.7")
        _executable(tmp_path / "bin" / "tofu", "1.10.0")
        assert _find(environ, tmp_path).product == "OpenTofu"

    def test_a_broken_shim_is_passed_over(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A version manager's shim without a version behind it exits in error: it is no Terraform."""
        (tmp_path / "bin" / "terraform").write_text("#!/bin/sh\necho 'no version set' >&2\nexit 126\n")
        environ["TERRAFORM_RELEASES_URL"] = "http://127.0.0.1:1"
        with pytest.raises(terraform.ToolError, match="does not answer `version -json`"):
            _find(environ, tmp_path)


class _Release(http.server.BaseHTTPRequestHandler):
    """Serves one archive at every path, or what a test asked for instead."""

    body: ClassVar[bytes] = b""
    status: ClassVar[int] = 200
    cut: ClassVar[int] = 0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body[: len(self.body) - self.cut])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a good archive whose sum is pinned, and return the address."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as contents:
        contents.writestr("LICENSE.txt", "text")
        contents.writestr("terraform", ANSWERS % terraform.PINNED)
    for name, value in {"body": archive.getvalue(), "status": 200, "cut": 0, "asked": []}.items():
        monkeypatch.setattr(_Release, name, value)
    monkeypatch.setitem(terraform.SHA256, MACHINE, hashlib.sha256(archive.getvalue()).hexdigest())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Release) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def bare(environ: dict[str, str], tmp_path: Path, release: str) -> dict[str, str]:
    """Return an environment without Terraform, in which the releases come from the test's server."""
    (tmp_path / "bin" / "terraform").unlink()
    return environ | {"TERRAFORM_RELEASES_URL": release, "PATH": f"{tmp_path / 'bin'}:/bin"}


def _left_over(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "tools").rglob("*") if path.is_file() and path.name != "download.lock"]


class TestPinnedRelease:
    def test_it_is_fetched_once(self, bare: dict[str, str], tmp_path: Path) -> None:
        """The pinned release is fetched for this platform, made executable, and found again without a second fetch."""
        first = _find(bare, tmp_path)
        assert (first.origin, first.version) == ("pinned release", terraform.PINNED)
        assert _find(bare, tmp_path).executable == first.executable
        assert _Release.asked == [f"/{terraform.PINNED}/terraform_{terraform.PINNED}_{MACHINE}.zip"]

    def test_a_wrong_sum_is_refused(
        self, bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An archive with another SHA-256 than the pinned one never becomes an executable."""
        monkeypatch.setitem(terraform.SHA256, MACHINE, "0" * 64)
        with pytest.raises(terraform.ToolError, match=r"has the SHA-256 [0-9a-f]{64}, not 0{64}: it was not kept"):
            _find(bare, tmp_path)
        assert _left_over(tmp_path) == []

    def test_a_truncated_archive_is_refused(
        self, bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A transfer that breaks off is told from a wrong sum, and leaves nothing behind."""
        monkeypatch.setattr(_Release, "cut", 20)
        with pytest.raises(terraform.ToolError, match=r"broke off after \d+ of \d+ bytes: try again"):
            _find(bare, tmp_path)
        assert _left_over(tmp_path) == []

    def test_a_missing_release_is_reported(
        self, bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server's own answer stands in the message, next to what was tried before."""
        monkeypatch.setattr(_Release, "status", 404)
        with pytest.raises(terraform.ToolError, match=r"(?s)no `terraform` on PATH.*no `tofu` on PATH.*404 Not Found"):
            _find(bare, tmp_path)

    def test_an_archive_without_terraform_is_refused(
        self, bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A right sum does not make an archive of something else a Terraform."""
        monkeypatch.setattr(_Release, "body", b"not an archive")
        monkeypatch.setitem(terraform.SHA256, MACHINE, hashlib.sha256(b"not an archive").hexdigest())
        with pytest.raises(terraform.ToolError, match="no archive with a `terraform` in it"):
            _find(bare, tmp_path)

    def test_an_unknown_platform_is_named(
        self, bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a platform without a pinned release the message names the platforms that have one."""
        monkeypatch.setattr(terraform, "platform_name", lambda: "plan9_mips")
        with pytest.raises(terraform.ToolError, match=r"none is pinned for plan9_mips, only for darwin_amd64, "):
            _find(bare, tmp_path)

    def test_a_second_process_waits_for_the_first(self, bare: dict[str, str], tmp_path: Path) -> None:
        """Test workers that start together fetch the release once."""
        threads = [threading.Thread(target=_find, args=(bare, tmp_path)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(_Release.asked) == 1

    def test_the_command_fails_in_words(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Without network and without Terraform the script exits with 1, says what to do, and shows no traceback."""
        (tmp_path / "bin" / "terraform").unlink()
        script = tmp_path / "scripts" / "terraform.py"
        script.parent.mkdir()
        script.write_text(Path(terraform.__file__).read_text())
        ran = subprocess.run(
            [sys.executable, script, "path"],
            env=environ | {"TERRAFORM_RELEASES_URL": "http://127.0.0.1:1", "PATH": str(tmp_path / "bin")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "install OpenTofu" in ran.stderr
        assert "Traceback" not in ran.stderr


class TestProvider:
    def test_a_configuration_that_names_no_file_counts_as_none(self, environ: dict[str, str], tmp_path: Path) -> None:
        """TF_CLI_CONFIG_FILE without a file behind it is taken out, for Terraform would warn at every command."""
        environ["TF_CLI_CONFIG_FILE"] = str(tmp_path / "missing.tfrc")
        found = _find(environ, tmp_path)
        assert "TF_CLI_CONFIG_FILE" not in found.environment(environ)

    def test_the_configuration_that_the_user_names_is_kept(self, environ: dict[str, str], tmp_path: Path) -> None:
        """The user's own provider installation goes before any mirror."""
        chosen = tmp_path / "chosen.tfrc"
        chosen.write_text("provider_installation {\n  direct {}\n}\n")
        environ |= {"TF_CLI_CONFIG_FILE": str(chosen), "TF_PLUGIN_MIRROR": str(_mirror(tmp_path / "mirror"))}
        found = _find(environ, tmp_path)
        assert found.environment(environ)["TF_CLI_CONFIG_FILE"] == str(chosen)
        assert str(chosen) in found.provider.source

    @pytest.mark.parametrize("name", [".terraformrc", ".terraform.d/installation.tfrc"])
    def test_the_users_own_file_is_kept(self, name: str, environ: dict[str, str], home: Path, tmp_path: Path) -> None:
        """A file in the home directory is read by Terraform as long as no variable hides it."""
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text("provider_installation {\n  direct {}\n}\n")
        environ |= {
            "TF_CLI_CONFIG_FILE": str(tmp_path / "missing.tfrc"),
            "TF_PLUGIN_MIRROR": str(_mirror(tmp_path / "mirror")),
        }
        found = _find(environ, tmp_path)
        assert "TF_CLI_CONFIG_FILE" not in found.environment(environ)
        assert str(home / name) in found.provider.source

    def test_a_users_file_without_installation_leaves_the_choice(
        self, environ: dict[str, str], home: Path, tmp_path: Path
    ) -> None:
        """A file that says nothing about providers lets the mirror in; its cache goes along, its credentials do not."""
        (home / ".terraformrc").write_text(
            'plugin_cache_dir = "/var/cache/tf"\ncredentials "app.terraform.io" {\n  token = "hush"\n}\n'
        )
        environ["TF_PLUGIN_MIRROR"] = str(_mirror(tmp_path / "mirror"))
        written = Path(_find(environ, tmp_path).environment(environ)["TF_CLI_CONFIG_FILE"]).read_text()
        assert 'plugin_cache_dir = "/var/cache/tf"' in written
        assert "hush" not in written

    def test_a_mirror_gives_what_it_holds_and_the_registry_the_rest(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """The generated configuration names the mirror's providers in both blocks, so that others are still found."""
        environ["TF_PLUGIN_MIRROR"] = str(_mirror(tmp_path / "mirror"))
        found = _find(environ, tmp_path)
        assert Path(found.environment(environ)["TF_CLI_CONFIG_FILE"]).read_text() == (
            "provider_installation {\n"
            "  filesystem_mirror {\n"
            f'    path    = "{tmp_path / "mirror"}"\n'
            '    include = ["registry.terraform.io/hashicorp/aws"]\n'
            "  }\n"
            "  direct {\n"
            '    exclude = ["registry.terraform.io/hashicorp/aws"]\n'
            "  }\n"
            "}\n"
        )

    @pytest.mark.parametrize("place", ["home/.terraform.d/plugins", "opt/anything"])
    def test_the_usual_places_are_looked_at(
        self, place: str, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A mirror is found in the user's directory and below the system's."""
        monkeypatch.setattr(terraform, "MIRRORS", (str(tmp_path / "opt" / "*"),))
        _mirror(tmp_path / place)
        assert str(tmp_path / place) in _find(environ, tmp_path).provider.source

    def test_an_archive_in_a_mirror_counts(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A mirror may hold the provider packed, as `terraform providers mirror` writes it."""
        package = tmp_path / "mirror/registry.terraform.io/hashicorp/aws"
        package.mkdir(parents=True)
        (package / f"terraform-provider-aws_5.100.0_{MACHINE}.zip").write_text("")
        environ["TF_PLUGIN_MIRROR"] = str(tmp_path / "mirror")
        assert "mirror" in _find(environ, tmp_path).provider.source

    def test_a_mirror_for_another_platform_does_not_count(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A mirror without a package for this machine would make `init` fail where the registry would have served."""
        environ["TF_PLUGIN_MIRROR"] = str(_mirror(tmp_path / "mirror", platform="plan9_mips"))
        assert _find(environ, tmp_path).provider.source.startswith("the registry")

    def test_opentofu_finds_terraforms_mirror(self, environ: dict[str, str], tmp_path: Path) -> None:
        """OpenTofu asks for registry.opentofu.org; a mirror of Terraform's registry serves it under that name."""
        (tmp_path / "bin" / "terraform").unlink()
        _executable(tmp_path / "bin" / "tofu", "1.10.0")
        environ["TF_PLUGIN_MIRROR"] = str(_mirror(tmp_path / "mirror"))
        for _ in range(2):  # the second time everything stands already
            found = _find(environ, tmp_path)
        written = Path(found.environment(environ)["TF_CLI_CONFIG_FILE"]).read_text()
        assert 'include = ["registry.opentofu.org/hashicorp/aws"]' in written
        package = next((tmp_path / "tools").glob(f"mirror-*/registry.opentofu.org/hashicorp/aws/5.100.0/{MACHINE}"))
        assert (package / "terraform-provider-aws_v5.100.0_x5").exists()

    def test_the_registry_is_asked_once(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Without a mirror the registry serves, and what it sent is kept, lock file or not."""
        found = _find(environ, tmp_path)
        assert found.environment(environ)["TF_PLUGIN_CACHE_DIR"] == str(tmp_path / "tools" / "plugins")
        assert found.environment(environ)["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] == "true"
        assert (tmp_path / "tools" / "plugins").is_dir()

    def test_the_users_own_cache_is_left_alone(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A cache directory that the user has set stays."""
        environ["TF_PLUGIN_CACHE_DIR"] = "/var/cache/tf"
        assert _find(environ, tmp_path).environment(environ) == environ


def test_a_run_that_nobody_watches_is_not_disturbed(environ: dict[str, str], tmp_path: Path) -> None:
    """Arguments, variables and directories that a user set for another configuration stay out of the demo's."""
    found = _find(environ, tmp_path)
    theirs = {"TF_CLI_ARGS_apply": "-parallelism=1", "TF_VAR_cluster_id": "cluster-other", "TF_DATA_DIR": "elsewhere"}
    undisturbed = found.undisturbed(environ | theirs)
    assert not theirs.keys() & undisturbed.keys()
    assert undisturbed["PATH"] == environ["PATH"]
