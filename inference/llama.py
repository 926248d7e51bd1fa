"""The in-process llama.cpp engine: loading it, and its sessions as the event loop sees them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from .chatml import ChatFrame, check_template
from .choices import check_choices
from .core import PREFIX_SEGMENT_TOKENS, Core
from .errors import OutOfContext, OutOfMemory, SessionClosed, UnsupportedModel
from .models import cache_root, find_model, load_catalog
from .native import Library, NativeContext, NativeModel, load_library
from .prefix import PrefixCache
from .protocol import Choice, Decision, ModelIdentity, Priority, Role, Sample, Turn
from .streaming import TextAssembler
from .transcript import Transcript
from .worker import Job, ModelThread

T = TypeVar("T")
GpuLayers = int | Literal["auto"]

_BESIDE_WEIGHTS_BYTES = 768 * 1024 * 1024  # context, buffers and Python, for 4,096 tokens of a 1.5B model
_ALL_LAYERS = -1
_TOKEN_CHARACTERS = 64  # no text averages so many in a token: a longer one is refused before it is tokenized

logger = logging.getLogger(__name__)


async def open_engine(
    name: str,
    *,
    cache: Path | None = None,
    n_ctx: int = 4096,
    n_threads: int | None = None,
    gpu_layers: GpuLayers = "auto",
) -> LlamaEngine:
    """Load a model of the catalog that was pulled, on a thread of its own.

    `n_threads` defaults to the cores this process may use; `gpu_layers` "auto" takes all that the build can offload.
    Raises EngineUnavailable, UnknownModel, ModelMissing, ModelHashMismatch, UnsupportedModel or OutOfMemory.
    """
    root = cache or cache_root()
    threads = n_threads or _usable_cores()
    thread = ModelThread()
    try:
        core = await thread.run(Priority.DEFENCE, lambda _: _load(name, root, n_ctx, threads, gpu_layers, thread))
    except BaseException:
        await thread.aclose(lambda: None)
        raise
    return LlamaEngine(thread, core)


class LlamaEngine:
    """An Engine over llama.cpp. Made by `open_engine`."""

    def __init__(self, thread: ModelThread, core: Core) -> None:
        self._thread, self._core = thread, core

    @property
    def identity(self) -> ModelIdentity:
        """What a Record names."""
        return self._core.identity

    async def open_session(
        self, prefix: Sequence[Turn], *, priority: Priority = Priority.CHAT, deadline_seconds: float | None = None
    ) -> LlamaSession:
        """A session over `prefix`, restored from the cache or evaluated now. Raises OutOfContext, DeadlineExceeded."""
        deadline = None if deadline_seconds is None else time.monotonic() + deadline_seconds
        turns = tuple(prefix)
        transcript = await self._thread.run(priority, lambda job: self._core.open(job, turns), deadline)
        return LlamaSession(self._thread, self._core, transcript, priority, deadline)

    async def decide_again(
        self, sample: Sample, prefix: Sequence[Turn], *, priority: Priority = Priority.EVALUATION
    ) -> list[Decision]:
        """The decisions taken after the sample's segments in a fresh context; `replay` compares them."""
        turns = tuple(prefix)
        return await self._thread.run(priority, lambda job: self._core.replay(job, turns, sample))

    async def aclose(self) -> None:
        """End the model's thread and free it. Calls under way raise EngineClosed."""
        await self._thread.aclose(self._core.close)


