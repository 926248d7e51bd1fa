"""`treasurer chat`, at a terminal and through a pipe: it pays what was confirmed, and approves in the same screen."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from ..conftest import PROGRAM, Treasurer, pid_of

SECONDS = 40.0
OWN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes the standard input its controlling terminal, so that Ctrl-C becomes a signal, and becomes the program."""


class Terminal:
    """A chat at a terminal of its own."""

    def __init__(self, bot: BotFolder) -> None:
        self._end, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, *PROGRAM, "--bot", str(bot.root), "chat"],
            stdin=other, stdout=other, stderr=other, start_new_session=True,
        )  # fmt: skip
        os.close(other)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def until(self, pattern: str) -> str:
        """What was shown up to the first match after what was seen before."""
        found, until = "", time.monotonic() + SECONDS
        while not re.search(pattern, found):
            assert time.monotonic() < until, (pattern, self.seen + found)
            if select.select([self._end], [], [], 0.1)[0]:
                try:
                    found += os.read(self._end, 65536).decode()
                except OSError:
                    break
        assert re.search(pattern, found), (pattern, self.seen + found)
        self.seen += found
        return found

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._end)


@pytest.fixture
def terminal(bot: BotFolder) -> Iterator[Callable[[], Terminal]]:
    opened: list[Terminal] = []

    def start() -> Terminal:
        opened.append(Terminal(bot))
        opened[-1].until("> $|> \x1b")
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_alice_is_paid_after_a_yes_and_not_before(terminal: Callable[[], Terminal], chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    chat = terminal()
    chat.type("send 10 usdc to alice\n")
    shown = chat.until("submit it")
    assert "guard, asked before: allow" in shown
    assert "send 10 usdc (USD 10.00) to alice" in shown
    time.sleep(0.5)
    assert chain.world.balance(ALICE, "usdc") == before
    chat.type("y\n")
    assert re.search("confirmed: transaction 0x[0-9a-f]{64}", chat.until("finished: "))
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    chat.type("/quit\n")
    assert chat.process.wait(timeout=SECONDS) == 0


def test_what_was_typed_ahead_is_no_yes(terminal: Callable[[], Terminal], chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    chat = terminal()
    chat.type("send 10 usdc to alice\ny\ny\n")
    chat.until("submit it")
    time.sleep(1)
    assert chain.world.balance(ALICE, "usdc") == before
    chat.type("n\n")
    chat.until("cancelled: not confirmed")
    chat.type("\x03")
    chat.until("once more")
    chat.type("\x03")
    assert chat.process.wait(timeout=SECONDS) == 130
    assert chain.world.balance(ALICE, "usdc") == before


def test_an_interrupt_at_the_question_is_a_no_and_the_chat_goes_on(
    terminal: Callable[[], Terminal], chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    chat = terminal()
    chat.type("send 10 usdc to alice\n")
    chat.until("submit it")
    time.sleep(0.5)  # the question is shown a moment before the terminal listens
    chat.type("\x03")
    chat.until("nothing was submitted")
    chat.type("how much usdc do we have?\n")
    chat.until("usdc balance: 50000 usdc")
    chat.type("\x04")
    assert chat.process.wait(timeout=SECONDS) == 0
    assert chain.world.balance(ALICE, "usdc") == before


def test_the_person_who_may_approves_in_the_same_screen(
    terminal: Callable[[], Terminal], bot: BotFolder, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    password = (bot.root / "owner" / "password").read_text().strip()
    chat = terminal()
    chat.type("send 5000 usdc to alice\n")
    assert "guard, asked before: escalate" in chat.until("submit it")
    chat.type("y\n")
    waiting = chat.until("approve it here: /approve 0x[0-9a-f]{8}")
    assert "needs 1 of owner; approved by nobody yet" in waiting
    digest = re.search("/approve (0x[0-9a-f]{8})", waiting)
    assert digest is not None
    chat.type(f"/approve {digest[1]} --keystore {bot.root}/owner/owner.json\n")
    chat.until("password of ")
    chat.type(password + "\n")
    chat.until("approved by owner; it is carried out")
    chat.until("finished: ")
    assert password not in chat.seen
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC


def test_a_script_through_a_pipe(treasurer: Treasurer, bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    approve = f"/approve --keystore {bot.root}/owner/owner.json --password file:{bot.root}/owner/password"
    said = ["send 3 usdc to alice", "y", "send 4 usdc to alice", "n", "send 5000 usdc to alice", "y", approve]
    done = treasurer("chat", said="\n".join([*said, "/status", "/nonsense", "/approve", "send 7 usdc to alice"]) + "\n")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert done.stdout.count("confirmed: transaction 0x") == 2
    assert "there is no /nonsense here" in done.stdout
    assert "name your keystore" in done.stdout
    assert chain.world.balance(ALICE, "usdc") - before == 5003 * USDC, "the last question had no answer"


def test_stop_holds_and_hostile_words_do_not_steer_the_terminal(treasurer: Treasurer, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    said = '/stop "the \x1b[2J feed"\nsend 3 usdc to alice\ny\nsend 1 \x1b]0;pwned\x07usdc to alice\n/status\n'
    done = treasurer("chat", said=said)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "STOPPED" in done.stdout
    assert "guard, asked before: deny" in done.stdout
    assert "submit it?" not in done.stdout
    assert "denied: nothing was submitted: " in done.stdout
    assert chain.world.balance(ALICE, "usdc") == before


def test_an_interrupted_run_goes_on(terminal: Callable[[], Terminal], bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    chain.world.rpc.request("evm_setAutomine", False)
    try:
        chat = terminal()
        chat.type("send 10 usdc to alice\n")
        chat.until("submit it")
        chat.type("y\n")
        chat.until("guard: allow")
        time.sleep(1)
        chat.type("\x03")
        chat.until("goes on without you")
        chain.world.rpc.request("evm_mine")
    finally:
        chain.world.rpc.request("evm_setAutomine", True)
    chat.until("finished: ")
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    os.kill(chat.process.pid, signal.SIGTERM)


def test_what_the_guard_would_deny_is_not_asked_for(treasurer: Treasurer, bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    done = treasurer("chat", said="send 26000 usdc to alice\n")
    assert done.returncode == 0, done.stderr
    assert "submit it?" not in done.stdout
    assert "denied: nothing was submitted: " in done.stdout
    assert chain.world.balance(ALICE, "usdc") == before


def test_a_guard_that_was_started_again_is_found_again(terminal: Callable[[], Terminal], bot: BotFolder) -> None:
    chat = terminal()
    chat.type("how much usdc do we have?\n")
    chat.until("50000 usdc")
    os.kill(pid_of(bot, "guard"), signal.SIGKILL)
    time.sleep(4)  # the agent ends when it notices
    chat.type("/status\n")
    chat.until("answered +how much usdc do we have")
    assert "closed the connection" not in chat.seen
    chat.type("/quit\n")
    assert chat.process.wait(timeout=SECONDS) == 0
