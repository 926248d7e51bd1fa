"""What the planner asks of a model: an Engine opens Sessions, a Session chooses among texts or streams one.

    async with contextlib.aclosing(await engine.open_session(prefix)) as session:
        await session.append("user", "swap 250 usdc for weth")
        intent = await session.choose(["swap", "transfer", "ask"])     # Choice(index=0, text="swap", margin=4.1, ..)
        await session.append(None, "sell: ")                           # goes on in the assistant's turn
        asset = await session.choose(["usdc", "weth", "missing"])
        record = session.sample()                                      # enough to re-run the inference bit by bit

Errors are those of `errors.py`.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

Role = Literal["system", "user", "assistant"]


class Priority(enum.IntEnum):
    """Who goes first when several sessions want the model; the smaller number wins at each evaluation segment."""

    DEFENCE = 0
    CHAT = 1
    SCHEDULE = 2
    EVALUATION = 3


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Value):
    """One turn of a conversation. Template tokens inside `text` are plain text to the model, never structure.

    An assistant turn of a static prefix that shows a choice ends with a newline, as the choices of a session do.
    """

    role: Role
    text: str


class ModelIdentity(_Value):
    """What a Record names: two engines with equal identities give bit-equal logits for equal segments.

    `sha256` is the GGUF file's; `build` names llama-cpp-python's version and the hash of its shared libraries;
    `flags` are the processor features the build uses.
    """

    name: str
    sha256: str
    build: str
    flags: tuple[str, ...]
    n_ctx: int
    n_threads: int
    n_gpu_layers: int


class Choice(_Value):
    """The text that the model chose.

    `margin` is the gap in natural-log probability between the best and the runner-up at the decisive branch (the
    closest one on the way); None where nothing had to be decided. `ranking` holds the indexes of all choices, best
    first: the chosen one, then the others by how much they lost where they left the chosen one's path (choices that
    left it together keep the order in which they were offered).
    """

    index: int
    text: str
    margin: float | None
    ranking: tuple[int, ...]


class Decision(_Value):
    """One token decided by the model after `segment` evaluated segments (the prefix's included).

    `choice`: the best of `candidates` (the token ids at a branch of the trie). `text`: the best of the vocabulary that
    was let through; `candidates` are then the refused tokens in the order they were tried, the chosen one last.
    `chosen` is a token id; `logits` go with `candidates`.
    """

    kind: Literal["choice", "text"]
    segment: int
    candidates: tuple[int, ...]
    chosen: int
    logits: tuple[float, ...]


class Sample(_Value):
    """What a session evaluated, in the very segments, and what it decided: the input of `replay`.

    The prefix is named by the hash of its token ids (`prefix_sha256`) and the lengths of the segments in which it was
    evaluated; `segments` holds the token ids evaluated after it. `evaluated_tokens` counts those that this session paid
    for: `segments`, and the prefix unless `prefix_restored`.
    """

    model: ModelIdentity
    prefix_sha256: str
    prefix_segments: tuple[int, ...]
    segments: tuple[tuple[int, ...], ...]
    decisions: tuple[Decision, ...]
    evaluated_tokens: int
    prefix_restored: bool


class Session(Protocol):
    """One transcript epoch over a static prefix. Append-only; used by one task at a time.

    A session whose call was cancelled, or failed by its deadline, is closed: open another one.
    """

    async def append(self, role: Role | None, text: str) -> None:
        """Open a turn of `role` with `text` (closing the turn before), or, with None, go on in the open turn.

        Nothing is evaluated until the next `choose` or `stream`, which raise OutOfContext when it does not fit: the
        session is then as it was before that call. A text that cannot fit at all raises OutOfContext here.
        """
        ...

    async def choose(self, choices: Sequence[str]) -> Choice:
        """The choice that the model finds likeliest, and a newline after it, appended to the assistant's turn.

        Opens the assistant's turn when another one is open. Choices are whole texts, distinct, not empty, without a
        newline. What is pending is tokenized together with each choice, so `append(None, "to: ")` is a clean start.
        """
        ...

    def stream(self, *, max_tokens: int, allowed: Callable[[str], bool] | None = None) -> AsyncIterator[str]:
        """Greedy free text in the assistant's turn, in pieces of whole characters.

        `allowed(piece)` False masks a token, the next best is tried; it is called on the model's thread and must be
        quick and pure. Ends at the end of the turn, at an empty line (not part of the text), or after `max_tokens`.
        """
        ...

    def sample(self) -> Sample:
        """What was evaluated and decided so far."""
        ...

    async def aclose(self) -> None:
        """Give the session's memory back. Idempotent."""
        ...


class Engine(Protocol):
    """A model that is loaded and ready. Sessions of one engine may be open side by side."""

    @property
    def identity(self) -> ModelIdentity:
        """What a Record names."""
        ...

    async def open_session(
        self, prefix: Sequence[Turn], *, priority: Priority = Priority.CHAT, deadline_seconds: float | None = None
    ) -> Session:
        """A new transcript over `prefix` (system prompt and shots), which is restored from the cache or evaluated once.

        `deadline_seconds` counts from here over all of the session's calls; past it they raise DeadlineExceeded.
        """
        ...

    async def aclose(self) -> None:
        """End the model's thread and free it. Calls under way raise EngineClosed."""
        ...
