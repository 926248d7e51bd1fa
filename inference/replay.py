"""Re-running a recorded inference: the same tokens in the same segments, from an empty context.

On the same build the logits are equal bit by bit. On another build the tokens that the record names are evaluated as
they stand (teacher-forced), and the result says how many decisions agree and how far the logits moved.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from .errors import ReplayMismatch
from .llama import LlamaEngine
from .protocol import Priority, Sample, Turn


class ReplayResult(BaseModel):
    """How a replay compares with its record.

    `same_tokens`: every decision came out the same. `max_logit_difference` is over all recorded logits; 0.0 means equal
    bits. `first_difference` is the index of the first decision that came out otherwise. `same_build` says whether
    model, build, flags, context, threads and layers are those of the record: only then equal bits are to be expected.
    """

    model_config = ConfigDict(frozen=True)

    same_tokens: bool
    same_build: bool
    decisions: int
    agreed: int
    first_difference: int | None
    max_logit_difference: float


async def replay(
    engine: LlamaEngine, sample: Sample, prefix: Sequence[Turn], *, priority: Priority = Priority.EVALUATION
) -> ReplayResult:
    """Evaluate `sample` again and compare. Raises ReplayMismatch when it names another model or prefix."""
    if sample.model.sha256 != engine.identity.sha256:
        raise ReplayMismatch(
            f"the sample was taken with {sample.model.name} ({sample.model.sha256[:16]}..), this engine has "
            f"{engine.identity.name}: `treasurer model pull {sample.model.name}`"
        )
    again = await engine.decide_again(sample, prefix, priority=priority)
    if len(again) != len(sample.decisions):
        raise ReplayMismatch("the sample has decisions after segments that it does not have: it is damaged")
    pairs = list(zip(sample.decisions, again, strict=True))
    different = [i for i, (before, now) in enumerate(pairs) if before.chosen != now.chosen]
    gaps = [abs(a - b) for before, now in pairs for a, b in zip(before.logits, now.logits, strict=True)]
    return ReplayResult(
        same_tokens=not different,
        same_build=sample.model == engine.identity,
        decisions=len(pairs),
        agreed=len(pairs) - len(different),
        first_difference=different[0] if different else None,
        max_logit_difference=max(gaps, default=0.0),
    )
