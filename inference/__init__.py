"""inference: see docs/architecture."""
