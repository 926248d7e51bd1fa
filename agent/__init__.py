"""agent: see docs/architecture."""
