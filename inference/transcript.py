"""What one session said and evaluated: the text still to come, the segments behind it, the decisions taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .chatml import ChatFrame, Piece
from .protocol import Decision, ModelIdentity, Role, Sample

Tokenize = Callable[[str], list[int]]


@dataclass(frozen=True)
class EvaluatedPrefix:
    """A static prefix as it was evaluated: the name of its tokens, the lengths of its segments, its KV state."""

    sha256: str
    segments: tuple[int, ...]
    restored: bool

    @property
    def n_tokens(self) -> int:
        """How many tokens it has."""
        return sum(self.segments)


@dataclass
class Transcript:
    """The append-only transcript of a session. `state` is its KV memory while another session has the context."""

    frame: ChatFrame
    prefix: EvaluatedPrefix
    state: bytes = b""
    closed: bool = False
    segments: list[tuple[int, ...]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    _pending: list[Piece] = field(default_factory=list)
    _turn: Role | None = None

    @property
    def n_evaluated(self) -> int:
        """Tokens in the context: the prefix and the segments after it."""
        return self.prefix.n_tokens + sum(map(len, self.segments))

    @property
    def n_segments(self) -> int:
        """Evaluated segments, the prefix's included."""
        return len(self.prefix.segments) + len(self.segments)

    def append(self, role: Role | None, text: str) -> None:
        """Open a turn, or with None go on in the open one (the assistant's, where none is open)."""
        if role is None and self._turn is not None:
            self._extend([text])
            return
        if self._turn is not None:
            self._extend(self.frame.closing())
        self._turn = role or "assistant"
        self._extend(self.frame.opening(self._turn, text))

    def open_assistant_turn(self) -> None:
        """The model speaks next."""
        if self._turn != "assistant":
            self.append("assistant", "")

    def end_turn(self) -> None:
        """The model ended its turn: what it said is evaluated, the closing is not."""
        self._pending = self.frame.closing()
        self._turn = None

    def pending(self, tokenize: Tokenize, ending: str = "") -> list[int]:
        """The tokens to evaluate next, the open text tokenized jointly with `ending`. Changes nothing."""
        *fixed, last = self._pending or [""]
        pieces: Sequence[Piece] = [*fixed, last + ending] if isinstance(last, str) else [*fixed, last, ending]
        tokens: list[int] = []
        for piece in pieces:
            tokens.extend([piece] if isinstance(piece, int) else tokenize(piece))
        return tokens

    def settle(self, tail: Sequence[int]) -> None:
        """What was pending is evaluated now, but for the tokens of `tail`."""
        self._pending = list(tail)

    def sample(self, model: ModelIdentity) -> Sample:
        """The record of all this."""
        paid = sum(map(len, self.segments)) + (0 if self.prefix.restored else self.prefix.n_tokens)
        return Sample(
            model=model,
            prefix_sha256=self.prefix.sha256,
            prefix_segments=self.prefix.segments,
            segments=tuple(self.segments),
            decisions=tuple(self.decisions),
            evaluated_tokens=paid,
            prefix_restored=self.prefix.restored,
        )

    def _extend(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, str) and self._pending and isinstance(self._pending[-1], str):
                self._pending[-1] += piece
            else:
                self._pending.append(piece)
