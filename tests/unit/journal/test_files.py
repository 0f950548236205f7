"""The journal as a file of JSON Lines."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.journal.entries import Entry
from mockaws.journal.files import CallsFile, FileError

if TYPE_CHECKING:
    from tests.unit.journal.calling import Calls


def test_a_line_as_soon_as_a_call_has_ended(calls: Calls, tmp_path: Path) -> None:
    """Each call is a line, there at once; the server empties the file at its start."""
    path = tmp_path / "calls.jsonl"
    path.write_text("old\n")
    file = CallsFile(str(path))
    assert path.read_text() == "old\n"
    file.begin()
    shown = [calls.event("kms", "CreateKey"), calls.event("kms", "Nonsense")]
    for entry in calls.world.journal.entries():
        file.write(entry)
    assert [json.loads(line) for line in path.read_text().splitlines()] == shown
    file.close()
    file.write(Entry("", "", ""))
    file.close()
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_ends_the_file_only(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is reported once, and the server goes on."""
    file = CallsFile("/dev/full")
    file.begin()
    calls("kms", "CreateKey")
    for entry in [*calls.world.journal.entries()] * 2:
        file.write(entry)
    assert capsys.readouterr().err == "mockaws: /dev/full: No space left on device; no more calls are written\n"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """A path that cannot be written is refused with the reason."""
    with pytest.raises(FileError, match="Is a directory; --calls names a file that can be written"):
        CallsFile(str(tmp_path))


def test_a_line_that_does_not_fit_is_not_there_at_all(tmp_path: Path) -> None:
    """A disk that fills up in the middle of a line leaves whole lines only, also those of other programs."""
    path = tmp_path / "calls.jsonl"
    path.write_text("{}\n")
    script = """
import resource, signal, sys
from mockaws.journal import files
file = files.CallsFile(sys.argv[1])
files.event = lambda entry: entry
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
for length in (30, 30, 60, 1):
    file.write("x" * length)
"""
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, timeout=60, check=False)
    assert path.read_text() == "{}\n" + f'"{"x" * 30}"\n' * 2
    assert done.stderr == f"mockaws: {path}: File too large; no more calls are written\n"


def test_what_would_be_waited_for(tmp_path: Path) -> None:
    """A pipe or a socket is refused as the file of calls, unless a shell has opened it."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(FileError, match="it is a pipe; --calls names a file that can be written"):
            CallsFile(str(tmp_path / name))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        with pytest.raises(FileError, match="it is a socket"):
            CallsFile(str(tmp_path / "socket"))
    with pytest.raises(FileError, match="that is no file name"):
        CallsFile("a\0b")
    CallsFile("/dev/null").close()
    reading, writing = os.pipe()
    try:
        CallsFile(f"/dev/fd/{writing}").close()
    finally:
        os.close(reading)
        os.close(writing)
