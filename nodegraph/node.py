"""Declaring a node: typed ports, parameters, then what it computes.

    @pixel("nodegraph.colour.exposure", colour=True)
    def exposure(c: V, *, stops: V = Float(0, -20, 20, unit="stops", help="...")) -> V:
        '''Brighten or darken by photographic stops.'''
        return c * exp2(stops)

That is the whole node: the panel, `--set`, the docs page, the file format and the kernels of
every tier come from it. A *pixel* function's positional arguments say what it reads:

- `r g b a`: channels of the (main) input; `c`: each channel in turn (the parameter `channels`
  then chooses which); with several inputs, `fg_r`, `bg_c` and so on;
- `x y`: the pixel's centre, y upward from the bottom of the display window; `width height`:
  the display window's size; `frame`: the frame number.

Its return annotation says what it writes: `RGB`, `RGBA`, `Alpha`, or `V` for `c`. A picture
without an alpha channel reads as opaque (1) inside its data window.

The other kinds are classes that answer questions, each with a default: `describe`, `upstream`,
`needs`, `identity`. Every pixel and filter node that has an input also gets a `mask` input and
the parameters `mix` and `invert_mask`.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from nodegraph.errors import NodegraphError
from nodegraph.graph.schema import Param, Port, Schema
from nodegraph.kernels.shade import RGB, RGBA, Alpha, Table, V
from nodegraph.values import FrameSpec, Stamp, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodegraph.kernels.pool import Pool
    from nodegraph.shading import Shading
    from nodegraph.values import Frame, Raw

__all__ = [
    "RGB", "RGBA", "Alpha", "Analysis", "Bool", "Choice", "Colour", "Compound", "Curve", "Feeds", "Filter", "Float", "Format",
    "FrameNode", "In", "Int", "LiveSink", "LiveSource", "NodeType", "Out", "Part", "Parts", "Path", "Pixel", "Prepared", "Query",
    "Sink", "SinkWriter", "Source", "Table", "Text", "V", "Vec2", "Vec3", "Warp", "pixel",
]  # fmt: skip


# --- parameters -------------------------------------------------------------------------
# Declared to return Any, so that they can stand as the default of a typed argument.


def Float(default: float, minimum: float = -inf, maximum: float = inf, **about: Any) -> Any:
    """A number. `about`: unit ("px" "deg" "stops" "s" "frames"), soft=(low, high), label, help."""
    return Param("", "float", float(default), minimum, maximum, **about)


def Int(default: int, minimum: float = -inf, maximum: float = inf, **about: Any) -> Any:
    return Param("", "int", default, minimum, maximum, **about)


def Bool(default: bool, **about: Any) -> Any:
    """On or off; chooses what is computed, so it belongs to the shape key."""
    return Param("", "bool", default, shape=True, **about)


def Choice(default: str, choices: Sequence[str], **about: Any) -> Any:
    """One of a few words; chooses what is computed, so it belongs to the shape key."""
    return Param("", "choice", default, choices=tuple(choices), shape=True, **about)


def Text(default: str = "", **about: Any) -> Any:
    return Param("", "text", default, **about)


def Path(default: str = "", *, save: bool = False, **about: Any) -> Any:
    """A file; relative ones are taken from the graph's folder."""
    return Param("", "path", default, file_kind="save" if save else "open", **about)


def Colour(default: Sequence[float], minimum: float = -inf, maximum: float = inf, **about: Any) -> Any:
    """Three or four numbers shown as a colour (scene-linear)."""
    return Param("", "colour", tuple(map(float, default)), minimum, maximum, size=len(default), **about)


def Vec2(default: Sequence[float], minimum: float = -inf, maximum: float = inf, **about: Any) -> Any:
    return Param("", "vec2", tuple(map(float, default)), minimum, maximum, size=2, **about)


