"""Framing turns as ChatML: `<|im_start|>role`, a line break, the text, `<|im_end|>`, a line break.

The chat template inside a GGUF is a program that its author wrote. It is never run: it is hashed, and only models whose
template is known to be ChatML are taken. The framing tokens are placed by id; the same characters inside a text are
tokenized as plain text, so no text can open a turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import UnsupportedModel
from .protocol import Role, Turn

KNOWN_TEMPLATES = {
    "d5495a1e5db0611132a97e46a65dbb64a642a499421228b9c8b93229097fa9a4": "Qwen2.5-Coder-Instruct",
    "872be49dbb638044ad01b60388f48d469ff2980e5f0dccdc22ec907db54d0788": "SmolLM2-Instruct",
}
"""SHA-256 of the templates that were read and found to be ChatML."""

Piece = int | str
"""A framing token by its id, or text that still has to be tokenized."""


def check_template(template: str | None) -> None:
    """Raise UnsupportedModel unless the template was read by a person and is ChatML."""
    if template is None:
        raise UnsupportedModel("the model file has no chat template: take an instruction-tuned model of the catalog")
    digest = hashlib.sha256(template.encode()).hexdigest()
    if digest not in KNOWN_TEMPLATES:
        raise UnsupportedModel(
            f"the model's chat template (SHA-256 {digest}) is unknown, and a template from a file is never executed: "
            "take a model of `treasurer model list`"
        )


@dataclass(frozen=True)
class ChatFrame:
    """The two framing tokens of a vocabulary."""

    start: int
    end: int

    def opening(self, role: Role, text: str) -> list[Piece]:
        """A turn that stays open."""
        return [self.start, f"{role}\n{text}"]

    def closing(self) -> list[Piece]:
        """What ends an open turn."""
        return [self.end, "\n"]

    def turns(self, turns: Sequence[Turn]) -> list[Piece]:
        """Whole turns, each closed."""
        return [piece for turn in turns for piece in (*self.opening(turn.role, turn.text), *self.closing())]
