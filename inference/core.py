"""The model, its one context, and the transcripts that take turns in it. Everything here runs on the model's thread.

The context holds one sequence, always from cell 0: bits do not depend on who else is talking. A session that waits
keeps its KV state aside (6 ms to save, 1 ms to restore 500 tokens of a 1.5B model) and gets it back at its next call.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .chatml import ChatFrame
from .choices import walk
from .errors import EvaluationFailed, OutOfContext, ReplayMismatch
from .native import NativeContext, NativeModel
from .prefix import PrefixCache, prefix_key, prefix_sha256
from .protocol import Choice, Decision, ModelIdentity, Sample, Turn
from .streaming import TextAssembler
from .transcript import EvaluatedPrefix, Transcript
from .worker import Job, ModelThread

SEGMENT_TOKENS = 32  # a cancelled call ends, and a more urgent one begins, after at most so many (0.2 s of a 1.5B)
PREFIX_SEGMENT_TOKENS = 128  # evaluated once, then restored: batches of 128 run at full speed
_REFUSALS = 1000  # a filter that refuses so many tokens in a row will not let the turn's end pass either

logger = logging.getLogger(__name__)


class Core:
    """What sessions ask of the model, one job at a time."""

    def __init__(
        self,
        identity: ModelIdentity,
        model: NativeModel,
        context: NativeContext,
        frame: ChatFrame,
        prefixes: PrefixCache,
        thread: ModelThread,
    ) -> None:
        self.identity = identity
        self._model, self._context, self._frame = model, context, frame
        self._prefixes, self._thread = prefixes, thread
        self._resident: Transcript | None = None

    def open(self, job: Job, turns: Sequence[Turn]) -> Transcript:
        """A transcript over the prefix, whose state comes from the cache or is evaluated and put there."""
        tokens = self._prefix_tokens(turns)
        self._check_room(len(tokens))
        lengths = tuple(len(segment) for segment in _cut(tokens, PREFIX_SEGMENT_TOKENS))
        sha256 = prefix_sha256(tokens)
        key = prefix_key(self.identity, sha256, lengths)
        state = self._prefixes.get(key) if tokens else b""
        restored = state is not None
        if state is None:
            logger.info("evaluating a static prefix of %s tokens; later sessions restore it", f"{len(tokens):,}")
            with self._scratch(sha256) as fresh:
                self._evaluate(job, fresh, _cut(tokens, PREFIX_SEGMENT_TOKENS))
                state = self._context.save()
            self._prefixes.put(key, state)
        return Transcript(self._frame, EvaluatedPrefix(sha256, lengths, restored), state)

    def choose(self, job: Job, transcript: Transcript, choices: Sequence[str]) -> Choice:
        """Walk the trie of the choices' tokens behind what is pending; see `choices.walk`."""
        transcript.open_assistant_turn()
        candidates = [transcript.pending(self._model.tokenize, f"{choice}\n") for choice in choices]
        self._check_room(transcript.n_evaluated + max(map(len, candidates)))
        after: list[int] = []

        def score(fresh: Sequence[int], tokens: Sequence[int]) -> list[float]:
            self._evaluate(job, transcript, _cut(fresh, SEGMENT_TOKENS))
            after.append(transcript.n_segments)
            logits = self._context.logits()
            return [float(logits[token]) for token in tokens]

        path = walk(candidates, score)
        transcript.settle(path.tail)
        transcript.decisions.extend(
            Decision(kind="choice", segment=n, candidates=b.candidates, chosen=b.chosen, logits=b.logits)
            for n, b in zip(after, path.branches, strict=True)
        )
        return Choice(index=path.index, text=choices[path.index], margin=path.margin, ranking=path.ranking)

    def next_text(
        self, job: Job, transcript: Transcript, assembler: TextAssembler, allowed: Callable[[str], bool] | None
    ) -> str | None:
        """One greedy token: the text that can be shown after it (may be empty), or None at the end of the turn."""
        transcript.open_assistant_turn()
        tokens = transcript.pending(self._model.tokenize)
        self._check_room(transcript.n_evaluated + len(tokens))
        self._evaluate(job, transcript, _cut(tokens, SEGMENT_TOKENS))
        logits = self._context.logits()
        tried = self._best_first(logits, assembler, allowed)
        transcript.decisions.append(
            Decision(
                kind="text",
                segment=transcript.n_segments,
                candidates=tuple(tried),
                chosen=tried[-1],
                logits=tuple(float(logits[token]) for token in tried),
            )
        )
        if self._model.ends(tried[-1]):
            transcript.end_turn()
            return None
        transcript.settle(tried[-1:])
        return assembler.push(self._model.piece(tried[-1]))

    def replay(self, job: Job, turns: Sequence[Turn], sample: Sample) -> list[Decision]:
        """The decisions this model takes after the sample's very segments, evaluated afresh, the prefix's too."""
        tokens = self._prefix_tokens(turns)
        if prefix_sha256(tokens) != sample.prefix_sha256 or len(tokens) != sum(sample.prefix_segments):
            raise ReplayMismatch("the sample was taken over another prefix: give the turns that its run used")
        segments = [*_cut_at(tokens, sample.prefix_segments), *sample.segments]
        if max(map(len, segments), default=0) > PREFIX_SEGMENT_TOKENS or not all(segments):
            raise ReplayMismatch(f"the sample has an empty segment, or one above {PREFIX_SEGMENT_TOKENS} tokens")
        self._check_room(sum(map(len, segments)))
        taken: list[Decision] = []
        with self._scratch(sample.prefix_sha256) as transcript:
            for number, segment in enumerate(segments, 1):
                self._evaluate(job, transcript, [segment])
                logits = self._context.logits()
                taken.extend(_decide_again(d, logits) for d in sample.decisions if d.segment == number)
        return taken

    def close(self) -> None:
        """Free the context, then the model."""
        self._context.close()
        self._model.close()

    @contextlib.contextmanager
    def _scratch(self, prefix_sha256: str) -> Iterator[Transcript]:
        """An empty transcript for the length of one job: nothing of it is kept, however the job ends."""
        transcript = Transcript(self._frame, EvaluatedPrefix(prefix_sha256, (), restored=False))
        try:
            yield transcript
        finally:
            transcript.closed = True

    def _evaluate(self, job: Job, transcript: Transcript, segments: Sequence[Sequence[int]]) -> None:
        for segment in segments:
            self._thread.checkpoint(job)
            self._enter(transcript)
            self._context.evaluate(segment, transcript.n_evaluated)
            transcript.segments.append(tuple(segment))

    def _enter(self, transcript: Transcript) -> None:
        """Give the context to `transcript`, putting the state of the one before aside."""
        if self._resident is transcript:
            return
        if self._resident is not None and not self._resident.closed:
            self._resident.state = self._context.save()
        self._resident = None
        self._context.restore(transcript.state)
        transcript.state = b""
        self._resident = transcript

    def _best_first(
        self, logits: NDArray[np.float32], assembler: TextAssembler, allowed: Callable[[str], bool] | None
    ) -> list[int]:
        """The likeliest token that may be written, last, behind the likelier ones that may not."""
        tried = [int(np.argmax(logits))]
        if self._may_write(tried[-1], assembler, allowed):
            return tried
        masked = logits.copy()
        while len(tried) < _REFUSALS:
            masked[tried[-1]] = -np.inf
            tried.append(int(np.argmax(masked)))
            if self._may_write(tried[-1], assembler, allowed):
                return tried
        raise EvaluationFailed(f"the {_REFUSALS} likeliest tokens were all refused: let more pass")

    def _may_write(self, token: int, assembler: TextAssembler, allowed: Callable[[str], bool] | None) -> bool:
        if self._model.ends(token):
            return True
        if self._model.controls(token):
            return False
        text = assembler.preview(self._model.piece(token))
        return allowed is None or not text or allowed(text)

    def _prefix_tokens(self, turns: Sequence[Turn]) -> list[int]:
        tokens: list[int] = []
        for piece in self._frame.turns(turns):
            tokens.extend([piece] if isinstance(piece, int) else self._model.tokenize(piece))
        return tokens

    def _check_room(self, n_tokens: int) -> None:
        if n_tokens > self.identity.n_ctx:
            raise OutOfContext(
                f"the transcript would have {n_tokens:,} tokens, the context holds {self.identity.n_ctx:,}: "
                "open a new session with a shorter summary of what was said"
            )


def _cut(tokens: Sequence[int], length: int) -> list[Sequence[int]]:
    return [tokens[i : i + length] for i in range(0, len(tokens), length)]


def _cut_at(tokens: Sequence[int], lengths: Sequence[int]) -> Iterator[Sequence[int]]:
    start = 0
    for length in lengths:
        yield tokens[start : start + length]
        start += length


def _decide_again(recorded: Decision, logits: NDArray[np.float32]) -> Decision:
    if recorded.kind == "choice":
        chosen = max(recorded.candidates, key=lambda token: float(logits[token]))
    else:
        open_tokens = logits.copy()
        open_tokens[list(recorded.candidates[:-1])] = -np.inf
        chosen = int(np.argmax(open_tokens))
    again = tuple(float(logits[token]) for token in recorded.candidates)
    return recorded.model_copy(update={"chosen": chosen, "logits": again})
