"""The process that one plug-in answers one question in. Started by its path with the standard library alone.

It first gives up what it can: the network, files other than Python's and the plug-in's, further processes, memory,
writing. What the system does not let it give up it says in its first line. Then it reads one line, calls the plug-in,
and writes one line.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import sys
from typing import Any

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 5
OPEN_FILES = 32
WHY_CHARACTERS = 200

_NEWUSER, _NEWNET, _NEWIPC = 0x10000000, 0x40000000, 0x08000000
_NO_NEW_PRIVILEGES = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The system calls of Landlock, the same numbers on every architecture."""
_ALL_ACCESS = (1 << 13) - 1
"""Every right of Landlock's first version: reading, writing, making and removing."""
_READ = 1 << 2 | 1 << 3
_EXECUTE = 1 << 0


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def give_up(folder: str) -> list[str]:
    """Give up rights, and return what the system did not take: ``network``, ``files``."""
    kept = []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if not hasattr(libc, "unshare") or libc.unshare(_NEWUSER | _NEWNET | _NEWIPC):
        kept.append("network")
    if not _only_read(libc, [folder, sys.base_prefix, sys.prefix, "/usr/lib", "/usr/lib64", "/lib", "/lib64"]):
        kept.append("files")
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return kept


def _only_read(libc: Any, folders: list[str]) -> bool:
    ruleset = _Ruleset(_ALL_ACCESS)
    descriptor = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    if descriptor < 0:
        return False
    for folder in folders:
        try:
            place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not every system has every one
        beneath = _Beneath(_READ | _EXECUTE, place)
        libc.syscall(_ADD_RULE, descriptor, 1, ctypes.byref(beneath), 0)
        os.close(place)
    restricted = bool(libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0)
    os.close(descriptor)
    return restricted


def answer(judge: Any, request: dict[str, Any]) -> dict[str, Any]:
    """What the plug-in says of each effect: a truth, or a truth and why."""
    holds, why = [], []
    for said in judge(request):
        truth, reason = said if isinstance(said, tuple) and len(said) == 2 else (said, "")
        if not isinstance(truth, bool) or not isinstance(reason, str):
            raise TypeError("a plug-in answers with True or False for each effect, or with (True, 'why')")
        holds.append(truth)
        why.append("".join(c if c.isprintable() else " " for c in reason[:WHY_CHARACTERS]))
    return {"holds": holds, "why": why}


def main() -> None:
    """Arguments: the plug-in's folder, and its ``module:function``."""
    folder, target = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 1)  # what a plug-in prints is no answer
    os.dup2(silence, 2)
    os.close(silence)
    kept = give_up(folder)
    sys.path.insert(0, folder)
    module, _, name = target.partition(":")
    judge: Any = importlib.import_module(module)
    for part in name.split("."):
        judge = getattr(judge, part)
    answers.write(json.dumps({"ready": True, "kept": kept}) + "\n")
    answers.flush()
    request = json.loads(sys.stdin.readline())
    answers.write(json.dumps(answer(judge, request)) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
