// Writes the files of the folder above, one registry a chain, from the protocols' own data packages, pinned in package.json.
// Needed only when a pin changes:
//
//   cp generate.mjs package.json package-lock.json /tmp/registries && cd /tmp/registries
//   npm ci --ignore-scripts --legacy-peer-deps && node generate.mjs OUT
//
// Every row names its source as "package@version path". No code hash is written but those that the packages hold.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const AAVE = '@aave-dao/aave-address-book';
const SAFE = '@safe-global/safe-deployments';
const UNISWAP = '@uniswap/sdk-core';
const pinned = JSON.parse(readFileSync(new URL('package.json', import.meta.url))).dependencies;
const aave = require(AAVE);
const uniswap = require(UNISWAP);

// Ours, not the packages': after how long an answer is too old. An hour where the price moves (Chainlink's own heartbeat there is an
// hour or less, or its deviation threshold is crossed sooner), a day where it does not; five minutes for an update to be included.
const MOVING_SECONDS = 3600 + 300;
const STABLE_SECONDS = 86400 + 300;

// Uniswap's first Quoter. Its functions over paths, which are what tools read, answer the amount first, as QuoterV2's do.
const QUOTER_V1 = '0xb27308f9F90D607463bb33eA1BeBb41C27CE5AB6';

// The label that people use, Aave's key of the asset, Chainlink's pair. Bridged USDC is a token of its own.
const ETHER = ['weth', 'WETH', 'ETH__USD', MOVING_SECONDS];
const COMMON = [
  ['dai', 'DAI', 'DAI__USD', STABLE_SECONDS],
  ['link', 'LINK', 'LINK__USD', MOVING_SECONDS],
  ['usdt', 'USDT', 'USDT__USD', STABLE_SECONDS],
  ['wbtc', 'WBTC', 'WBTC__USD', MOVING_SECONDS],
];
const USDC = ['usdc', 'USDC', 'USDC__USD', STABLE_SECONDS];
const USDC_AND_BRIDGED = [
  ['usdc', 'USDCn', 'USDC__USD', STABLE_SECONDS],
  ['usdc.e', 'USDC', null, null],
];

const CHAINS = [
  { id: 1, name: 'ethereum', data: 'Ethereum', tokens: [ETHER, USDC, ...COMMON] },
  { id: 8453, name: 'base', data: 'Base', tokens: [ETHER, USDC, ['cbbtc', 'cbBTC', 'cbBTC__USD', MOVING_SECONDS]] },
  { id: 42161, name: 'arbitrum', data: 'Arbitrum', tokens: [ETHER, ...USDC_AND_BRIDGED, ...COMMON] },
  { id: 10, name: 'optimism', data: 'Optimism', tokens: [ETHER, ...USDC_AND_BRIDGED, ...COMMON] },
  {
    id: 137,
    name: 'polygon',
    data: 'Polygon',
    tokens: [
      ETHER,
      ...USDC_AND_BRIDGED,
      ...COMMON.filter(([label]) => label !== 'usdt'),
      ['usdt', 'USDT0', 'USDT__USD', STABLE_SECONDS],
      // The pair kept its name when the coin was renamed; Aave prices WPOL by the same contract, which is asserted below.
      ['wpol', 'WPOL', 'MATIC__USD', MOVING_SECONDS],
    ],
    native: ['POL', 'wpol'],
  },
  { id: 11155111, name: 'sepolia', data: 'Sepolia', tokens: [ETHER, USDC, ...COMMON] },
  { id: 84532, name: 'base-sepolia', data: 'BaseSepolia', tokens: [ETHER, USDC] },
];

const SAFE_CONTRACTS = {
  'safe-fallback-handler': 'compatibility_fallback_handler',
  'safe-multisend': 'multi_send',
  'safe-multisend-call-only': 'multi_send_call_only',
  'safe-proxy-factory': 'safe_proxy_factory',
  'safe-singleton': 'safe',
  'safe-singleton-l2': 'safe_l2',
};

const source = (name, path) => `${name}@${pinned[name]} ${path}`;
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const same = (a, b) => a.toLowerCase() === b.toLowerCase();

function check(condition, message) {
  if (!condition) throw new Error(message);
}

