"""What is appended, in which order, and where a text may be tokenized jointly with what follows."""

from __future__ import annotations

from treasurer.inference.chatml import ChatFrame
from treasurer.inference.transcript import EvaluatedPrefix, Transcript

START, END = 1000, 1001


def transcript() -> Transcript:
    return Transcript(ChatFrame(START, END), EvaluatedPrefix("00", (), restored=False))


def tokens(text: str) -> list[int]:
    """A tokenizer of characters."""
    return [ord(character) for character in text]


def written(one: Transcript, ending: str = "") -> str:
    return "".join({START: "<", END: ">"}.get(token, chr(token % 1000)) for token in one.pending(tokens, ending))


def test_a_new_turn_closes_the_one_before() -> None:
    one = transcript()
    one.append("user", "pay alice")
    one.open_assistant_turn()
    assert written(one, "yes\n") == "<user\npay alice>\n<assistant\nyes\n"


def test_the_open_text_is_tokenized_jointly_with_the_choice() -> None:
    seen: list[str] = []
    one = transcript()
    one.append("assistant", "")
    one.append(None, "to: ")
    one.pending(lambda text: seen.append(text) or [], "alice\n")
    assert seen == ["assistant\nto: alice\n"]


def test_the_tail_of_a_choice_is_evaluated_with_what_follows() -> None:
    one = transcript()
    one.append("assistant", "")
    one.settle(tokens("swap\n"))
    one.append(None, "sell: ")
    assert written(one, "usdc\n") == "swap\nsell: usdc\n"
    one.append("user", "thanks")
    assert written(one) == "swap\nsell: >\n<user\nthanks"


def test_continuing_without_a_turn_opens_the_assistants() -> None:
    one = transcript()
    one.append(None, "to: ")
    assert written(one) == "<assistant\nto: "


def test_a_turn_that_the_model_ended_is_closed_once() -> None:
    one = transcript()
    one.append("assistant", "hi")
    one.end_turn()
    one.append("user", "bye")
    assert written(one) == ">\n<user\nbye"
