"""models: the catalog of known models, their sources and the cache of verified files.

May import inference's errors and nothing else of treasurer. `python -m treasurer.inference.models pull NAME` works.
"""

from .cache import cache_root
from .catalog import Catalog, Manifest, load_catalog
from .store import ModelStatus, find_model, list_models, pull, remove, verify

__all__ = [
    "Catalog",
    "Manifest",
    "ModelStatus",
    "cache_root",
    "find_model",
    "list_models",
    "load_catalog",
    "pull",
    "remove",
    "verify",
]
