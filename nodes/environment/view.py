"""A camera in a world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.node import Choice, Float, FrameNode, In, Query, default_spec
from nodegraph.values import Frame, FrameSpec, Window

if TYPE_CHECKING:
    from nodegraph.kernels.pool import Pool
    from nodegraph.kernels.projecting import Camera
    from nodegraph.values import Environment

__all__ = ["View"]

#: No part of a world is painted wider than this.
_WIDEST = 6144


class View(FrameNode):
    """What a camera sees of a world: the plate behind the actor.

    The picture has the project's format. Give it the focal length and the sensor of the stage's camera, and its pan,
    tilt and roll (keys or expressions may drive them); parallax there is none, a panorama is far away. *painted* asks
    a world that is made (a sky, a terrain) for just this part, as fine as the picture; *panorama* reads the panorama,
    which is fast, and as fine as it was made: in a preview, and for photographed worlds, it is always that. Put a
    filter.defocus behind it for the lens.

    A pixel (x, y) from the picture's middle looks along R (x / f, y / f, -1), f being the focal length in pixels, focal /
    sensor width * picture width, and R = pan * tilt * roll. Its azimuth and elevation lead into the panorama.
    """

    id = "nodegraph.environment.view"
    label = "view of a world"
    reads = frozenset({"quality", "scale"})

    environment = In("Environment")
    detail = Choice("painted", ("painted", "panorama"), help="painted is as fine as the picture, and slower.")
    focal = Float(35, 4, 1000, unit="mm", soft=(14, 135), help="Focal length of the lens.")
    sensor = Float(36, 4, 100, unit="mm", soft=(13, 54), label="sensor width", help="Width of the camera's sensor.")
    pan = Float(0, -360, 360, unit="deg", soft=(-180, 180), help="To the right.")
    tilt = Float(0, -90, 90, unit="deg", soft=(-30, 30), help="Upwards.")
    roll = Float(0, -180, 180, unit="deg", soft=(-20, 20), help="Clockwise, the camera that is.")
    overscan = Float(
        48, 0, 4096, unit="px", soft=(0, 200), help="How far beyond the frame it is there, for filters that look there."
    )
    exposure = Float(0, -20, 20, unit="stops", soft=(-4, 4), help="How much brighter.")

    def describe(self, q: Query) -> FrameSpec:
        spec = default_spec(q)
        return spec.with_(data_window=spec.display_window.grow(round(q.p.overscan)))

    def cook(self, q: Query, inputs: Mapping[str, Any], region: Window, pool: Pool) -> Frame:
        from nodegraph.kernels.projecting import WHOLE, project

        world: Environment = inputs["environment"]
        spec = self.describe(q)
        camera = self.camera(q, spec)
        source, seen = world.panorama, WHOLE
        if q.p.detail == "painted" and q.quality == "full" and world.painter is not None:
            source, seen = self.painted(world, camera, spec, pool)
        out = np.empty((4, region.height, region.width), np.float32)
        project(source, seen, camera, (region.x0, region.y0), out[:3], pool)
        if q.p.exposure:
            out[:3] *= np.float32(2.0**q.p.exposure)
        out[3] = 1
        about = {"environment:engine": world.made.engine, "environment:seed": world.made.seed}
        if world.made.prompt:
            about["environment:prompt"] = world.made.prompt
        return Frame(spec.with_(data_window=region, stamp=world.stamp, metadata=about), out)

    def camera(self, q: Query, spec: FrameSpec) -> Camera:
        from nodegraph.kernels.projecting import Camera

        width, height = spec.display_window.width, spec.display_window.height
        return Camera(q.p.focal / q.p.sensor * width, (width / 2, height / 2), q.p.pan, q.p.tilt, q.p.roll)

    def painted(self, world: Environment, camera: Camera, spec: FrameSpec, pool: Pool) -> tuple[Any, Any]:
        """The part of the world that the whole data window shows, as fine as its middle."""
        from nodegraph.kernels.projecting import extent

        assert world.painter is not None
        over = spec.data_window
        moved = camera._replace(centre=(camera.centre[0] - over.x0, camera.centre[1] - over.y0))
        left, right, top, bottom = extent(moved, over.width, over.height)
        fine = camera.focal * np.pi / 180
        width = min(int(np.ceil((right - left) * fine)), _WIDEST)
        height = min(int(np.ceil((top - bottom) * fine)), _WIDEST)
        return world.painter.paint(left, right, top, bottom, width, height, pool), (left, right, top, bottom)
