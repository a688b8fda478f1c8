"""Running a plan: step after step, values handed on and let go of as soon as nobody needs them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nodegraph.engine import runs
from nodegraph.engine.internal import PROXY
from nodegraph.errors import Cancelled, CookError, NodegraphError
from nodegraph.node import Filter, FrameNode, Source, Warp
from nodegraph.values import Frame, Raw, Window

if TYPE_CHECKING:
    from nodegraph.engine.buffers import Buffers
    from nodegraph.engine.compiler import Compiler
    from nodegraph.engine.instance import Instance
    from nodegraph.engine.plan import Plan, Step
    from nodegraph.kernels.pool import Pool

#: Told of every value made: instance, value, seconds, tier ("numpy", "numba" or "").
Made = Callable[["Step", Any, float, str], None]


@dataclass(slots=True)
class Cook:
    """Runs plans with one set of resources. Used by one thread at a time."""

    pool: Pool
    buffers: Buffers
    compiler: Compiler
    cancelled: threading.Event

    def run(self, plan: Plan, found: Mapping[Instance, Any], made: Made) -> Any:
        """The target's value. `found` are the cached values the plan counts on."""
        values: dict[Instance, Any] = dict(found)
        left = plan.readers()
        for step in plan.steps:
            if self.cancelled.is_set():
                raise Cancelled("cancelled")
            begun = perf_counter()
            value, tier = self._step(step, values)
            made(step, value, perf_counter() - begun, tier)
            values[step.result] = value
            for each in step.reads:
                left[each] -= 1
                if not left[each]:
                    values.pop(each, None)
        result = values[plan.target]
        return self.decoded(plan.target, result) if isinstance(result, Raw) else result

    def _step(self, step: Step, values: Mapping[Instance, Any]) -> tuple[Any, str]:
        try:
            if step.kind == "run":
                return self._fused(step, values)
            return self._single(step, values), ""
        except NodegraphError as error:
            error.at(step.result.q.path)
            raise
        except MemoryError as error:
            raise CookError("out of memory", where=step.result.q.path, hint="lower --memory or --scale") from error
        except Exception as error:
            raise CookError(f"{type(error).__name__}: {error}", where=step.result.q.path) from error

    # -- runs

    def _fused(self, step: Step, values: Mapping[Instance, Any]) -> tuple[Frame, str]:
        pictures = [values[each] for each in step.pictures]
        run = self.compiler.run_for(step, pictures)
        assert step.region is not None and step.result.spec is not None
        spec = step.result.spec.with_(data_window=step.region)
        out = self.buffers.take(spec.shape)
        bound = runs.bind(run, step.members, step.pictures, pictures, step.region, out, values)
        tier = self.compiler.execute(run, bound, self.pool)
        return Frame(spec, out), tier

    def decoded(self, instance: Instance, raw: Raw) -> Frame:
        """A source's own layout as float."""
        run = self.compiler.decoder_for(raw, instance.path)
        out = self.buffers.take(raw.spec.shape)
        self.compiler.execute(run, runs.bind(run, (), (), (raw,), raw.spec.data_window, out), self.pool)
        return Frame(raw.spec, out)

    # -- the other kinds

    def _single(self, step: Step, values: Mapping[Instance, Any]) -> Any:
        instance, kind = step.result, step.result.type
        if isinstance(kind, Source):
            region = step.region or Window(0, 0, 0, 0)  # what is no picture has none
            return _checked(instance, kind.cook(instance.q, region, self.pool), step.region)
        if isinstance(kind, Warp):
            return self._warp(step, self._float(instance.root, values))
        if isinstance(kind, Filter):
            return self._filter(step, self._float(instance.inputs[kind.main_input][0], values))
        if kind is PROXY:
            return self._proxy(step, self._float(instance.inputs["image"][0], values))
        if isinstance(kind, FrameNode):
            return self._frame(step, values)
        raise CookError(f"is a {kind.kind} node and can't be cooked", where=instance.q.path)

    def _float(self, instance: Instance | None, values: Mapping[Instance, Any]) -> Frame:
        assert instance is not None
        value = values[instance]
        return self.decoded(instance, value) if isinstance(value, Raw) else value

    def _frame(self, step: Step, values: Mapping[Instance, Any]) -> Any:
        instance, kind = step.result, step.result.type
        assert isinstance(kind, FrameNode)
        given: dict[str, Any] = {}
        for port, all_ in instance.inputs.items():
            each = [self.decoded(i, values[i]) if isinstance(values[i], Raw) else values[i] for i in all_]
            several = len(each) > 1 or type(kind).upstream is not FrameNode.upstream
            given[port] = each if several else each[0]
        region = step.region or Window(0, 0, 0, 0)
        return _checked(instance, kind.cook(instance.q, given, region, self.pool), step.region)

    def _filter(self, step: Step, source: Frame) -> Frame:
        """Chosen channels through `apply` over the region grown by the reach; others are copied."""
        instance, kind, region = step.result, step.result.type, step.region
        assert isinstance(kind, Filter) and region is not None and instance.spec is not None
        spec = instance.spec.with_(data_window=region)
        out = self.buffers.take(spec.shape)
        worked = kind.worked(instance.q)
        names = source.spec.channels
        if not worked or region.empty:
            return source.crop(region)
        for c, name in enumerate(names):
            if name not in worked:
                out[c] = source.crop(region).channel(name)
        padded = self._padded(source, [names.index(n) for n in worked], region.grow(*kind.reach(instance.q)))
        if len(worked) == len(names):
            kind.apply(instance.q, padded, out, region, self.pool)
            return Frame(spec, out)
        result = self.buffers.take((len(worked), *out.shape[1:]))
        kind.apply(instance.q, padded, result, region, self.pool)
        for k, name in enumerate(worked):
            out[names.index(name)] = result[k]
        return Frame(spec, out)

    def _padded(self, source: Frame, planes: list[int], window: Window) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Planes of a frame over a window, zero where there is no picture; a view where it can be."""
        whole = planes == list(range(len(source.spec.channels)))
        if whole and source.spec.data_window.contains(window):
            return source.pixels[(slice(None), *window.within(source.spec.data_window))]
        out = self.buffers.take((len(planes), window.height, window.width))
        shared = window.intersect(source.spec.data_window)
        if shared != window:
            out[...] = 0
        if not shared.empty:
            there, here = shared.within(source.spec.data_window), shared.within(window)
            for k, plane in enumerate(planes):
                out[(k, *here)] = source.pixels[(plane, *there)]
        return out

    def _warp(self, step: Step, source: Frame) -> Frame:
        from nodegraph.kernels.resample import warp_projective

        instance, kind = step.result, step.result.type
        assert isinstance(kind, Warp) and instance.matrix is not None
        assert step.region is not None and instance.spec is not None
        spec = instance.spec.with_(data_window=step.region)
        out = self.buffers.take(spec.shape)
        warp_projective(
            source.pixels, out, instance.matrix, step.region, source.spec.data_window,
            instance.sampling, self.pool,
        )  # fmt: skip
        return Frame(spec, out)

    def _proxy(self, step: Step, source: Frame) -> Frame:
        from nodegraph.kernels.resample import warp_projective

        assert step.region is not None and step.result.spec is not None
        spec = step.result.spec.with_(data_window=step.region)
        out = self.buffers.take(spec.shape)
        shrink = 1 / step.result.q.scale
        matrix = np.diag([shrink, shrink, 1.0])
        warp_projective(source.pixels, out, matrix, step.region, source.spec.data_window, "bilinear", self.pool)
        return Frame(spec, out)


def _checked(instance: Instance, value: Any, region: Window | None) -> Any:
    """A node's own result, held to what it was described as."""
    if not isinstance(value, (Frame, Raw)):
        return value
    described = instance.spec
    if described is not None and value.spec.channels != described.channels:
        raise CookError(f"made channels {value.spec.channels}, described {described.channels}", where=instance.q.path)
    if region is not None and not value.spec.data_window.contains(region):
        raise CookError(f"made {value.spec.data_window}, asked for {region}", where=instance.q.path)
    return value
