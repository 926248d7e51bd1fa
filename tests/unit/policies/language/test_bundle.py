"""The bundle: with the files beside the policy one CID, and without any the CID that it always had."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treasurer.policies.book.attachments import (
    LARGEST_ATTACHMENT_BYTES,
    LARGEST_ATTACHMENTS_BYTES,
    MOST_ATTACHMENTS,
)
from treasurer.policies.errors import DocumentError, PolicyError
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.cid import cid_link, cid_of, decode_block

POLICY = b"version: 1\nname: t\nchains: [1]\n"
BOOK = b"version: 1\n"
WITHOUT_FILES = "bafyreigampwf2ltyblgrdt7rk5ijci7mr244zs3r527mvvl5ud7zasxgum"
ABI = json.dumps([{"type": "function", "name": "poke", "inputs": []}]).encode()


def test_a_bundle_without_files_keeps_the_cid_that_it_always_had() -> None:
    assert PolicyBundle.from_bytes(POLICY, BOOK).cid == WITHOUT_FILES


def test_every_byte_and_every_name_of_a_file_is_in_the_cid() -> None:
    cids = {
        PolicyBundle.from_bytes(POLICY, BOOK, files).cid
        for files in (
            {},
            {"abis/a.json": ABI},
            {"abis/a.json": ABI + b" "},
            {"abis/b.json": ABI},
            {"lists/a.txt": b""},
            {"abis/a.json": ABI, "lists/a.txt": b""},
        )
    }
    assert len(cids) == 6


def test_the_blocks_are_all_that_is_needed_to_make_the_bundle_again() -> None:
    files = {"abis/a.json": ABI, "lists/sanctioned.txt": b"0x01\n"}
    bundle = PolicyBundle.from_bytes(POLICY, BOOK, files)
    blocks = {cid_link(cid): block for cid, block in bundle.blocks().items()}
    assert all(cid_link(cid_of(block, link[1])) == link for link, block in blocks.items())
    root = decode_block(blocks[cid_link(bundle.cid)])
    again = PolicyBundle.from_bytes(
        blocks[root["policy"]], blocks[root["book"]], {path: blocks[link] for path, link in root["files"].items()}
    )
    assert again.cid == bundle.cid
    assert again.attachments == files


def test_the_files_beside_the_policy_are_read_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_bytes(POLICY)
    alone = PolicyBundle.read(tmp_path / "policy.yaml", None)
    for path in ("abis/a.json", "abis/notes.md", "lists/bad.txt", "lists/more.csv"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(ABI)
    bundle = PolicyBundle.read(tmp_path / "policy.yaml", None)
    assert dict(bundle.attachments) == {"abis/a.json": ABI, "lists/bad.txt": ABI}
    assert alone.cid == WITHOUT_FILES != bundle.cid


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"abis/../policy.json": ABI}, "rename it"),
        ({"abis/.hidden.json": ABI}, "rename it"),
        ({"other/a.json": ABI}, "rename it"),
        ({f"lists/{number}.txt": b"" for number in range(MOST_ATTACHMENTS + 1)}, "remove some"),
        ({"lists/a.txt": b"." * (LARGEST_ATTACHMENT_BYTES + 1)}, "split it"),
        (
            {
                f"lists/{number}.txt": b"." * LARGEST_ATTACHMENT_BYTES
                for number in range(LARGEST_ATTACHMENTS_BYTES // LARGEST_ATTACHMENT_BYTES + 1)
            },
            "at most",
        ),
    ],
)
def test_files_that_have_no_place_in_a_bundle_are_refused(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        PolicyBundle.from_bytes(POLICY, BOOK, files)


def test_the_faults_of_all_files_are_told_at_once() -> None:
    with pytest.raises(DocumentError) as error:
        PolicyBundle.from_bytes(POLICY, BOOK, {"abis/a.json": b"[", "abis/b.json": b'[{"inputs": []}]'})
    assert [fault.split(": ")[0] for fault in error.value.faults] == ["abis/a.json:1:2", "abis/b.json:1:2"]