function tokensOf(chain, market, feeds) {
  const wrapped = uniswap.WETH9[chain.id].address;
  const native = chain.native?.[1] ?? 'weth';
  const tokens = {};
  for (const [label, key, pair, heartbeat] of chain.tokens) {
    const asset = market.ASSETS[key];
    if (!asset) continue;
    const feed = pair && feeds[pair];
    const from = [source(AAVE, `AaveV3${chain.data}.ASSETS.${key}`)];
    if (feed) from.push(`feed: Chainlink${chain.data}.${pair}`);
    // Aave's test markets have a wrapped ether of their own, which Uniswap does not trade.
    const isWrapped = same(asset.UNDERLYING, wrapped);
    tokens[label === native && !isWrapped ? `aave-${label}` : label] = {
      address: asset.UNDERLYING,
      decimals: asset.decimals,
      kind: isWrapped ? 'weth9' : 'erc20',
      permit: null,
      domain: null,
      feed: feed || null,
      heartbeat_seconds: feed ? heartbeat : null,
      source: from.join('; '),
    };
  }
  tokens[native] ??= {
    address: wrapped,
    decimals: 18,
    kind: 'weth9',
    permit: null,
    domain: null,
    feed: feeds.ETH__USD ?? null,
    heartbeat_seconds: feeds.ETH__USD ? MOVING_SECONDS : null,
    source: source(UNISWAP, `WETH9[${chain.id}]`),
  };
  check(same(tokens[native].address, wrapped), `${chain.name}: ${native} is not the wrapped native coin`);
  if (native === 'wpol') check(same(tokens.wpol.feed, market.ASSETS.WPOL.ORACLE), 'polygon: Aave prices WPOL by another feed');
  return sorted(tokens);
}

function venuesOf(chain, market, tokens) {
  const addresses = uniswap.CHAIN_TO_ADDRESSES_MAP[chain.id];
  const reserves = {};
  for (const [key, asset] of Object.entries(market.ASSETS)) {
    const label = Object.keys(tokens).find((name) => same(tokens[name].address, asset.UNDERLYING));
    if (label) reserves[label] = { a_token: asset.A_TOKEN, variable_debt_token: asset.V_TOKEN };
  }
  const venues = {
    'aave-v3': {
      kind: 'aave-v3-pool',
      address: market.POOL,
      addresses_provider: market.POOL_ADDRESSES_PROVIDER,
      oracle: market.ORACLE,
      data_provider: market.AAVE_PROTOCOL_DATA_PROVIDER,
      reserves: sorted(reserves),
      source: source(AAVE, `AaveV3${chain.data}`),
    },
    'uniswap-v3': {
      kind: 'uniswap-v3-router',
      address: uniswap.SWAP_ROUTER_02_ADDRESSES(chain.id),
      factory: addresses.v3CoreFactoryAddress,
      quoter: addresses.quoterAddress,
      quoter_kind: same(addresses.quoterAddress, QUOTER_V1) ? 'quoter' : 'quoter-v2',
      position_manager: addresses.nonfungiblePositionManagerAddress,
      fee_tiers: [100, 500, 3000, 10000],
      source: source(UNISWAP, `SWAP_ROUTER_02_ADDRESSES(${chain.id}), CHAIN_TO_ADDRESSES_MAP[${chain.id}]`),
    },
  };
  const router = uniswap.V2_ROUTER_ADDRESSES[chain.id];
  if (router) {
    venues['uniswap-v2'] = {
      kind: 'uniswap-v2-router',
      address: router,
      factory: uniswap.V2_FACTORY_ADDRESSES[chain.id],
      source: source(UNISWAP, `V2_ROUTER_ADDRESSES[${chain.id}], V2_FACTORY_ADDRESSES[${chain.id}]`),
    };
  }
  return sorted(venues);
}

function contractsOf(chain) {
  const contracts = {};
  for (const [label, file] of Object.entries(SAFE_CONTRACTS)) {
    const path = `dist/assets/v1.4.1/${file}.json`;
    const asset = JSON.parse(readFileSync(join('node_modules', SAFE, path)));
    const named = asset.networkAddresses[chain.id];
    if (!named) continue;
    const { address, codeHash } = asset.deployments[[named].flat()[0]];
    contracts[label] = { address, code_hash: codeHash, source: source(SAFE, path) };
  }
  return contracts;
}

const out = process.argv[2];
check(out, 'usage: node generate.mjs OUT');
mkdirSync(out, { recursive: true });
for (const chain of CHAINS) {
  const market = aave[`AaveV3${chain.data}`];
  const feeds = aave[`Chainlink${chain.data}`] ?? {};
  check(market.CHAIN_ID === chain.id, `${chain.name}: Aave's market is for chain ${market.CHAIN_ID}`);
  const tokens = tokensOf(chain, market, feeds);
  const [symbol, wrapped] = chain.native ?? ['ETH', 'weth'];
  const registry = {
    chain_id: chain.id,
    name: chain.name,
    native: { symbol, decimals: 18, feed: tokens[wrapped].feed, heartbeat_seconds: tokens[wrapped].heartbeat_seconds },
    wrapped_native: wrapped,
    tokens,
    venues: venuesOf(chain, market, tokens),
    contracts: contractsOf(chain),
  };
  writeFileSync(join(out, `${chain.name}.json`), JSON.stringify(registry, null, 2) + '\n');
}
