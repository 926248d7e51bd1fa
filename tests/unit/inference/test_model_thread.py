"""The queue in front of the model: urgent first, cancelled at the next checkpoint, never on the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable

import pytest

from treasurer.inference.errors import DeadlineExceeded, EngineClosed
from treasurer.inference.protocol import Priority
from treasurer.inference.worker import Job, ModelThread


@pytest.fixture
async def thread() -> AsyncIterator[ModelThread]:
    one = ModelThread()
    yield one
    await one.aclose(lambda: None)


class Gate:
    """A job that holds the thread until it is let go, with a checkpoint after it."""

    def __init__(self, thread: ModelThread) -> None:
        self.thread, self.entered, self.let_go = thread, threading.Event(), threading.Event()
        self.finished: Callable[[], None] = lambda: None

    def __call__(self, job: Job) -> None:
        self.entered.set()
        assert self.let_go.wait(5)
        self.thread.checkpoint(job)
        self.finished()


async def held(thread: ModelThread, priority: Priority) -> tuple[Gate, asyncio.Task[None]]:
    gate = Gate(thread)
    task = asyncio.create_task(thread.run(priority, gate))
    assert await asyncio.to_thread(gate.entered.wait, 5)
    return gate, task


async def test_the_more_urgent_goes_first_even_inside_a_running_job(thread: ModelThread) -> None:
    order: list[str] = []
    gate, running = await held(thread, Priority.EVALUATION)
    gate.finished = lambda: order.append("evaluation began before")
    waiting = [
        asyncio.create_task(thread.run(priority, lambda _, p=priority: order.append(p.name)))
        for priority in (Priority.EVALUATION, Priority.SCHEDULE, Priority.DEFENCE, Priority.CHAT)
    ]
    await asyncio.sleep(0.05)
    gate.let_go.set()
    await asyncio.gather(running, *waiting)
    assert order == ["DEFENCE", "CHAT", "SCHEDULE", "evaluation began before", "EVALUATION"]


async def test_a_cancelled_job_ends_at_its_next_checkpoint(thread: ModelThread) -> None:
    after: list[str] = []
    gate = Gate(thread)

    def work(job: Job) -> None:
        gate(job)
        after.append("went on")

    task = asyncio.create_task(thread.run(Priority.CHAT, work))
    assert await asyncio.to_thread(gate.entered.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.let_go.set()
    assert await thread.run(Priority.CHAT, lambda _: "next") == "next"
    assert after == []


async def test_a_job_cancelled_while_it_waits_never_runs(thread: ModelThread) -> None:
    ran: list[int] = []
    gate, running = await held(thread, Priority.CHAT)
    waiting = asyncio.create_task(thread.run(Priority.CHAT, lambda _: ran.append(1)))
    await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.let_go.set()
    await running
    await thread.run(Priority.CHAT, lambda _: None)
    assert ran == []


async def test_a_deadline_ends_a_job_at_its_checkpoint(thread: ModelThread) -> None:
    with pytest.raises(DeadlineExceeded, match="seconds"):
        await thread.run(Priority.CHAT, thread.checkpoint, time.monotonic() - 1)


async def test_the_error_of_a_job_is_its_callers(thread: ModelThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await thread.run(Priority.CHAT, lambda _: 1 // 0)
    assert await thread.run(Priority.CHAT, lambda _: "still alive") == "still alive"


async def test_closing_ends_running_and_waiting_jobs_by_name_and_runs_the_last_thing() -> None:
    thread, last = ModelThread(), []
    gate, running = await held(thread, Priority.CHAT)
    waiting = asyncio.create_task(thread.run(Priority.CHAT, lambda _: "ran"))
    await asyncio.sleep(0.02)
    closing = asyncio.create_task(thread.aclose(lambda: last.append(threading.current_thread().name)))
    await asyncio.sleep(0.02)
    gate.let_go.set()
    await closing
    for task in (running, waiting):
        with pytest.raises(EngineClosed, match="open it again"):
            await task
    with pytest.raises(EngineClosed):
        await thread.run(Priority.CHAT, lambda _: None)
    await thread.aclose(lambda: last.append("twice"))
    assert last == ["treasurer-model"]


async def test_the_event_loop_goes_on_while_the_model_works(thread: ModelThread) -> None:
    working = asyncio.create_task(thread.run(Priority.CHAT, lambda _: time.sleep(0.2)))
    turns = 0
    while not working.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 10