def Vec3(default: Sequence[float], minimum: float = -inf, maximum: float = inf, **about: Any) -> Any:
    return Param("", "vec3", tuple(map(float, default)), minimum, maximum, size=3, **about)


def Curve(default: Sequence[Sequence[float]] = ((0, 0), (1, 1)), **about: Any) -> Any:
    """Control points (x, y) or (x, y, slope in, slope out)."""
    return Param("", "curve", tuple(tuple(map(float, p)) for p in default), **about)


@dataclass(frozen=True)
class _Prepared:
    """An argument that `prepare` computes once per frame instead of the user setting it."""

    count: int


def Prepared(count: int = 1) -> Any:
    """A pixel function's argument given by `prepare`: a number, a tuple of `count`, or with 0 a Table."""
    return _Prepared(count)


def In(type: str = "Frame", *, optional: bool = False, help: str = "") -> Any:
    """An input port, as a class attribute."""
    return _PortOf("in", Port("", type, optional, help))


def Out(type: str = "Frame", help: str = "") -> Any:
    """An output port, as a class attribute; without any a node has one Frame output, `out`."""
    return _PortOf("out", Port("", type, False, help))


@dataclass(frozen=True)
class _PortOf:
    side: str
    port: Port


# --- what a node is asked with -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Format:
    """The project's picture: what a node without input makes. Already at the proxy scale."""

    width: int = 1920
    height: int = 1080
    pixel_aspect: float = 1.0
    rate: Fraction = Fraction(24)

    @property
    def window(self) -> Window:
        return Window.sized(self.width, self.height)


class Values:
    """A node's parameter values at one time, as attributes; lengths in px are at the proxy scale."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"no parameter {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("parameter values are read-only")

    def asdict(self) -> Mapping[str, Any]:
        return self._values  # type: ignore[no-any-return]


class Query:
    """What is asked of a node: its values, its inputs' specs, and as much of the context as it declares.

    A node's result may depend on nothing else, since its key is made of just this. Reading
    `frame`, `time`, `scale` or `quality` without having declared it in `reads` is an error
    when `NODEGRAPH_CHECK=1` (always on in tests), and so is choosing code by a parameter that
    isn't declared with `shape=True`.
    """

    __slots__ = ("_context", "_reads", "folder", "format", "inputs", "path", "values")

    #: Set by the engine: whether undeclared reads are refused.
    checking: ClassVar[bool] = False

    def __init__(
        self,
        path: str,
        values: Values,
        inputs: Mapping[str, FrameSpec],
        format: Format,
        context: Mapping[str, Any],
        reads: frozenset[str],
        folder: str = "",
    ) -> None:
        self.path = path
        self.values = values
        self.inputs = inputs
        self.format = format
        self.folder = folder
        self._context = context
        self._reads = reads

    @property
    def p(self) -> Values:
        return self.values

    def _read(self, name: str) -> Any:
        if Query.checking and name not in self._reads:
            raise NodegraphError(f"reads {name!r} without declaring it in `reads`", where=self.path)
        return self._context[name]

    def choosing(self, names: Iterable[str]) -> Query:
        """The question without all that may not choose code: a kernel is shared by all that differ in it."""
        values = Values({name: self.values.asdict()[name] for name in names})
        return Query(self.path, values, self.inputs, self.format, {}, frozenset(), self.folder)

    @property
    def frame(self) -> int:
        return self._read("frame")  # type: ignore[no-any-return]

    @property
    def time(self) -> Fraction:
        """Seconds since frame 0."""
        return Fraction(self._read("frame")) / self.format.rate

    @property
    def scale(self) -> float:
        return self._read("scale")  # type: ignore[no-any-return]

    @property
    def quality(self) -> str:
        """ "full" or "preview"."""
        return self._read("quality")  # type: ignore[no-any-return]

    @property
    def main(self) -> FrameSpec | None:
        """The spec of the first connected input."""
        return next(iter(self.inputs.values()), None)

    def given(self, part: NodeType) -> dict[str, Any]:
        """The values of a part's parameters that have the names of this node's: for `Compound.compose`."""
        own = self.values.asdict()
        return {p.name: own[p.name] for p in part.schema.params if p.name in own}

    def resolve(self, file: str) -> str:
        """A path parameter's file: relative ones lie beside the graph."""
        from os.path import expanduser, isabs, join

        file = expanduser(file)
        return file if isabs(file) or not self.folder else join(self.folder, file)


