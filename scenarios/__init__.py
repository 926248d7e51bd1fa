"""scenarios: see docs/architecture."""
