"""Published networks by name: MoViNets, X3Ds, ResNets and MobileNets.

`catalogue` knows every name; a file a kind of network has its tables and their source.
"""

from vidnas.architecture.published.catalogue import (
    published,
    published_classes,
    published_names,
)

__all__ = [
    "published",
    "published_classes",
    "published_names",
]
