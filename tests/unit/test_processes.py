"""Processes and their descendants."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockaws.cli import child as processes


@pytest.mark.parametrize("by_ps", [False, True], ids=["/proc", "ps"])
def test_descendants(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by_ps: bool) -> None:
    """Children and their children are found, where there is no /proc by `ps`; what has ended is not."""
    if by_ps and shutil.which("ps") is None:
        pytest.skip("there is no ps")
    if by_ps:
        monkeypatch.setattr(processes, "_PROCESSES", tmp_path)
    elif not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc")
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as first:
        while len(processes.descendants(first.pid)) < 1:
            assert first.poll() is None
        (second,) = processes.descendants(first.pid)
        assert {first.pid, second.number} <= {one.number for one in processes.descendants(os.getpid())}
        first.communicate(b"\n")
    assert second not in processes.parents()
