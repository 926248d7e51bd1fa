"""wallets: see docs/architecture."""
