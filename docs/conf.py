"""Sphinx builds these pages with every warning an error: ``make docs``."""

project = "treasurer"
copyright = "2026, the treasurer authors"
author = "the treasurer authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "treasurer"
