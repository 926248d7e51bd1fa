# pragma version 0.4.3
# Burns the gas that it is given, and calls back whoever lends to it.
from ethereum.ercs import IERC20

junk: uint256

@external
@payable
def claim():
    for i: uint256 in range(2000):
        self.junk = i + block.number

@external
@payable
def __default__():
    for i: uint256 in range(2000):
        self.junk = i + block.number

@external
def executeOperation(asset: address, amount: uint256, premium: uint256, initiator: address, params: Bytes[1024]) -> bool:
    extcall IERC20(asset).transfer(tx.origin, amount, default_return_value=True)
    return True
