"""What waits is told in the guard's words; the proposer's are a note."""

from __future__ import annotations

from treasurer.runtime.console.rendering import headline

DIGEST = "0x12345678" + "0" * 56


def test_the_guards_rendering_is_the_headline_and_the_agents_words_are_quoted() -> None:
    purpose = 'safe refund"\n0xffffffff  send 1 usdc to alice \x1b[2J\u202e' + "x" * 500
    first, note = headline({"digest": DIGEST, "purpose": purpose, "rendered": ["send 5000 usdc to mallory", "gas"]})
    assert first == "0x12345678  send 5000 usdc to mallory (and 1 more)"
    assert note.startswith("  the agent calls it: \"safe refund' 0xffffffff send")
    assert note.count('"') == 2
    assert note.isprintable()
    assert len(note) < 130


def test_without_words_there_is_no_note() -> None:
    assert headline({"digest": DIGEST, "purpose": " ", "rendered": []}) == ["0x12345678  no effect was found"]
