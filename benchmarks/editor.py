"""How quick the editor is under the hand, on software GL. `python benchmarks/editor.py`

Frame times with 200 and 1,000 nodes, from a slider's move to its picture on the screen, and from the start
of the process to the first picture. Without a display it starts an X server of its own (Xvfb).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = (1600, 900)
SAMPLE = Path(__file__).parents[1] / "samples" / "comp.graph"


def main() -> None:
    if sys.argv[1:] == ["--start"]:
        start()
        return
    server = None
    if not os.environ.get("DISPLAY"):
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
        server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.environ["DISPLAY"] = f":{os.read(read, 16).decode().strip()}"
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    os.environ["NODEGRAPH_NO_VSYNC"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NODEGRAPH_CONFIG"] = os.environ["NODEGRAPH_STATE"] = folder
        try:
            started()
            frames()
        finally:
            if server is not None:
                server.terminate()


# -- from the start of the process


def started() -> None:
    """Twice, since the first may make fonts and compile kernels."""
    for _ in range(2):
        begun = time.time()
        done = subprocess.run(
            [sys.executable, __file__, "--start"], capture_output=True, text=True, check=True, env=dict(os.environ)
        )
        told = json.loads(done.stdout.splitlines()[-1])
    print("from the start of the process, the sample comp, everything cached")
    for what, when in told.items():
        print(f"  {what:<34}{when - begun:10.2f} s")


def start() -> None:
    """In a process of its own: when the window could be used, and when its picture was there."""
    from nodegraph.editor.session import open_document
    from nodegraph.editor.ui.app import App
    from nodegraph.packs import registry

    app = App(registry(), size=SIZE)
    app.open(open_document(str(SAMPLE), app.registry), str(SAMPLE))
    for _ in range(2):
        app.frame()
    usable = time.time()
    while app.session.viewer.painted is None or not app.session.viewer.painted.shot.final:
        app.frame()
    print(json.dumps({"usable window": usable, "first picture": time.time()}))
    app.close()


# -- frames and latency


def frames() -> None:
    from nodegraph.editor.ui.app import App
    from nodegraph.packs import registry

    app = App(registry(), size=SIZE)
    print("\na frame of the window, in ms: median (95th percentile)")
    for count in (200, 1000):
        many_nodes(app, count)
    for what, scale in (("a draft, while dragging", 1.0), ("a draft of the 1/2 proxy", 0.5)):
        latency(app, what, scale, dragging=True)
    latency(app, "the full picture, one edit", 1.0, dragging=False)
    app.close()


def many_nodes(app, count: int) -> None:  # type: ignore[no-untyped-def]
    """Pan and zoom over a large graph, and move 50 of its nodes."""
    from nodegraph.graph import Graph

    graph, rows = Graph(app.registry.catalog), max(1, int(count**0.5 / 1.6))
    with graph.batch("make"):
        for k in range(count):
            kind = "colour.grade" if k % 3 else "merge.merge"
            graph.add(kind, name=f"n{k}", position=((k // rows) * 190.0, (k % rows) * 110.0))
            if k >= rows:
                graph.connect(f"n{k - rows}", f"n{k}")
            if k > rows and k % 3 == 0:
                graph.connect(f"n{k - rows - 1}", f"n{k}")
    app.open(graph)
    app.session.viewer.a = None
    canvas, view = app.session.canvas, app.session.canvas.view

    def timed(title: str, step, times: int = 60) -> None:  # type: ignore[no-untyped-def]
        for _ in range(5):
            app.frame()
        app.frame_ms.clear()
        for k in range(times):
            step(k)
            app.frame()
        ordered = sorted(app.frame_ms)
        print(
            f"  {count:>5} nodes, {title:<22}{ordered[len(ordered) // 2]:8.1f} ({ordered[int(len(ordered) * 0.95)]:.1f})"
        )

    timed("at rest", lambda k: None)
    timed("panned", lambda k: view.pan(6 if k < 30 else -6, 2))
    timed("zoomed", lambda k: view.zoom_at(600, 150, 1.08 if k < 30 else 1 / 1.08))
    canvas.selection = list(graph.nodes)[:50]
    x, y = view.to_panel(*graph.nodes["n0"].position)
    canvas.press(x + 9, y + 5)
    timed("50 of them moved", lambda k: canvas.drag(x + 9 + k * 3, y + 5 + k))
    canvas.release(x, y)


def latency(app, title: str, proxy: float, *, dragging: bool) -> None:  # type: ignore[no-untyped-def]
    """From an edit of the sample comp's last grade to its picture on the screen."""
    from nodegraph.editor.session import open_document
    from nodegraph.editor.ui.launch import settle

    app.open(open_document(str(SAMPLE), app.registry), str(SAMPLE))
    session = app.session
    session.viewer.show("over")
    session.viewer.proxy = proxy
    settle(app)
    session.cooker.run(lambda engine: engine.settle(60)).result()
    times = []
    for k in range(60):
        session.dragging = dragging
        begun = time.perf_counter()
        session.document.set("light.multiply", [1.0 + k / 200, 1.0, 1.0, 1.0], merge="slider" if dragging else None)
        before = session.viewer.painted
        while session.viewer.painted is before or not (dragging or session.viewer.painted.shot.final):
            app.frame()
        app.frame()  # the driver shows what was sent the frame before
        times.append((time.perf_counter() - begun) * 1e3)
    session.dragging = False
    times = sorted(times[5:])
    print(
        f"\nfrom a slider to the screen, {title}: {times[len(times) // 2]:.0f} ms, 95th percentile {times[int(len(times) * 0.95)]:.0f} ms"
    )


if __name__ == "__main__":
    main()
