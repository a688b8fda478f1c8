"""What the numbers of a world mean: units and help, for every node that has them as parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nodegraph.node import Choice, Colour, Float, Int
from nodegraph.values import World
from nodegraph.values.environment import GROUNDS, RANGES

_ABOUT: dict[str, tuple[str, str]] = {
    "sun_elevation": ("deg", "How high the sun stands; below 0 it has set."),
    "sun_azimuth": (
        "deg",
        "Where it stands: 0 straight ahead, behind the actor; 90 to the right; 180 behind the camera.",
    ),
    "turbidity": ("", "Haze: 2 is very clear air, 3 clear, 6 hazy, 10 thick."),
    "cloud_cover": ("", "How much of the sky is clouded."),
    "cloud_weight": ("", "0 is small and white, 1 a storm's: thick, low and dark."),
    "cirrus": ("", "High thin streaks of ice."),
    "wind": ("", "How fast clouds move, and how high waves are."),
    "fog": ("", "0.3 is mist, 0.6 fog, 1 so thick that 500 m away nothing is seen."),
    "stars": ("", "How clearly stars are seen when it is dark."),
    "moon": ("", "How much of the moon is lit; 0 is no moon."),
    "moon_azimuth": ("deg", "Where the moon stands, as the sun's."),
    "moon_elevation": ("deg", "How high the moon stands."),
    "relief": ("", "How high hills, dunes, mountains or houses are."),
    "snow": ("", "How much snow lies."),
    "green": ("", "How much grows; 0 is dry."),
    "wet": ("", "How wet the ground is after rain."),
    "exposure": ("stops", "How much brighter the whole world is."),
    "warmth": ("", "Below 0 bluer, above 0 more golden than it would be."),
    "colourful": ("", "0 is black and white, 1 as it is."),
    "key_stops": ("stops", "The key light on the actor, over what the world gives."),
    "key_azimuth": ("deg", "Where the key light comes from, as the sun: -120 is from the left and the front."),
    "key_elevation": ("deg", "How high the key light stands."),
    "key_warmth": ("", "The key light's colour: below 0 bluer, above 0 warmer."),
    "key": ("", "How much of a key light there is."),
}


def parameter(name: str) -> Any:
    """A world's number as a parameter of a node."""
    default = World()
    if name == "ground":
        return Choice(default.ground, GROUNDS, help="What lies under the sky.")
    if name == "seed":
        return Int(default.seed, 0, 999_999, help="Another world of the same kind for each.")
    if name == "tint":
        return Colour(default.tint, 0, 4, help="A colour over all of it.")
    unit, help = _ABOUT[name]
    low, high = RANGES[name]
    return Float(getattr(default, name), low, high, unit=unit, help=help)


def of(values: Any, names: Iterable[str], given: World | None) -> World:
    """The world of a node's parameters; or the one that came along a wire."""
    if given is not None:
        return given
    own = values.asdict()
    chosen = {name: own[name] for name in names}
    if "tint" in chosen:
        chosen["tint"] = tuple(float(v) for v in chosen["tint"][:3])
    if "seed" in chosen:
        chosen["seed"] = int(chosen["seed"])
    return World().with_(**chosen)
