"""The signature lines that we write have the selectors that are published for these contracts."""

from __future__ import annotations

import pytest

from treasurer.policies.decode.registry import BY_KIND, function_of

PUBLISHED = {
    "erc20": """
        a9059cbb transfer 23b872dd transferFrom 095ea7b3 approve 39509351 increaseAllowance a457c2d7 decreaseAllowance
        d505accf permit 8fcbaf0c permit e3ee160e transferWithAuthorization ef55bec6 receiveWithAuthorization
        5c19a95c delegate c04a8a10 approveDelegation""",
    "weth9": "d0e30db0 deposit 2e1a7d4d withdraw a9059cbb transfer 23b872dd transferFrom 095ea7b3 approve",
    "aave-v3-pool": """
        617ba037 supply e8eda9df deposit 69328dec withdraw a415bcad borrow 573ade81 repay 2dad97d4 repayWithATokens
        5a3b74b9 setUserUseReserveAsCollateral 28530a47 setUserEMode""",
    "uniswap-v3-router": """
        04e45aaf exactInputSingle b858183f exactInput 5023b4df exactOutputSingle 09b81346 exactOutput
        472b43f3 swapExactTokensForTokens 42712a67 swapTokensForExactTokens ac9650d8 multicall 5ae401dc multicall
        1f0464d1 multicall 49404b7c unwrapWETH9 49616997 unwrapWETH9 df2ab5bb sweepToken e90a182f sweepToken
        12210e8a refundETH 1c58db4f wrapETH f2d5d56b pull f3995c67 selfPermit c2e3140a selfPermitIfNecessary
        4659a494 selfPermitAllowed a4a78f0c selfPermitAllowedIfNecessary""",
    "uniswap-v2-router": """
        38ed1739 swapExactTokensForTokens 8803dbee swapTokensForExactTokens 7ff36ab5 swapExactETHForTokens
        4a25d94a swapTokensForExactETH 18cbafe5 swapExactTokensForETH fb3bdb41 swapETHForExactTokens
        5c11d795 swapExactTokensForTokensSupportingFeeOnTransferTokens
        b6f9de95 swapExactETHForTokensSupportingFeeOnTransferTokens
        791ac947 swapExactTokensForETHSupportingFeeOnTransferTokens""",
    "permit2": """
        87517c45 approve 2b67b570 permit 2a2d80d1 permit 36c78516 transferFrom 0d58b1db transferFrom cc53287f lockdown
        65d9723c invalidateNonces 3ff9dcb1 invalidateUnorderedNonces""",
    "governor": "56781388 castVote 7b3c71d3 castVoteWithReason",
    "anything": """
        f2fde38b transferOwnership 715018a6 renounceOwnership 2f2ff15d grantRole d547741f revokeRole
        36568abe renounceRole
        3659cfe6 upgradeTo 4f1ef286 upgradeToAndCall 8f283970 changeAdmin 0d582f13 addOwnerWithThreshold
        f8dc5dd9 removeOwner e318b52b swapOwner 694e80c3 changeThreshold 610b5925 enableModule e009cfde disableModule
        e19a9dd9 setGuard e068df37 setModuleGuard f08a0323 setFallbackHandler a22cb465 setApprovalForAll
        42842e0e safeTransferFrom b88d4fde safeTransferFrom f242432a safeTransferFrom 2eb2c2d6 safeBatchTransferFrom""",
}
LINES = [
    (kind, digits, name)
    for kind, text in PUBLISHED.items()
    for digits, name in zip(text.split()[::2], text.split()[1::2], strict=True)
]


@pytest.mark.parametrize(("kind", "digits", "name"), LINES)
def test_a_published_selector_finds_its_function(kind: str, digits: str, name: str) -> None:
    function = function_of((kind,), bytes.fromhex(digits))
    assert function is not None
    assert function.signature.partition("(")[0] == name


def test_no_venue_reads_the_functions_of_another() -> None:
    transfer = bytes.fromhex("a9059cbb")
    assert [kind for kind in BY_KIND if function_of((kind,), transfer)] == ["erc20", "weth9"]
    assert function_of((), transfer) is None
    assert function_of(("aave-v3-pool",), bytes.fromhex("82ad56cb")) is None
