"""Commands that run in parallel, each in its world and its own copy of the working directory."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from mockaws.matrix import findings, workplaces
from mockaws.matrix.results import Matrix, Outcome, Result

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Sequence

    from mockaws.matrix.results import Trial
    from mockaws.matrix.workplaces import Template

GRACE_SECONDS = 10.0
"""How long a command that is asked to stop may take. Terraform first lets the provider finish what it began."""

NOT_EXECUTABLE = 126
_SIGNAL_BASE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The way in which a command runs.

    *template* is copied for each world; without it all commands run in the present directory. Each output goes to a
    file in *logs*, which the results name if it is kept.
    """

    command: Sequence[str]
    jobs: int
    logs: Path
    keep_logs: bool = False
    scratch: Path
    template: Template | None = None
    timeout: float | None = None


class Runs:
    """One command in many worlds; *began* and *ended* are called for each."""

    def __init__(self, plan: Plan, *, began: Callable[[Trial], None], ended: Callable[[Result], None]) -> None:
        self._plan = plan
        self._began = began
        self._ended = ended
        self._turns = asyncio.Semaphore(plan.jobs)
        self._stopping = asyncio.Event()
        self._hurrying = asyncio.Event()

    async def all(self, trials: Sequence[Trial]) -> Matrix:
        """Run the command in all worlds to its end, or until `stop`."""
        started = perf_counter()
        results = await asyncio.gather(*map(self._in_turn, trials))
        return Matrix(self._plan.command, results, perf_counter() - started)

    def stop(self) -> None:
        """Start no more commands and interrupt the running ones; the second time, kill them."""
        (self._hurrying if self._stopping.is_set() else self._stopping).set()

    async def _in_turn(self, trial: Trial) -> Result:
        async with self._turns:
            if self._stopping.is_set():
                return Result(trial=trial)
            self._began(trial)
            result = await self._one(trial)
            self._ended(result)
            return result

    async def _one(self, trial: Trial) -> Result:
        root, log = self._plan.scratch / trial.world, self._plan.logs / f"{trial.world}.log"
        started = perf_counter()
        try:
            place = await asyncio.to_thread(self._plan.template.copy, root) if self._plan.template else Path.cwd()
            outcome, status = await self._run(trial, place, log)
        except (OSError, workplaces.WorkplaceError) as error:
            words = f"{self._plan.command[0]}: {error.strerror}" if isinstance(error, OSError) else str(error)
            return Result(trial=trial, outcome=Outcome.FAILED, status=NOT_EXECUTABLE, finding=findings.Finding(words))
        finally:
            await asyncio.to_thread(workplaces.remove, root)
        seconds = perf_counter() - started
        output = findings.text(log)
        result = Result(
            trial=trial,
            outcome=outcome,
            status=status,
            seconds=seconds,
            output=output,
            log=str(log) if self._plan.keep_logs else None,
        )
        return result if outcome is Outcome.SURVIVED else replace(result, finding=findings.find(output))

    async def _run(self, trial: Trial, place: Path, log: Path) -> tuple[Outcome, int]:
        """Run the command in *place*, its output to *log*; return what became of it, and its status as of shells."""
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *self._plan.command,
                cwd=place,
                env={**trial.environment, "PWD": str(place)},
                stdin=DEVNULL,
                stdout=file,
                stderr=STDOUT,
                # A group of its own, so that its descendants end with it, and only this process sends it Ctrl-C.
                process_group=0,
            )
        outcome = await self._await(process)
        status = process.returncode or 0
        if outcome is None:
            outcome = Outcome.SURVIVED if status == 0 else Outcome.FAILED
        return outcome, status if status >= 0 else _SIGNAL_BASE - status

    async def _await(self, process: Process) -> Outcome | None:
        """Wait for the end of *process*, or bring it about: then return why."""
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, stopped}, timeout=self._plan.timeout, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if ended.done():
            return None
        _signal(process, signal.SIGINT)
        hurried = asyncio.create_task(self._hurrying.wait())
        await asyncio.wait({ended, hurried}, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        # Even if it has ended by itself, its descendants may be running.
        _signal(process, signal.SIGKILL)
        await ended
        return Outcome.INTERRUPTED if self._stopping.is_set() else Outcome.TIMED_OUT


def _signal(process: Process, number: int) -> None:
    """Send a signal to a command and to all processes that it has started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":  # it has no process groups
            process.kill()
        else:
            os.killpg(process.pid, number)
