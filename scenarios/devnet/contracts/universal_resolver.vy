# pragma version 0.4.3
# pragma evm-version cancun
"""
@title Universal resolver of treasurer's devnet
@license Apache-2.0
@notice Finds a DNS-encoded name's resolver in the ENS registry and asks it (ENSIP-10), wildcards and CCIP-Read left out.
"""

interface Registry:
    def resolver(node: bytes32) -> address: view

REGISTRY: constant(address) = 0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e
MAX_LABELS: constant(uint256) = 128


@view
@external
def findResolver(name: Bytes[255]) -> (address, bytes32, uint256):
    return self._find(name)


@view
@external
def resolve(name: Bytes[255], data: Bytes[1024]) -> (Bytes[4096], address):
    resolver: address = empty(address)
    node: bytes32 = empty(bytes32)
    offset: uint256 = 0
    resolver, node, offset = self._find(name)
    assert resolver != empty(address), "no resolver"
    assert offset == 0, "the devnet resolves no wildcards"
    answer: Bytes[4096] = raw_call(resolver, data, max_outsize=4096, is_static_call=True)
    return answer, resolver


@view
@internal
def _find(name: Bytes[255]) -> (address, bytes32, uint256):
    offsets: DynArray[uint256, MAX_LABELS] = []
    position: uint256 = 0
    for _: uint256 in range(MAX_LABELS):
        size: uint256 = convert(slice(name, position, 1), uint256)
        if size == 0:
            break
        offsets.append(position)
        position += size + 1
    assert position + 1 == len(name), "not a DNS-encoded name"

    found: address = empty(address)
    found_at: uint256 = position
    node: bytes32 = empty(bytes32)
    count: uint256 = len(offsets)
    for index: uint256 in range(count, bound=MAX_LABELS):
        offset: uint256 = offsets[count - 1 - index]
        size: uint256 = convert(slice(name, offset, 1), uint256)
        node = keccak256(concat(node, keccak256(slice(name, offset + 1, size))))
        resolver: address = staticcall Registry(REGISTRY).resolver(node)
        if resolver != empty(address):
            found = resolver
            found_at = offset
    return found, node, found_at
