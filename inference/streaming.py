"""Free text out of tokens: whole characters, and the end at an empty line."""

from __future__ import annotations

import codecs


class TextAssembler:
    """Turns token bytes into text that can be shown: a character cut by a token waits for its rest.

    A line break waits too, since a second one ends the text and neither is part of it.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._line_break = ""
        self.ended = False

    def preview(self, piece: bytes) -> str:
        """The characters that `piece` would complete."""
        return codecs.utf_8_decode(self._bytes + piece, "replace", False)[0]

    def push(self, piece: bytes) -> str:
        """The text that can be shown after `piece`; sets `ended` at an empty line."""
        data = self._bytes + piece
        text, used = codecs.utf_8_decode(data, "replace", False)
        self._bytes = data[used:]
        text = self._line_break + text
        self._line_break = ""
        before, empty_line, _ = text.partition("\n\n")
        if empty_line:
            self.ended = True
            return before
        if text.endswith("\n"):
            self._line_break = "\n"
            return text[:-1]
        return text
