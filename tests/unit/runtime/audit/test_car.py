"""CAR files: what is written reads back; what is damaged is told, wherever the damage lies."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.runtime.audit import UnusableInput
from treasurer.runtime.audit.car import read_car, write_car
from treasurer.wallets.cid import DAG_CBOR, RAW, cid_bytes, encode_block

BLOCKS = {cid_bytes(data, RAW): data for data in (b"", b"one", b"x" * 400)}
VALUE = encode_block({"links": sorted(BLOCKS)})
ROOT = cid_bytes(VALUE, DAG_CBOR)


def car() -> bytes:
    file = io.BytesIO()
    write_car(file, ROOT, [(ROOT, VALUE), *BLOCKS.items()])
    return file.getvalue()


def test_a_car_reads_back() -> None:
    assert read_car(car()) == (ROOT, {ROOT: VALUE, **BLOCKS})


def test_other_readers_take_it() -> None:
    import libipld

    file = io.BytesIO()
    write_car(file, ROOT, [(ROOT, VALUE)])
    header, blocks = libipld.decode_car(file.getvalue())
    assert header == {"version": 1, "roots": [ROOT]}
    assert blocks == {ROOT: {"links": sorted(BLOCKS)}}


def test_every_flipped_bit_is_seen() -> None:
    whole = car()
    for at in range(len(whole)):
        for bit in range(8):
            bent = bytearray(whole)
            bent[at] ^= 1 << bit
            try:
                root, blocks = read_car(bytes(bent))
            except UnusableInput:
                continue
            # The one change that a reader of blocks cannot see is another root, and that one the file lacks.
            assert root != ROOT
            assert root not in blocks


def test_a_cut_file_is_seen_or_lacks_blocks() -> None:
    whole = car()
    for length in range(len(whole)):
        try:
            _, blocks = read_car(whole[:length])
        except UnusableInput:
            continue
        assert len(blocks) < len(BLOCKS) + 1


@given(st.binary(max_size=200))
def test_junk_is_unusable(data: bytes) -> None:
    with pytest.raises(UnusableInput):
        read_car(data)