# --- node types --------------------------------------------------------------------------


class NodeType:
    """What a node *is*. One object serves every use of it and holds no state of a use."""

    id: ClassVar[str] = ""
    version: ClassVar[int] = 1
    kind: ClassVar[str] = "frame"
    label: ClassVar[str] = ""
    #: Parts of the context the result depends on beyond its parameters: "frame" "scale" "quality".
    reads: ClassVar[frozenset[str]] = frozenset()
    #: Whether it only serves as a part of other nodes, and isn't offered by itself.
    is_part: ClassVar[bool] = False
    #: Whether a `mask` input and the parameters `mix` and `invert_mask` are added.
    maskable: ClassVar[bool] = False
    #: The input that passes through, shows when bypassed, and is mixed with. "" = the first.
    main: ClassVar[str] = ""

    declared_params: tuple[Param, ...] = ()
    declared_inputs: tuple[Port, ...] = ()
    declared_outputs: tuple[Port, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        params, inputs, outputs = dict[str, Param](), dict[str, Port](), dict[str, Port]()
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if isinstance(value, Param):
                    params[name] = replace(value, name=name, label=value.label or name.replace("_", " "))
                elif isinstance(value, _PortOf):
                    side = inputs if value.side == "in" else outputs
                    side[name] = replace(value.port, name=name)
        if params:
            cls.declared_params = tuple(params.values())
        if inputs:
            cls.declared_inputs = tuple(inputs.values())
        if outputs:
            cls.declared_outputs = tuple(outputs.values())

    # What it looks like.

    @cached_property
    def schema(self) -> Schema:
        params, inputs = self.declared_params, self.declared_inputs
        if self.maskable and inputs:
            inputs = (*inputs, Port("mask", "Matte", True, "Where the node works; white is full effect."))
            params = (*params, *_MIX)
        outputs = self.declared_outputs or (() if self.kind == "sink" else (Port("out"),))
        doc = inspect.cleandoc(self.doc)
        return Schema(self.id, self.version, self.kind, inputs, outputs, params, self.label or _title(self.id), doc)

    @property
    def doc(self) -> str:
        return type(self).__doc__ or ""

    @cached_property
    def main_input(self) -> str:
        return self.main or (self.schema.inputs[0].name if self.schema.inputs else "")

    @cached_property
    def identifier(self) -> bytes:
        """Type and version, as keys hold them."""
        return f"{self.id} {self.version}".encode()

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The parameters that choose what is computed."""
        return tuple(p.name for p in self.schema.params if p.shape)

    @cached_property
    def digest(self) -> bytes:
        """Of the node's code: its whole file, so that an edit anywhere in it makes new keys."""
        return hashlib.blake2b(self._code().encode(), digest_size=16).digest()

    def _code(self) -> str:
        module = inspect.getmodule(type(self))
        return inspect.getsource(module) if module else type(self).__qualname__

    # What it is asked.

    def describe(self, q: Query) -> FrameSpec | None:
        """The result's spec; None if only cooking can tell. Default: the main input's."""
        return q.inputs.get(self.main_input) or default_spec(q)

    def varies(self, q: Query) -> bool:
        """Whether the result depends on the frame by itself. `q.inputs` is empty here.

        A node that overrides `upstream` too says here whether the frames it wants ever change.
        """
        return "frame" in self.reads

    def upstream(self, q: Query, port: str) -> Sequence[int]:
        """The frames wanted of an input. Default: the same frame. `q.inputs` is empty here."""
        return (q._context["frame"],)

    def needs(self, q: Query, port: str, region: Window) -> Window:
        """The region of an input needed for `region` of the result. Default: the same."""
        return region

    def identity(self, q: Query) -> str | None:
        """The input that the result is the same as at these values, if so. `q.inputs` is empty here."""
        return None


_MIX = (
    Param("mix", "float", 1.0, 0.0, 1.0, label="mix", help="0 leaves the input as it is, 1 is the full effect."),
    Param("invert_mask", "bool", False, label="invert mask", help="Work where the mask is black.", shape=True),
)

CHANNELS = Param(
    "channels",
    "text",
    "rgb",
    label="channels",
    help='Channels to work on: "all", "rgb", "rgba", "alpha", or names separated by commas.',
    shape=True,
)


def _title(id: str) -> str:
    return id.rsplit(".", 1)[-1].replace("_", " ")


def default_spec(q: Query, channels: tuple[str, ...] = ("R", "G", "B", "A")) -> FrameSpec:
    """The spec of a picture made from nothing: the project's format."""
    f = q.format
    return FrameSpec(channels, f.window, f.window, f.pixel_aspect, stamp=Stamp(), scale=q._context["scale"])


def chosen_channels(wanted: str, channels: Sequence[str]) -> tuple[str, ...]:
    """Which of a frame's channels the text of a `channels` parameter names."""
    names = {"all": tuple(channels), "rgb": ("R", "G", "B"), "rgba": ("R", "G", "B", "A"), "alpha": ("A",)}
    picked = names.get(wanted.strip().lower()) or tuple(w.strip() for w in wanted.split(","))
    return tuple(c for c in channels if c in picked or c.rpartition(".")[0] in picked)


class Pixel(NodeType):
    """One function of this pixel's channels; the engine fuses it with its neighbours.

    Usually made by `@pixel`. A subclass may override `shade` to wire values itself: renaming
    channels costs nothing, since only the names of values change.
    """

    kind = "pixel"
    maskable = True
    #: Whether the function wants colours that are not multiplied by alpha.
    colour: ClassVar[bool] = False
    #: Looks at the main input as a whole for what no single pixel can tell (a keyer's screen
    #: colour); what it finds is given to `prepare`. It sees the parameters it declares by name.
    analysis: Analysis | None = None

    def function(self, q: Query) -> Callable[..., Any]:
        """The pixel function for these (shape) parameter values."""
        raise NotImplementedError(f"{self.id} declares neither a function nor shade")

    def prepare(self, q: Query, found: Any = None) -> Mapping[str, Any]:
        """Numbers, tuples and tables for `Prepared` arguments, once per frame."""
        return {}

    def describe(self, q: Query) -> FrameSpec | None:
        from nodegraph.shading import describe_pixel

        return describe_pixel(self, q)

    def shade(self, s: Shading, q: Query) -> Mapping[str, str]:
        """Emit the node's body: a value for each output channel, before mask and mix."""
        from nodegraph.shading import shade_function

        return shade_function(self, s, q)


class Filter(NodeType):
    """A neighbourhood: declares its reach in pixels, computes whole planes in row strips.

    `apply` gets the chosen channels of the input over the asked region grown by `reach`,
    zeros where there is no picture, and fills `dst` `(channels, height, width)`.
    """

    kind = "filter"
    maskable = True
    image = In()
    #: Whether the data window grows by the reach.
    grows: ClassVar[bool] = True

    def reach(self, q: Query) -> tuple[int, int]:
        """How many pixels left/right and above/below a result pixel depends on."""
        raise NotImplementedError(f"{self.id} declares no reach")

    def apply(self, q: Query, src: NDArray[np.float32], dst: NDArray[np.float32], region: Window, pool: Pool) -> None:
        raise NotImplementedError(f"{self.id} computes nothing")

    def worked(self, q: Query) -> tuple[str, ...]:
        """The channels it works on, as the parameter `channels` says if there is one; the others pass."""
        spec = q.inputs[self.main_input]
        return chosen_channels(q.values.asdict().get("channels", "all"), spec.channels)

    def describe(self, q: Query) -> FrameSpec | None:
        spec = q.inputs[self.main_input]
        return spec.with_(data_window=spec.data_window.grow(*self.reach(q))) if self.grows else spec

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return region.grow(*self.reach(q)) if port == self.main_input else region


class Warp(NodeType):
    """A projective map of the picture. Chained warps are concatenated and filter once."""

    kind = "filter"
    maskable = True
    image = In()

    def matrix(self, q: Query) -> NDArray[np.float64]:
        """3x3, from output pixel positions to input pixel positions, y downward in memory."""
        raise NotImplementedError(f"{self.id} declares no matrix")

    def display(self, q: Query) -> Window | None:
        """The result's display window, where it changes."""
        return None

    def sampling(self, q: Query) -> str:
        """The reconstruction filter; the last of a chain that names one decides. "" leaves it to the others."""
        return str(q.values.asdict().get("filter", ""))


class Compound(NodeType):
    """A node made of other nodes: what it is, it says by wiring them. Its pixel parts fuse, its filters obey regions.

    `compose` wires them with `parts.use(name, node, inputs, **values)`, beginning at `parts.inputs`; values not given
    are the part's defaults, and lengths in px are at the proxy scale as everywhere. With an `analysis`, `parts.found`
    is what it finds, for a pixel part that has the same analysis. With an `upstream`, `parts.frames` has all that it
    named, of which `parts.inputs` are the first; a part that is given several frames at a port cooks from a list.
    Parts of the same inputs and values are one, whatever frame asks for them.
    """

    kind = "filter"
    maskable = True
    image = In()
    analysis: Analysis | None = None

    def compose(self, q: Query, parts: Parts) -> Part:
        """The part that is the result."""
        raise NotImplementedError(f"{self.id} is made of nothing")


#: A part of a compound node, or what is wired into it.
Part = Any


class Parts(Protocol):
    """What `Compound.compose` wires with."""

    inputs: Mapping[str, Part]
    frames: Mapping[str, Sequence[Part]]
    found: Part | None

    def use(
        self,
        name: str,
        node: NodeType,
        inputs: Mapping[str, Part | Sequence[Part] | None],
        /,
        found: Part | None = None,
        **values: Any,
    ) -> Part:
        """A part; `name` is for plans and statistics. Inputs that are None are not connected."""
        ...


class FrameNode(NodeType):
    """Anything over whole values. `cook` gets each input's frames (a list where `upstream` names several)."""

    kind = "frame"

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Any:
        """The result: a Frame over at least `region` of its data window, or another port's value."""
        raise NotImplementedError(f"{self.id} computes nothing")

    def needs(self, q: Query, port: str, region: Window) -> Window:
        return q.inputs[port].data_window


class Analysis(FrameNode):
    """Finds something out about a picture, for the pixel node that has it as its `analysis`."""

    image = In()
    found = Out("Number")

    def wanted(self, q: Query) -> bool:
        """Whether to look at all, for these values of the pixel node."""
        return True

    def looks_at(self, q: Query) -> int | None:
        """The one frame that is looked at for all; None looks at each frame anew."""
        return None

    def describe(self, q: Query) -> FrameSpec | None:
        return None


class Source(NodeType):
    """Makes a value for a context: a file, a device, a generator."""

    kind = "source"

    def cook(self, q: Query, region: Window, pool: Pool) -> Frame | Raw:
        raise NotImplementedError(f"{self.id} makes nothing")

    def stamp(self, q: Query) -> object:
        """What besides parameters the value depends on, as plain data: a file's size and time, say.

        If there is one, it stands for the frame too: frames with the same stamp share a result.
        """
        return None

    def prefetch(self, q: Query) -> None:
        """Told that this value will be asked for soon."""

    def decode(self, q: Query) -> Pixel | None:
        """A pixel stage (one input, `image`) between the source's values and scene-linear light.

        It has the source's parameters and is fused with whatever reads the source, so that a
        transfer curve costs no pass of its own.
        """
        return None


class Feeds(Protocol):
    """What a session hands to its live sources."""

    def sample(self, path: str, frame: int) -> Frame | Raw:
        """The picture that the node at `path` shows at a frame of the programme: always the same one."""
        ...


class LiveSource(Source):
    """A source that runs by itself: a camera, a stream. A session binds it to its feeds; a render has none."""

    reads = frozenset({"frame"})
    feeds: Feeds | None = None

    def address(self, q: Query) -> str:
        """What is opened: "v4l2:/dev/video0", "rtsp://...", a file that is played as if it were a camera."""
        raise NotImplementedError(f"{self.id} has no address")

    def bound(self, feeds: Feeds) -> LiveSource:
        """The same source, fed."""
        made = copy(self)
        made.feeds = feeds
        return made


class SinkWriter:
    """Takes a sink's frames, in order; made by `Sink.open`, used by one thread."""

    def wants(self, frame: int) -> bool:
        """Whether a frame is written at all."""
        return True

    def whole(self, frame: int) -> bool:
        """Whether the output of a frame is there already, complete (for `--resume`)."""
        return False

    def write(self, frame: int, picture: Frame, q: Query) -> None:
        raise NotImplementedError

    def close(self, ok: bool) -> list[str]:
        """Finish, or with `ok` false give up and leave nothing half-written; the files made."""
        return []


class Sink(NodeType):
    """Consumes values: a file, a stream, a screen."""

    kind = "sink"

    def encode(self, q: Query) -> Pixel | None:
        """A pixel stage (one input, `image`) that makes what is written: the file's transfer curve.

        It has the sink's parameters and is fused with what comes before. Only a render asks for
        it: a viewer on the sink shows the picture itself.
        """
        return None

    def open(self, q: Query, frames: Sequence[int]) -> SinkWriter:
        """Begin a render of these frames; `q` is asked at the first of them."""
        raise NotImplementedError(f"{self.id} takes nothing")


class LiveSink(Sink):
    """A sink that is fed while the graph runs: a window, a stream, a recording.

    Its writer is made by `begin` with the first picture, and again when the picture's size changes or the writer
    failed; frames it gets count upward, a repeated picture has the number of its turn. It is called in a thread of
    its own and may block as long as it likes: the programme never waits for it.
    """

    #: Whether pictures it has no time for wait their turn, as a recording wants, or only the newest counts.
    holds: ClassVar[bool] = False

    def begin(self, q: Query, first: Frame) -> SinkWriter:
        raise NotImplementedError(f"{self.id} takes nothing")

    def open(self, q: Query, frames: Sequence[int]) -> SinkWriter:
        raise NodegraphError("is a live output, and a render has none", where=q.path, hint="run `nodegraph play`")


# --- the decorator -----------------------------------------------------------------------


@cache
def _reads_frame(function: Callable[..., Any]) -> bool:
    return "frame" in inspect.signature(function).parameters


class FunctionNode(Pixel):
    """A pixel node made of one function, or of one for each value of a choice parameter."""

    def __init__(
        self,
        id: str,
        functions: Mapping[str, Callable[..., Any]],
        by: str,
        *,
        version: int,
        params: Sequence[Param],
        inputs: Sequence[Port],
        main: str,
        colour: bool,
        reads: frozenset[str],
        prepare: Callable[..., Mapping[str, Any]] | None,
        analysis: Analysis | None,
        maskable: bool,
        label: str,
        doc: str,
    ) -> None:
        self.__dict__.update(
            id=id, version=version, main=main, colour=colour, reads=reads, maskable=maskable, label=label
        )
        self.declared_params = tuple(params)
        self.declared_inputs = tuple(inputs)
        self.functions, self.by, self._doc, self._prepare = dict(functions), by, doc, prepare
        self.analysis = analysis

    @property
    def doc(self) -> str:
        return self._doc

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The (first) pixel function itself, parameters at their defaults: handy in tests."""
        defaults = {p.name: p.default for p in self.declared_params}
        function = next(iter(self.functions.values())) if not self.by else self.functions[kwargs.pop(self.by)]
        taken = inspect.signature(function).parameters
        return function(*args, **{k: v for k, v in {**defaults, **kwargs}.items() if k in taken})

    def function(self, q: Query) -> Callable[..., Any]:
        return self.functions[q.values.asdict()[self.by] if self.by else ""]

    def varies(self, q: Query) -> bool:
        return _reads_frame(self.function(q))

    def prepare(self, q: Query, found: Any = None) -> Mapping[str, Any]:
        if self._prepare is None:
            return {}
        return self._prepare(q, found) if self._takes_found else self._prepare(q)

    @cached_property
    def _takes_found(self) -> bool:
        """Whether `prepare` wants what was found: by the node's analysis, or as a compound's part."""
        return self._prepare is not None and len(inspect.signature(self._prepare).parameters) > 1

    def _code(self) -> str:
        return inspect.getsource(inspect.getmodule(next(iter(self.functions.values()))))  # type: ignore[arg-type]


def pixel(
    id: str,
    *,
    version: int = 1,
    inputs: Sequence[str | Port] = ("image",),
    main: str = "",
    colour: bool = False,
    cases: Mapping[str, Callable[..., Any]] | None = None,
    by: str = "",
    params: Mapping[str, Any] | None = None,
    prepare: Callable[..., Mapping[str, Any]] | None = None,
    analysis: Analysis | None = None,
    maskable: bool = True,
    label: str = "",
    doc: str = "",
) -> Callable[[Any], Any]:
    """Declare a pixel node from a function, or from `cases` of a choice parameter `by`.

    `inputs` are its ports; none makes a generator. `colour` functions get unmultiplied colours.
    `params` adds parameters that no argument takes (for `prepare`). With an `analysis`,
    `prepare(q, found)` gets what it found (None where it wasn't wanted).
    """

    def declare(function: Callable[..., Any]) -> FunctionNode:
        functions = dict(cases) if cases else {"": function}
        declared: dict[str, Param] = {}
        extra = dict(params or {})
        if by and by not in extra:
            extra = {by: Choice(next(iter(functions)), tuple(functions)), **extra}
        for name, param in extra.items():
            declared[name] = replace(param, name=name, label=param.label or name.replace("_", " "))
        reads: set[str] = set()
        channelwise = False
        for each in functions.values():
            for name, argument in inspect.signature(each).parameters.items():
                if isinstance(argument.default, Param):
                    label_ = argument.default.label or name.replace("_", " ")
                    declared.setdefault(name, replace(argument.default, name=name, label=label_))
                elif name == "frame":
                    reads.add("frame")
                channelwise |= name == "c"
        if colour:
            declared["unpremultiply"] = replace(_UNPREMULTIPLY, name="unpremultiply")
        if channelwise:
            declared.setdefault("channels", CHANNELS)
        ports = [p if isinstance(p, Port) else Port(p) for p in inputs]
        return FunctionNode(
            id, functions, by if cases else "", version=version, params=list(declared.values()), inputs=ports,
            main=main, colour=colour, reads=frozenset(reads), prepare=prepare, analysis=analysis, maskable=maskable, label=label,
            doc=doc or function.__doc__ or "",
        )  # fmt: skip

    return declare


_UNPREMULTIPLY = Param(
    "unpremultiply",
    "bool",
    True,
    label="unpremultiply",
    help="Divide by alpha before and multiply after, where the picture is premultiplied.",
    shape=True,
)
