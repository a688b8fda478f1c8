"""The nouns that travel on wires: pixels, what is known of them, and when they were seen."""

from nodegraph.values.environment import Environment, Light, Lights, Made, World
from nodegraph.values.frame import Frame, FrameSpec
from nodegraph.values.raw import Layout, Raw
from nodegraph.values.stamp import Stamp
from nodegraph.values.window import Window

__all__ = ["Environment", "Frame", "FrameSpec", "Layout", "Light", "Lights", "Made", "Raw", "Stamp", "Window", "World"]
