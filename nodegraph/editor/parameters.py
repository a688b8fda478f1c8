"""The parameter panel: which nodes it shows, what their parameters are worth, and every edit of them.

An edit is one step of undo, and so is a whole drag. What the document refuses is left as it was,
and `notice` says why. Paths are from the root of the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from nodegraph.editor import edits, typed
from nodegraph.editor.linking import references
from nodegraph.editor.parts import chosen, param_of, split
from nodegraph.editor.presets import Presets
from nodegraph.editor.rows import Row, read_row
from nodegraph.editor.showing import Shown
from nodegraph.editor.values import copy_values, read_values, setting_values, values_of
from nodegraph.errors import DocumentError
from nodegraph.graph import Graph, Param

#: Numbers of drags, so that those of two panels aren't taken for one.
_DRAGS = count()


class Sheet(Shown):
    """The panel on one document. A `component` of None means all of a vector's."""

    def __init__(self, document: Graph, presets: Presets | None = None) -> None:
        super().__init__(document)
        self.presets = presets
        #: Why the last wish wasn't granted; "" when it was.
        self.notice = ""
        self._merge: str | None = None
        #: What nodes were worth when the drag began, by path and parameter.
        self._origins: dict[tuple[str, str], list[Any]] = {}

    def rows(self, path: str, frame: float) -> list[Row]:
        """The parameters of a node at a frame; none for a node that is gone or whose type is missing."""
        found = self.document.find(path)
        signature = found[0].signature_of(found[1]) if found is not None else None
        if found is None or signature is None:
            return []
        graph, node = found
        return [read_row(graph, node, p, signature.defaults[p.name], frame) for p in signature.params.values()]

    # -- values

    def change(
        self,
        path: str,
        param: str,
        value: Any,
        frame: float,
        component: int | None = None,
        *,
        drag: bool = False,
        replace: bool = False,
    ) -> None:
        """A new value: a key where the parameter is animated, else a constant.

        Of a vector that is set whole, only animated components whose value changes get a key. An
        expression stays, with a notice, unless it is to be replaced. Values of a drag are held
        to the hard range, and rounded where they must be whole; `settle` ends the drag.
        """
        with self._granting():
            if drag:
                value = edits.fitted(param_of(self.document, path, param)[2], value)
            merge = self._dragging() if drag else None
            edits.change(self.document, path, param, value, frame, component, merge=merge, replace=replace)

    def change_together(
        self,
        paths: Sequence[str],
        param: str,
        value: Any,
        frame: float,
        component: int | None = None,
        *,
        drag: bool = False,
    ) -> None:
        """A new value for several nodes, as one step; a drag of the first moves the others' numbers by as much."""
        if not paths:
            return
        with self._granting():
            leader = param_of(self.document, paths[0], param)[2]
            value = edits.fitted(leader, value) if drag else value
            wanted = dict.fromkeys(paths, value)
            if drag and edits.numeric(leader):
                for path in paths[1:]:
                    wanted[path] = self._moved(paths[0], path, param, value, frame, component)
            with self.document.batch(f"set {param}", merge=self._dragging() if drag else None):
                for path, new in wanted.items():
                    edits.change(self.document, path, param, new, frame, component)

    def _moved(self, lead: str, path: str, param: str, value: Any, frame: float, component: int | None) -> Any:
        """What a node is worth that moves with the first one of a drag, whose value is new."""
        held = param_of(self.document, path, param)[2]
        came, own = self._origin(lead, param, frame), self._origin(path, param, frame)
        if held.length == 1 or component is not None:
            i = component or 0
            return edits.fitted(held, own[i] + value - came[i])
        return edits.fitted(held, [mine + v - old for mine, v, old in zip(own, value, came, strict=True)])

    def _origin(self, path: str, param: str, frame: float) -> list[Any]:
        if (path, param) not in self._origins:
            held = param_of(self.document, path, param)[2]
            self._origins[path, param] = split(held, edits.value_at(self.document, path, param, frame))
        return self._origins[path, param]

    def settle(self) -> None:
        """A drag is over: the next one is a step of its own."""
        if self._merge is not None:
            self.document.history.settle()
        self._merge = None
        self._origins.clear()

    def type(
        self, path: str, param: str, text: str, frame: float, component: int | None = None, *, replace: bool = False
    ) -> None:
        """A value as typed (see `nodegraph.editor.typed`), "=..." for an expression; text is taken as it is."""
        with self._granting():
            held = param_of(self.document, path, param)[2]
            if held.animatable and text.strip().startswith("="):
                self._express(path, held, text, component)
            else:
                value = edits.read_typed(self.document, path, param, text, frame, component)
                edits.change(self.document, path, param, value, frame, component, replace=replace)

    def reset(self, path: str, param: str, component: int | None = None) -> None:
        """Back to the default; keys and expressions go."""
        with self._granting():
            edits.reset(self.document, path, param, component)

    # -- keys

    def toggle_key(self, path: str, param: str, frame: float, component: int | None = None) -> None:
        """A key on the value that is there now; if there is one already, it goes."""
        with self._granting():
            edits.toggle_key(self.document, path, param, frame, component)

    def remove_key(self, path: str, param: str, frame: float, component: int | None = None) -> None:
        """The key on a frame goes; with the last one the parameter is a constant again."""
        with self._granting():
            edits.remove_key(self.document, path, param, frame, component)

    def next_key(self, frame: float, path: str | None = None, param: str | None = None) -> float | None:
        """The first frame after this one with a key: of a parameter, of a node, or of all that are shown."""
        return min((f for f in self._key_frames(path, param) if f > frame), default=None)

    def previous_key(self, frame: float, path: str | None = None, param: str | None = None) -> float | None:
        """The last frame before this one with a key."""
        return max((f for f in self._key_frames(path, param) if f < frame), default=None)

    def _key_frames(self, path: str | None, param: str | None) -> set[float]:
        paths = self.nodes if path is None else [path] if path in self.document else []
        return edits.key_frames(self.document, paths, param)

    # -- expressions

    def set_expression(self, path: str, param: str, text: str, component: int | None = None) -> None:
        """An expression, with "=" before it or not, in place of what was there; one for all, or "a, b, c"."""
        with self._granting():
            self._express(path, param_of(self.document, path, param)[2], text, component)

    def _express(self, path: str, held: Param, text: str, component: int | None) -> None:
        which = chosen(held, component)
        texts = typed.items(text.strip().removeprefix("="), len(which))
        texts = [part.strip().removeprefix("=").strip() for part in texts]
        edits.express(self.document, path, held.name, dict(zip(which, texts, strict=True)))

    def clear_expression(self, path: str, param: str, frame: float, component: int | None = None) -> None:
        """The value of now stays in place of an expression; of one that fails, the default."""
        with self._granting():
            edits.clear_expression(self.document, path, param, frame, component)

    def link(self, source: str, path: str, param: str, component: int | None = None) -> None:
        """A parameter follows another, `source` ("group/node.param" or "node.param.x"), by an expression.

        A vector follows a vector component by component, or a number with all of its components.
        """
        with self._granting():
            inside, node, held = param_of(self.document, path, param)
            wanted = chosen(held, component)
            found = references(self.document, source, inside, node, held, wanted)
            edits.express(self.document, path, param, found)
            left = [i for i in wanted if i not in found]
            if left:
                self.notice = f"{path}: no expression can name component {left[0] + 1} of {source}: it stays as it was"

    # -- copies and presets

    def copy(self, path: str, param: str | None = None) -> str:
        """One parameter, or all of a node, as text; "" when there is none."""
        with self._granting():
            return copy_values(self.document, path, param)
        return ""

    def paste(self, text: str, path: str, param: str | None = None) -> None:
        """Copied values come into a node by their names, or a single one into `param`, whatever its name was."""
        with self._granting():
            values = read_values(text)
            if param is not None:
                if len(values) > 1 and param not in values:
                    raise DocumentError(f"there is no {param!r} in the clipboard", where=path, hint="paste on the node")
                values = {param: values.get(param, next(iter(values.values())))}
            self._set_values(path, values, "paste")

    def save_preset(self, path: str, name: str) -> None:
        """Keep a node's values under a name, for all nodes of its type."""
        with self._granting():
            self._presets().save(self.document.node(path).type, name, values_of(self.document, path))

    def apply_preset(self, path: str, name: str) -> None:
        """Give a node the values of a preset, as one step; parameters that the preset doesn't know stay."""
        with self._granting():
            values = self._presets().load(self.document.node(path).type, name)
            self._set_values(path, values, f"preset {name}")

    def remove_preset(self, path: str, name: str) -> None:
        with self._granting():
            self._presets().remove(self.document.node(path).type, name)

    def preset_names(self, path: str) -> list[str]:
        """The presets there are for a node."""
        with self._granting():
            return self._presets().names(self.document.node(path).type)
        return []

    def _presets(self) -> Presets:
        if self.presets is None:
            raise DocumentError("there is no folder for presets", hint="choose one in the preferences")
        return self.presets

    def _set_values(self, path: str, values: dict[str, Any], label: str) -> None:
        command, unknown = setting_values(self.document, path, values)
        if command.commands:
            self.document.do(command, label=label)
        if unknown:
            self.notice = f"{path}: has no parameter {', '.join(unknown)}: the others are set"

    # -- steps

    def _dragging(self) -> str:
        """The merge key of the drag that is under way."""
        if self._merge is None:
            self._merge = f"drag {next(_DRAGS)}"
        return self._merge

    @contextmanager
    def _granting(self) -> Iterator[None]:
        """What the document refuses becomes the notice."""
        self.notice = ""
        try:
            yield
        except DocumentError as error:
            self.notice = str(error)
