"""Attachments: the files beside policy.yaml that belong to the signed bundle (``abis/*.json``, ``lists/*.txt``).

A bundle carries their bytes by relative path, as in ``abis/vault.json``. What an ABI means is read in abis.py; what a
list means is up to the condition that names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ..documents.yaml_document import read_file
from ..errors import PolicyError

FOLDERS = MappingProxyType({"abis": ".json", "lists": ".txt"})
"""The ending of the files of each folder that belongs to a bundle; other files in them do not."""
MOST_ATTACHMENTS = 128
"""Files in all: a bot speaks to tens of contracts, and each file is read at every start."""
LARGEST_ATTACHMENTS_BYTES = 8 << 20
"""Bytes in all; one file has at most 1 MiB, as one block of the log does."""
LARGEST_ATTACHMENT_BYTES = 1 << 20
NO_ATTACHMENTS: Mapping[str, bytes] = MappingProxyType({})
_PATH = re.compile(r"(abis/[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}\.json|lists/[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}\.txt)")


def read_attachments(folder: Path) -> dict[str, bytes]:
    """Bytes by relative path of the attachments in ``folder``, where the policy lies. Raises PolicyError."""
    found: dict[str, bytes] = {}
    for name, ending in FOLDERS.items():
        place = folder / name
        try:
            paths = sorted(path for path in place.iterdir() if path.name.endswith(ending)) if place.is_dir() else []
        except OSError as error:
            raise PolicyError(f"{place} cannot be read: {error.strerror}") from error
        if len(found) + len(paths) > MOST_ATTACHMENTS:
            raise PolicyError(f"{place}: more than {MOST_ATTACHMENTS} files belong to the policy: remove some")
        for path in paths:
            found[f"{name}/{path.name}"] = read_file(path)
    check_attachments(found)
    return found


def check_attachments(attachments: Mapping[str, bytes]) -> None:
    """Raise PolicyError where a path is none of a bundle's, or the files are too many or too large."""
    if len(attachments) > MOST_ATTACHMENTS:
        raise PolicyError(f"more than {MOST_ATTACHMENTS} files belong to the policy: remove some")
    total = 0
    for path, source in attachments.items():
        if not _PATH.fullmatch(path):
            raise PolicyError(
                f"{path}: rename it: a file of the policy is abis/NAME.json or lists/NAME.txt, its name letters, "
                "digits and any of _ . + - (64 at most, a letter or digit first)"
            )
        if len(source) > LARGEST_ATTACHMENT_BYTES:
            raise PolicyError(f"{path} is larger than {LARGEST_ATTACHMENT_BYTES} bytes: split it")
        total += len(source)
    if total > LARGEST_ATTACHMENTS_BYTES:
        raise PolicyError(f"the files beside the policy have {total} bytes, at most {LARGEST_ATTACHMENTS_BYTES}")
