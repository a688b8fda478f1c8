"""Running networks, each on a worker of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.models import store
from nodegraph.models.lock import Model, find

Array = NDArray[Any]
Run = Callable[[Sequence[Array]], list[Array]]


class Network:
    """A loaded network. Its worker runs one question after the other, outside of the threads that cook."""

    def __init__(self, model: Model, threads: int = 2) -> None:
        data = store.read(model)
        self.model = model
        self._run = _RUNTIMES[model.member.rpartition(".")[2]](data, threads)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"model {model.name}")

    def ask(self, *inputs: Array) -> Future[list[Array]]:
        """Its outputs for these inputs (with a batch axis), later."""
        return self._worker.submit(self._run, [np.ascontiguousarray(each, np.float32) for each in inputs])

    def __call__(self, *inputs: Array) -> list[Array]:
        return self.ask(*inputs).result()


def _tflite(data: bytes, threads: int) -> Run:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        raise _missing("LiteRT") from None
    interpreter = Interpreter(model_content=data, num_threads=threads)
    interpreter.allocate_tensors()
    taken = [each["index"] for each in interpreter.get_input_details()]
    made = [each["index"] for each in interpreter.get_output_details()]

    def run(inputs: Sequence[Array]) -> list[Array]:
        for index, value in zip(taken, inputs, strict=True):
            interpreter.set_tensor(index, value)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in made]

    return run


def _onnx(data: bytes, threads: int) -> Run:
    try:
        import onnxruntime
    except ImportError:
        raise _missing("ONNX Runtime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return lambda inputs: session.run(None, dict(zip(names, inputs, strict=True)))  # type: ignore[no-any-return]


_RUNTIMES: dict[str, Callable[[bytes, int], Run]] = {"tflite": _tflite, "onnx": _onnx}


def _missing(runtime: str) -> NodegraphError:
    return NodegraphError(f"{runtime} is not installed", hint='install the extra: pip install "nodegraph[ai]"')


_loading = Lock()


def load(name: str) -> Network:
    """A network by its name in the lock file, loaded once for all."""
    with _loading:  # two cooks that ask at once get the same one
        return _loaded(name)


@cache
def _loaded(name: str) -> Network:
    return Network(find(name))
