"""The application: its commands, `--verbose` on every one of them, and what an error looks like.

Exit codes: 0 done, 1 a node failed, 2 the call or the document is wrong, 130 cancelled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import typer

from nodegraph.errors import Cancelled, NodegraphError

Function = TypeVar("Function", bound=Callable[..., Any])

_VERBOSE_HELP = "Show the trace of an error, and what goes on; on every command."

#: What the parser raises for a wrong call, whichever click typer stands on.
_CallError: type[Any] = typer.BadParameter.__mro__[2]


class _Mood:
    """How talkative this run is."""

    verbose = False


def _be_verbose() -> None:
    import logging

    _Mood.verbose = True
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"nodegraph {version('nodegraph')}")
        raise typer.Exit


app = typer.Typer(
    name="nodegraph",
    help="A real-time node-graph compositor: cook, render and look into .graph documents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help=_VERBOSE_HELP)] = False,
) -> None:
    pass


def command(name: str) -> Callable[[Function], Function]:
    """Register a function as a command."""
    return app.command(name)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; its exit code. An error is one line on stderr."""
    from nodegraph.cli import checkout, documents, editing, library, models, rendering  # noqa: F401  they register themselves

    _Mood.verbose = False
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--verbose" in given:  # before or after the command's name
        given = [word for word in given if word != "--verbose"]
        _be_verbose()
    try:
        code = typer.main.get_command(app)(given, prog_name="nodegraph", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except NodegraphError as error:
        return _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("cancelled", Cancelled.exit_code)
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        return 0
    except _CallError as error:
        return _wrong_call(error)
    except MemoryError:
        return _fail("out of memory (lower --memory or --scale)", 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", 1)
    except Exception as error:
        return _fail(f"this is our mistake: {type(error).__name__}: {error} (--verbose shows the trace; report it)", 1)


def _wrong_call(error: Any) -> int:
    text = error.format_message().strip().replace("\n", " ")
    if not text:  # asked for nothing: the help was shown
        return 2
    context = getattr(error, "ctx", None)
    return _fail(f"{text.rstrip('.')} (see `{context.command_path if context else 'nodegraph'} --help`)", 2)


def _fail(text: str, code: int) -> int:
    if _Mood.verbose:
        import traceback

        traceback.print_exc()
    print(f"nodegraph: {' '.join(text.split())}", file=sys.stderr)
    return code
