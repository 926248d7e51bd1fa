"""Aave v3: pool, configurator, oracle, data provider, interest strategies, and four reserves with liquidity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .deployer import ADMIN, NO_ADDRESS, Deployer
from .prices import FEED_DECIMALS, OPENING_USD, base_units_for
from .tokens import Token

RAY = 10**27
BPS_IN_RAY = RAY // 10_000
VARIABLE_RATE = 2
PLAIN_LIBRARIES = ("SupplyLogic", "BorrowLogic", "LiquidationLogic", "EModeLogic", "BridgeLogic", "PoolLogic")


@dataclass(frozen=True)
class ReserveTerms:
    """Terms of one reserve, in basis points, and what ADMIN supplies and borrows, in US dollars."""

    loan_to_value_bps: int
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int
    reserve_factor_bps: int
    optimal_usage_bps: int
    slope1_bps: int
    slope2_bps: int
    supplied_usd: int
    borrowed_usd: int


TERMS: Mapping[str, ReserveTerms] = {
    "usdc": ReserveTerms(7_500, 7_800, 10_450, 1_000, 9_000, 550, 6_000, 200_000_000, 140_000_000),
    "weth": ReserveTerms(8_050, 8_300, 10_500, 1_500, 8_000, 330, 8_000, 250_000_000, 150_000_000),
    "dai": ReserveTerms(6_300, 7_700, 10_500, 2_500, 8_000, 550, 7_500, 100_000_000, 60_000_000),
    "wbtc": ReserveTerms(7_300, 7_800, 10_500, 2_000, 4_500, 400, 30_000, 300_000_000, 30_000_000),
}


@dataclass(frozen=True)
class Reserve:
    """The tokens of one reserve: what a supplier holds, and what a borrower owes."""

    a_token: str
    variable_debt_token: str


@dataclass(frozen=True)
class AaveV3:
    """Where Aave lies; pool is the proxy, reserves are by token label."""

    pool: str
    addresses_provider: str
    oracle: str
    data_provider: str
    reserves: Mapping[str, Reserve]


def deploy_aave_v3(deployer: Deployer, tokens: Mapping[str, Token]) -> AaveV3:
    """Order matters: roles before the pool, the pool's proxy before the tokens, feeds before the reserves are used."""
    provider = deployer.create("PoolAddressesProvider", "Devnet", ADMIN)
    deployer.send(provider, "setACLAdmin(address)", ADMIN)
    roles = deployer.create("ACLManager", provider)
    deployer.send(provider, "setACLManager(address)", roles)
    deployer.send(roles, "addPoolAdmin(address)", ADMIN)
    deployer.send(roles, "addEmergencyAdmin(address)", ADMIN)
    data_provider = deployer.create("AaveProtocolDataProvider", provider)
    deployer.send(provider, "setPoolDataProvider(address)", data_provider)
    pool, configurator = _deploy_pool(deployer, provider)
    listed = [tokens[label] for label in TERMS]
    oracle = deployer.create(
        "AaveOracle",
        provider,
        [token.address for token in listed],
        [token.feed for token in listed],
        NO_ADDRESS,
        NO_ADDRESS,
        10**FEED_DECIMALS,
    )
    deployer.send(provider, "setPriceOracle(address)", oracle)
    _open_reserves(deployer, provider, pool, configurator, listed)
    _seed(deployer, pool, listed)
    reserves = {}
    for token in listed:
        a_token, _, debt_token = deployer.rpc.call(
            data_provider, "getReserveTokensAddresses(address)", token.address, returns="(address,address,address)"
        )
        reserves[token.label] = Reserve(a_token, debt_token)
    return AaveV3(pool, provider, oracle, data_provider, reserves)


def _deploy_pool(deployer: Deployer, provider: str) -> tuple[str, str]:
    libraries = {name: deployer.create(name) for name in PLAIN_LIBRARIES}
    libraries["FlashLoanLogic"] = deployer.create("FlashLoanLogic", libraries=libraries)
    libraries["ConfiguratorLogic"] = deployer.create("ConfiguratorLogic")
    implementation = deployer.create("Pool", provider, libraries=libraries)
    deployer.send(provider, "setPoolImpl(address)", implementation)
    configurator = deployer.create("PoolConfigurator", libraries=libraries)
    deployer.send(provider, "setPoolConfiguratorImpl(address)", configurator)
    return (
        deployer.rpc.call(provider, "getPool()", returns="(address)"),
        deployer.rpc.call(provider, "getPoolConfigurator()", returns="(address)"),
    )


def _open_reserves(deployer: Deployer, provider: str, pool: str, configurator: str, listed: list[Token]) -> None:
    a_token, stable, variable = (
        deployer.create(name, pool) for name in ("AToken", "StableDebtToken", "VariableDebtToken")
    )
    inputs = [
        (
            a_token,
            stable,
            variable,
            token.decimals,
            _strategy(deployer, provider, TERMS[token.label]),
            token.address,
            ADMIN,
            NO_ADDRESS,
            f"Aave Devnet {token.symbol}",
            f"aDev{token.symbol}",
            f"Aave Devnet Variable Debt {token.symbol}",
            f"variableDebtDev{token.symbol}",
            f"Aave Devnet Stable Debt {token.symbol}",
            f"stableDebtDev{token.symbol}",
            b"",
        )
        for token in listed
    ]
    struct = f"({3 * 'address,'}uint8,{4 * 'address,'}{6 * 'string,'}bytes)"
    for reserve in inputs:
        deployer.send(configurator, f"initReserves({struct}[])", [reserve])
    for token in listed:
        terms = TERMS[token.label]
        deployer.send(
            configurator,
            "configureReserveAsCollateral(address,uint256,uint256,uint256)",
            token.address,
            terms.loan_to_value_bps,
            terms.liquidation_threshold_bps,
            terms.liquidation_bonus_bps,
        )
        deployer.send(configurator, "setReserveBorrowing(address,bool)", token.address, True)
        deployer.send(configurator, "setReserveFactor(address,uint256)", token.address, terms.reserve_factor_bps)
        deployer.send(configurator, "setReserveFlashLoaning(address,bool)", token.address, True)


def _strategy(deployer: Deployer, provider: str, terms: ReserveTerms) -> str:
    return deployer.create(
        "DefaultReserveInterestRateStrategy",
        provider,
        terms.optimal_usage_bps * BPS_IN_RAY,
        0,
        terms.slope1_bps * BPS_IN_RAY,
        terms.slope2_bps * BPS_IN_RAY,
        0,
        0,
        0,
        0,
        0,
    )


def _seed(deployer: Deployer, pool: str, listed: list[Token]) -> None:
    """ADMIN supplies to every reserve, then borrows, so that both sides earn and cost what they do elsewhere."""
    for token in listed:
        amount = base_units_for(TERMS[token.label].supplied_usd, OPENING_USD[token.label], token.decimals)
        deployer.send(token.address, "approve(address,uint256)", pool, amount)
        deployer.send(pool, "supply(address,uint256,address,uint16)", token.address, amount, ADMIN, 0)
    for token in listed:
        amount = base_units_for(TERMS[token.label].borrowed_usd, OPENING_USD[token.label], token.decimals)
        signature = "borrow(address,uint256,uint256,uint16,address)"
        deployer.send(pool, signature, token.address, amount, VARIABLE_RATE, 0, ADMIN)
