"""The channels in which an actor's shape travels."""

from __future__ import annotations

#: Unit normals (x right, y up, z towards the camera), how far in front of the middle plane in heights of the picture,
#: and how sure all of it is, 0..1.
SHAPE = ("normal.X", "normal.Y", "normal.Z", "depth.Z", "confidence.Y")
