"""An engine whose choices are written down beforehand, and which keeps what it was shown and offered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from treasurer.inference import Choice, ModelIdentity, Priority, Role, Sample, Turn

IDENTITY = ModelIdentity(
    name="scripted", sha256="0" * 64, build="none", flags=(), n_ctx=4096, n_threads=1, n_gpu_layers=0
)


class Script:
    """Answers each choice with the next scripted text, which must be on offer; streams the tokens let through."""

    def __init__(self, *said: str, tokens: Sequence[str] = ()) -> None:
        self.said = list(said)
        self.tokens = list(tokens)
        self.offered: list[tuple[str, ...]] = []
        self.shown: list[str] = []
        self.prefixes: list[tuple[Turn, ...]] = []
        self.open = 0

    @property
    def identity(self) -> ModelIdentity:
        return IDENTITY

    async def open_session(
        self, prefix: Sequence[Turn], *, priority: Priority = Priority.CHAT, deadline_seconds: float | None = None
    ) -> ScriptedSession:
        self.prefixes.append(tuple(prefix))
        self.open += 1
        return ScriptedSession(self)

    async def aclose(self) -> None:
        return None


class Stubborn(Script):
    """Chooses by one number whatever is asked: a model that understands nothing."""

    def __init__(self, choice: int) -> None:
        super().__init__()
        self.choice = choice


class ScriptedSession:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.role: Role | None = None

    async def append(self, role: Role | None, text: str) -> None:
        if role is None:
            assert self.role == "assistant", "only the assistant's turn is gone on with"
        self.role = role or self.role
        self.script.shown.append(text)

    async def choose(self, choices: Sequence[str]) -> Choice:
        assert len(set(choices)) == len(choices), f"choices must differ: {choices}"
        self.role = "assistant"
        self.script.offered.append(tuple(choices))
        stubborn = isinstance(self.script, Stubborn)
        said = choices[self.script.choice % len(choices)] if stubborn else self.script.said.pop(0)
        assert said in choices, f"{said!r} is not on offer: {choices}"
        chosen = choices.index(said)
        ranking = (chosen, *(index for index in range(len(choices)) if index != chosen))
        return Choice(index=chosen, text=said, margin=1.5 if len(choices) > 1 else None, ranking=ranking)

    async def stream(self, *, max_tokens: int, allowed: Callable[[str], bool] | None = None) -> AsyncIterator[str]:
        for token in self.script.tokens[:max_tokens]:
            if allowed is None or allowed(token):
                yield token

    def sample(self) -> Sample:
        return Sample(
            model=IDENTITY,
            prefix_sha256="0" * 64,
            prefix_segments=(1,),
            segments=(),
            decisions=(),
            evaluated_tokens=0,
            prefix_restored=True,
        )

    async def aclose(self) -> None:
        self.script.open -= 1
