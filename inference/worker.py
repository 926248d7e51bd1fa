"""The one thread that touches the model, and the queue in front of it.

Jobs run by priority, then in order of arrival. A running job calls `checkpoint` between evaluation segments: there it
learns that it was cancelled, and there more urgent jobs are run in between.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .errors import DeadlineExceeded, EngineClosed
from .protocol import Priority

T = TypeVar("T")


class JobCancelled(Exception):
    """Ends a job whose caller no longer waits."""


@dataclass(order=True)
class Job:
    """One piece of work, in the order of the queue. `deadline` is a time of `time.monotonic`."""

    priority: Priority
    number: int
    work: Callable[[Job], Any] = field(compare=False)
    deadline: float | None = field(compare=False)
    future: Future[Any] = field(compare=False, default_factory=Future)
    cancelled: bool = field(compare=False, default=False)


class ModelThread:
    """A single thread with a priority queue; every call into llama.cpp happens on it."""

    def __init__(self) -> None:
        self._queue: list[Job] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="treasurer-model", daemon=True)
        self._thread.start()

    async def run(self, priority: Priority, work: Callable[[Job], T], deadline: float | None = None) -> T:
        """Run `work` on the thread and wait without blocking the event loop.

        Cancelled while waiting, the job is dropped or ends at its next checkpoint.
        """
        job = Job(priority, next(self._numbers), work, deadline)
        with self._wake:
            if self._closing:
                raise EngineClosed("the engine is closed: open it again")
            heapq.heappush(self._queue, job)
            self._wake.notify()
        try:
            result: T = await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            job.cancelled = True
            raise
        return result

    def checkpoint(self, job: Job) -> None:
        """Between segments: end `job` if it must end, else let more urgent jobs go first."""
        self._check(job)
        while (urgent := self._pop(more_urgent_than=job)) is not None:
            self._execute(urgent)
            self._check(job)

    async def aclose(self, last: Callable[[], None]) -> None:
        """Refuse new jobs, end the running one at its next checkpoint, run `last` on the thread, and join it."""
        with self._wake:
            if self._closing:
                return
            self._closing = True
            self._last = last
            self._wake.notify()
        await asyncio.to_thread(self._thread.join)

    def _check(self, job: Job) -> None:
        if job.cancelled:
            raise JobCancelled
        if self._closing:
            raise EngineClosed("the engine was closed during this call: open it again")
        if job.deadline is not None and time.monotonic() >= job.deadline:
            raise DeadlineExceeded("the model's time for this session is over: ask for less, or give it more seconds")

    def _pop(self, more_urgent_than: Job) -> Job | None:
        with self._wake:
            if self._queue and self._queue[0].priority < more_urgent_than.priority:
                return heapq.heappop(self._queue)
            return None

    def _serve(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue or self._closing)
                if self._closing:
                    break
                job = heapq.heappop(self._queue)
            self._execute(job)
        for job in self._queue:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(EngineClosed("the engine was closed before this call began: open it again"))
        self._last()

    def _execute(self, job: Job) -> None:
        if job.cancelled or not job.future.set_running_or_notify_cancel():
            return
        try:
            result = job.work(job)
        except JobCancelled:
            job.future.set_exception(asyncio.CancelledError())
        except BaseException as error:  # noqa: BLE001 - it is the caller's: handed over whole, never swallowed
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
