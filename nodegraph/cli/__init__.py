"""The command line: `nodegraph render comp.graph` and its neighbours.

One module per group of commands; what a command needs is imported when it runs, so that
`nodegraph --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    import sys

    from nodegraph.cli.app import run

    sys.exit(run(arguments))


__all__ = ["main"]
