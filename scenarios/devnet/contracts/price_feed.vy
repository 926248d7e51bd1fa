# pragma version 0.4.3
# pragma evm-version cancun
"""
@title Price feed of treasurer's devnet
@license Apache-2.0
@notice Answers as a Chainlink AggregatorV3Interface does; its owner sets the answer.
"""

event AnswerUpdated:
    current: indexed(int256)
    roundId: indexed(uint256)
    updatedAt: uint256

struct Round:
    answer: int256
    updated_at: uint256

version: public(constant(uint256)) = 4
decimals: public(immutable(uint8))
owner: public(immutable(address))
description: public(String[64])
latestRound: public(uint256)
rounds: HashMap[uint256, Round]


@deploy
def __init__(description: String[64], decimals_: uint8, answer: int256):
    self.description = description
    decimals = decimals_
    owner = msg.sender
    self._set(answer)


@external
def setAnswer(answer: int256):
    assert msg.sender == owner, "only the owner sets the answer"
    self._set(answer)


@view
@external
def latestAnswer() -> int256:
    return self.rounds[self.latestRound].answer


@view
@external
def latestTimestamp() -> uint256:
    return self.rounds[self.latestRound].updated_at


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    return self._round(self.latestRound)


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    return self._round(convert(round_id, uint256))


@view
@internal
def _round(number: uint256) -> (uint80, int256, uint256, uint256, uint80):
    found: Round = self.rounds[number]
    assert found.updated_at > 0, "No data present"
    round_id: uint80 = convert(number, uint80)
    return round_id, found.answer, found.updated_at, found.updated_at, round_id


@internal
def _set(answer: int256):
    number: uint256 = self.latestRound + 1
    self.latestRound = number
    self.rounds[number] = Round(answer=answer, updated_at=block.timestamp)
    log AnswerUpdated(current=answer, roundId=number, updatedAt=block.timestamp)
