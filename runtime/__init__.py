"""runtime: see docs/architecture."""
