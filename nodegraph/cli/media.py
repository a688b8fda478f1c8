"""What `nodegraph info` says of pictures and clips."""

from __future__ import annotations


def media_info(path: str) -> None:
    """Print what a picture, sequence or clip is."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nodegraph.media.info import describe_media

    info = describe_media(path)
    console = Console(highlight=False)
    console.print(f"{escape(path)}: {info.kind}")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for what, value in info.facts:
        table.add_row(what, escape(value))
    console.print(table)
    told = [[(what, value) for what, value in part if value] for part in info.parts]
    if len(told) > 1 or any(what == "samples" for part in told for what, _ in part):
        for part in told:
            console.print("  " + escape(", ".join(f"{what} {value}" for what, value in part)))
