"""policies: see docs/architecture."""
