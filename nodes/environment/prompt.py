"""Words to a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nodegraph.errors import NodegraphError
from nodegraph.node import Bool, FrameNode, In, Out, Query, Text
from nodegraph.values import World
from nodegraph.values.environment import RANGES

from .fields import parameter
from .nearest import nearest
from .understanding import understand

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.values import Window

__all__ = ["Prompt"]

_LOCKABLE = (*RANGES, "ground", "tint")


class _Locks(FrameNode):
    """The words first, then a lock and a value for each number of a world."""

    prompt = Text("sunset over the sea, a few clouds", help="What the world is like.")
    guess = Bool(
        True, help="Take a word outside the vocabulary for the one nearest in meaning, by the sentence network."
    )
    seed = parameter("seed")


for _name in _LOCKABLE:
    setattr(
        _Locks,
        f"lock_{_name}",
        Bool(False, label=f"lock {_name.replace('_', ' ')}", help="Take the value below, whatever words say."),
    )
    setattr(_Locks, _name, parameter(_name))


class _Guess:
    """The nearest phrase, where the network is; else what is missing."""

    missing = ""

    def __call__(self, word: str) -> tuple[str, float] | None:
        try:
            return nearest(word)
        except NodegraphError as error:
            self.missing = f"{error.message}; {error.hint}" if error.hint else error.message
            return None


class Prompt(_Locks):
    """Say what world the actor is in: "stormy dusk over the desert, warm key light from the left".

    It knows times of day (dawn, golden hour, blue hour, night ...), weather (clear, overcast, fog, storm, snow ...), places (desert,
    sea, mountains, city, forest, meadow ...), moods and colours, where the sun, the moon, the storm and the key light stand ("sun
    behind her", "light her from the right", "sun at 20 degrees", "storm from the left"), and how much ("slightly", "very", "no").
    Clauses are read in order, and what is said as a change works on what there is: "a bit darker", "more clouds", "sun to
    the right", "two stops brighter", "less fog". With a world wired in, all of it is such an edit.

    A word outside the vocabulary ("monsoon", "harbour") is read as the phrase nearest in meaning, where a sentence network (MiniLM;
    `nodegraph models install sentence`) finds one near enough. The same words always give the same world. Nothing is hidden: the world tells which words did what (`nodegraph cook x.graph
    world`), and which it did not know. Every number can be taken over by hand: lock it and give it. The vocabulary is
    nodes/environment/words.py. It is grammar, vocabulary and a sentence network, no generative
    model.
    """

    id = "nodegraph.environment.prompt"
    label = "prompt"

    world = In("World", optional=True, help="A world that the words change.")
    out = Out("World")

    def describe(self, q: Query) -> None:
        return None

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> World:
        given: World | None = inputs.get("world")
        start = given or World(seed=int(q.p.seed))
        guess = _Guess()
        world, effects, unknown = understand(q.p.prompt, start, guess if q.p.guess else None)
        own = q.p.asdict()
        locked = {name: own[name] for name in _LOCKABLE if own[f"lock_{name}"]}
        if "tint" in locked:
            locked["tint"] = tuple(float(v) for v in locked["tint"][:3])
        said = [str(effect) for effect in effects]
        said += [f"not understood: {word}" for word in unknown]
        said += [f"words outside the vocabulary: {guess.missing}"] if guess.missing else []
        said += [f"locked: {name}" for name in locked]
        before = (*given.said,) if given is not None else ()
        return replace(world.with_(**locked), prompt=q.p.prompt, said=(*before, *said))