class LlamaSession:
    """A Session of a LlamaEngine. Made by `LlamaEngine.open_session`."""

    def __init__(
        self, thread: ModelThread, core: Core, transcript: Transcript, priority: Priority, deadline: float | None
    ) -> None:
        self._thread, self._core, self._transcript = thread, core, transcript
        self._priority, self._deadline = priority, deadline

    async def append(self, role: Role | None, text: str) -> None:
        """Open a turn, or go on in the open one; evaluated with the next call."""
        self._check_open()
        self._check_length(len(text))
        self._transcript.append(role, text)

    async def choose(self, choices: Sequence[str]) -> Choice:
        """The likeliest of the choices, appended with a newline. Raises InvalidChoices, OutOfContext."""
        offered = tuple(choices)
        check_choices(offered)
        self._check_length(sum(map(len, offered)))
        return await self._run(lambda job: self._core.choose(job, self._transcript, offered))

    async def stream(self, *, max_tokens: int, allowed: Callable[[str], bool] | None = None) -> AsyncIterator[str]:
        """Greedy free text in pieces of whole characters."""
        assembler = TextAssembler()
        for _ in range(max_tokens):
            text = await self._run(lambda job: self._core.next_text(job, self._transcript, assembler, allowed))
            if text:
                yield text
            if text is None or assembler.ended:
                return

    def sample(self) -> Sample:
        """What was evaluated and decided so far."""
        return self._transcript.sample(self._core.identity)

    async def aclose(self) -> None:
        """Give the session's memory back. Idempotent."""
        self._transcript.closed = True

    async def _run(self, work: Callable[[Job], T]) -> T:
        self._check_open()
        try:
            return await self._thread.run(self._priority, work, self._deadline)
        except OutOfContext:  # found before anything was evaluated
            raise
        except BaseException:  # the transcript may have stopped anywhere, also by cancellation
            self._transcript.closed = True
            raise

    def _check_length(self, n_characters: int) -> None:
        most = self._core.identity.n_ctx * _TOKEN_CHARACTERS
        if n_characters > most:
            raise OutOfContext(
                f"{n_characters:,} characters cannot fit the context ({most:,} at most): shorten the text"
            )

    def _check_open(self) -> None:
        if self._transcript.closed:
            raise SessionClosed("the session was closed, cancelled or failed: open another one")


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load(name: str, root: Path, n_ctx: int, n_threads: int, gpu_layers: GpuLayers, thread: ModelThread) -> Core:
    started = time.monotonic()
    manifest = load_catalog().find(name)
    path = find_model(name, root)
    library = load_library()
    wanted = (_ALL_LAYERS if library.offloads() else 0) if gpu_layers == "auto" else gpu_layers
    if wanted == 0:
        _check_memory(name, path)
    model = _load_model(library, path, wanted, fall_back=gpu_layers == "auto")
    try:
        check_template(model.metadata("tokenizer.chat_template"))
        frame = _frame(model)
        if n_ctx > model.n_trained_context:
            raise UnsupportedModel(f"{name} was trained for {model.n_trained_context:,} tokens: ask for no more")
        context = NativeContext(library, model, n_ctx=n_ctx, n_threads=n_threads, n_batch=PREFIX_SEGMENT_TOKENS)
    except BaseException:
        model.close()
        raise
    identity = ModelIdentity(
        name=name,
        sha256=manifest.sha256,
        build=library.build(),
        flags=library.features(),
        n_ctx=n_ctx,
        n_threads=n_threads,
        n_gpu_layers=model.n_gpu_layers,
    )
    logger.info(
        "model %s on %s: context %s tokens, %s threads, loaded in %.1f s",
        name,
        f"GPU ({model.n_gpu_layers} layers)" if model.n_gpu_layers else "CPU",
        f"{n_ctx:,}",
        n_threads,
        time.monotonic() - started,
    )
    return Core(identity, model, context, frame, PrefixCache(root / "prefixes"), thread)


def _load_model(library: Library, path: Path, n_gpu_layers: int, *, fall_back: bool) -> NativeModel:
    try:
        return NativeModel(library, path, n_gpu_layers)
    except UnsupportedModel as error:
        if n_gpu_layers == 0 or not fall_back:
            raise
        logger.warning("the GPU did not take the model, the CPU does: %s", error)
        return NativeModel(library, path, 0)


def _frame(model: NativeModel) -> ChatFrame:
    ids = [model.tokenize(text, special=True) for text in ("<|im_start|>", "<|im_end|>")]
    if any(len(tokens) != 1 for tokens in ids):
        raise UnsupportedModel("the model's vocabulary has no ChatML tokens: take one of `treasurer model list`")
    return ChatFrame(start=ids[0][0], end=ids[1][0])


def _check_memory(name: str, path: Path) -> None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return  # no such file here: llama.cpp's own failure is the only sign
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    needed = path.stat().st_size + _BESIDE_WEIGHTS_BYTES
    if available < needed:
        raise OutOfMemory(
            f"{name} needs about {needed / 1e9:.1f} GB of memory, {available / 1e9:.1f} GB are free: "
            "close other programs, or take a smaller model (`treasurer model list`)"
        )
