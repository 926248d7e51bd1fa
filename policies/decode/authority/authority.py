"""Functions that hand over authority, named wherever they are called: owners, roles, code, modules, operators."""

from __future__ import annotations

from typing import Any

from ....wallets.call import Call, Operation
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function


def _ownership(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    new_owner = next((value for value in reversed(arguments) if isinstance(value, str)), None)
    draft.add(Kind.OWNERSHIP_CHANGE, frame, counterparty=new_owner)


def _code_and_call(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """The new code is called at once, as the proxy: the last two arguments are that code and its calldata."""
    _ownership(draft, frame, arguments)
    proxy = arguments[0] if len(arguments) == 3 and isinstance(arguments[0], str) else frame.target
    code, data = arguments[-2:]
    if data:
        call = Call(to=code, data=data, operation=Operation.DELEGATECALL)
        draft.descend(frame, (call,), sender=proxy, known=False)


def _module(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    module = next((value for value in reversed(arguments) if isinstance(value, str)), None)
    draft.add(Kind.MODULE_CHANGE, frame, counterparty=module)


def _authorize_operator(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=arguments[0])


def _operator(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    operator, approved = arguments
    entry = draft.token(frame.target)
    if approved:
        draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=operator)
    elif entry is not None and entry.kind in ("erc721", "erc1155"):
        draft.add(Kind.REVOCATION, frame, asset=frame.target, amount=0, counterparty=operator)
    else:
        draft.unknown(f"what setApprovalForAll does on {frame.target}", frame)


OWNERS = (
    # EIP-173, Ownable2Step, Solady's Ownable, Boring and Synthetix owners, ds-auth
    "transferOwnership(address)",
    "transferOwnership(address,bool,bool)",
    "acceptOwnership()",
    "claimOwnership()",
    "renounceOwnership()",
    "requestOwnershipHandover()",
    "cancelOwnershipHandover()",
    "completeOwnershipHandover(address)",
    "nominateNewOwner(address)",
    "setOwner(address)",
    "changeOwner(address)",
    "setAuthority(address)",
    # admins and governors as Compound, Aave, Yearn, Curve and Zodiac name them
    "changeAdmin(address)",
    "setAdmin(address)",
    "setPendingAdmin(address)",
    "acceptAdmin()",
    "_setPendingAdmin(address)",
    "_acceptAdmin()",
    "setGovernance(address)",
    "setPendingGovernance(address)",
    "acceptGovernance()",
    "setGov(address)",
    "setController(address)",
    "commit_transfer_ownership(address)",
    "apply_transfer_ownership()",
    "accept_transfer_ownership()",
    "setAvatar(address)",
    "setTarget(address)",
    "setDelay(uint256)",
    "updateDelay(uint256)",
)
ROLES = (
    # AccessControl, its default admin rules, AccessManager
    "grantRole(bytes32,address)",
    "revokeRole(bytes32,address)",
    "renounceRole(bytes32,address)",
    "setRoleAdmin(bytes32,bytes32)",
    "beginDefaultAdminTransfer(address)",
    "acceptDefaultAdminTransfer()",
    "cancelDefaultAdminTransfer()",
    "changeDefaultAdminDelay(uint48)",
    "rollbackDefaultAdminDelay()",
    "grantRole(uint64,address,uint32)",
    "revokeRole(uint64,address)",
    "renounceRole(uint64,address)",
    "setRoleAdmin(uint64,uint64)",
    "setRoleGuardian(uint64,uint64)",
    "setGrantDelay(uint64,uint32)",
    "setTargetAdminDelay(address,uint32)",
    "setTargetFunctionRole(address,bytes4[],uint64)",
    "setTargetClosed(address,bool)",
    "updateAuthority(address,address)",
    # Solady's and Solmate's roles, Maker's wards, USDC's masters
    "grantRoles(address,uint256)",
    "revokeRoles(address,uint256)",
    "renounceRoles(uint256)",
    "setUserRole(address,uint8,bool)",
    "setRoleCapability(uint8,address,bytes4,bool)",
    "setPublicCapability(address,bytes4,bool)",
    "rely(address)",
    "deny(address)",
    "updateMasterMinter(address)",
    "configureMinter(address,uint256)",
    "updatePauser(address)",
    "updateBlacklister(address)",
    "updateRescuer(address)",
    "setMinter(address)",
    # Aave v3: ACLManager and PoolAddressesProvider
    "setACLAdmin(address)",
    "setACLManager(address)",
    *(
        f"{verb}{role}(address)"
        for verb in ("add", "remove")
        for role in ("PoolAdmin", "EmergencyAdmin", "RiskAdmin", "AssetListingAdmin", "FlashBorrower", "Bridge")
    ),
)
CODE = (
    # ERC-1967 and beacons, ProxyAdmin
    "upgradeTo(address)",
    "upgrade(address,address)",
    "changeProxyAdmin(address,address)",
    # Compound's and Aave's
    "_setImplementation(address)",
    "_setImplementation(address,bool,bytes)",
    "_setPendingImplementation(address)",
    "_acceptImplementation()",
    "_become(address)",
    "setImplementation(address)",
    "setAddress(bytes32,address)",
    "setAddressAsProxy(bytes32,address)",
    "setPoolImpl(address)",
    "setPoolConfiguratorImpl(address)",
    "setPriceOracle(address)",
    "setPriceOracleSentinel(address)",
    "setPoolDataProvider(address)",
    "changeMasterCopy(address)",
)
CODE_AND_CALL = (
    "upgradeToAndCall(address,bytes)",
    "upgradeAndCall(address,address,bytes)",
    "diamondCut((address,uint8,bytes4[])[],address,bytes)",
)
SAFE_OWNERS = (
    "addOwnerWithThreshold(address,uint256)",
    "removeOwner(address,address,uint256)",
    "swapOwner(address,address,address)",
    "changeThreshold(uint256)",
)
MODULES = (
    "enableModule(address)",
    "disableModule(address,address)",
    "setGuard(address)",
    "setModuleGuard(address)",
    "setFallbackHandler(address)",
    # ERC-7579
    "installModule(uint256,address,bytes)",
    "uninstallModule(uint256,address,bytes)",
)
AUTHORITY = (
    *(Function(signature, _ownership, payable=True) for signature in (*OWNERS, *ROLES, *CODE, *SAFE_OWNERS)),
    *(Function(signature, _code_and_call, payable=True) for signature in CODE_AND_CALL),
    *(Function(signature, _module, payable=True) for signature in MODULES),
    Function("setApprovalForAll(address,bool)", _operator),
    # ERC-777 and ERC-6909
    Function("authorizeOperator(address)", _authorize_operator),
    Function("setOperator(address,bool)", _operator),
)
