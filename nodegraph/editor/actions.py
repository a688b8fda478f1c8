"""What the editor can be told to do by a key, and the keys it comes with: as in Nuke, or as in TouchDesigner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Place = Literal["anywhere", "graph", "viewer", "timeline"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do. Its name is stable: preferences are written with it.

    `place` is the panel under the cursor where its keys count. A `held` action lasts as long as its
    key is down. Actions with the same `line` share one on the shortcut sheet.
    """

    name: str
    title: str
    section: str
    place: Place
    held: bool = False
    line: str = ""


# name | title | keys as in Nuke, parted by blanks. "@timeline" counts in that panel alone.
_FILE = """
file.new | New graph | Ctrl+N
file.open | Open | Ctrl+O
file.save | Save | Ctrl+S
file.save_as | Save as | Ctrl+Shift+S
file.quit | Quit | Ctrl+Q
"""
_EDIT = """
edit.undo | Undo | Ctrl+Z
edit.redo | Redo | Ctrl+Shift+Z Ctrl+Y
edit.cancel | Stop what is under way | Escape
edit.preferences | Preferences | Ctrl+,
"""
_GRAPH = """
graph.search | Add a node | Tab
graph.find | Find a node | / Ctrl+F
graph.delete | Delete | Delete Backspace
graph.extract | Take out of its wires | Ctrl+Shift+X
graph.dot | Dot | .
graph.tidy | Tidy | L
graph.align_left | Align left edges | Ctrl+Shift+Left
graph.align_right | Align right edges | Ctrl+Shift+Right
graph.align_top | Align top edges | Ctrl+Shift+Up
graph.align_bottom | Align bottom edges | Ctrl+Shift+Down
graph.align_centre | Align centres across | Ctrl+Shift+C
graph.align_middle | Align middles down | Ctrl+Shift+M
graph.distribute_x | Equal gaps across | Alt+Shift+X
graph.distribute_y | Equal gaps down | Alt+Shift+Y
graph.group | Group | Ctrl+G
graph.ungroup | Ungroup | Ctrl+Shift+G
graph.enter | Enter the group | Return Ctrl+Return
graph.leave | Leave the group | Ctrl+Up
graph.copy | Copy | Ctrl+C
graph.cut | Cut | Ctrl+X
graph.paste | Paste | Ctrl+V
graph.duplicate | Duplicate | Alt+C Ctrl+D
graph.bypass | Bypass | D
graph.frame | Frame the chosen nodes, or all | F
graph.zoom_in | Zoom in | + =
graph.zoom_out | Zoom out | -
graph.select_all | Choose all | Ctrl+A
graph.rename | Rename | F2 N
graph.backdrop | Backdrop | Shift+B
graph.note | Note | Shift+N
graph.minimap | Minimap | M
graph.cut_held | Cut wires, while held and dragged | Y
"""
_VIEWER = """
viewer.fit | Fit the picture | F H
viewer.one_to_one | One to one | Ctrl+1
viewer.zoom_in | Zoom in | + =
viewer.zoom_out | Zoom out | -
viewer.red | Red | R
viewer.green | Green | G
viewer.blue | Blue | B
viewer.alpha | Alpha | A
viewer.luminance | Luminance | Y
viewer.matte | Matte over the picture | M
viewer.exposure_up | Exposure up | .
viewer.exposure_down | Exposure down | ,
viewer.gamma_up | Gamma up | >
viewer.gamma_down | Gamma down | <
viewer.reset | Exposure and gamma back | Shift+R
viewer.wipe | Wipe between A and B | W
viewer.difference | Difference of A and B | Shift+D
viewer.side_by_side | A and B side by side | Shift+S
viewer.roi | Region of interest | Shift+W
viewer.proxy | Proxy | Ctrl+P
viewer.handles | Handles | Shift+O
viewer.guides | Safe areas and formats | Shift+G
viewer.data_window | Data window | Shift+B
"""
_TIMELINE = """
timeline.play | Play | L
timeline.stop | Stop | K
timeline.play_back | Play backwards | J
timeline.toggle | Play or stop | Shift+Space
timeline.step_forward | One frame on | Right
timeline.step_back | One frame back | Left
timeline.jump_forward | Ten frames on | Shift+Right
timeline.jump_back | Ten frames back | Shift+Left
timeline.next_key | Next keyframe | Ctrl+Right
timeline.previous_key | Previous keyframe | Ctrl+Left
timeline.first | First frame | Home
timeline.last | Last frame | End
timeline.in | In point here | I
timeline.out | Out point here | O
timeline.clear_range | Whole range | Alt+I
timeline.loop | Loop | Ctrl+L
timeline.set_key | Set a keyframe | Shift+K
timeline.remove_key | Remove the keyframe | Ctrl+Shift+K
timeline.frame @timeline | Frame all keys | F
timeline.delete @timeline | Delete the chosen keys | Delete Backspace
timeline.select_all @timeline | Choose all keys | Ctrl+A
"""
_PANELS = """
panel.viewer | Viewer | Alt+1
panel.graph | Node graph | Alt+2
panel.parameters | Parameters | Alt+3
panel.scopes | Scopes | Alt+4
panel.timeline | Timeline | Alt+5
panel.messages | Messages | Alt+6
panel.maximise | Panel over the whole window, and back | Space
panel.reset | Panels as at first | Ctrl+Alt+0
help.sheet | Shortcuts | ? F1
"""


def _rows(section: str, text: str, usual: Place = "anywhere") -> Iterator[tuple[Action, tuple[str, ...]]]:
    for row in text.strip().splitlines():
        left, title, keys = (part.strip() for part in row.split(" | "))
        name, _, mark = left.partition(" @")
        place: Place = "timeline" if mark == "timeline" else usual
        yield Action(name, title, section, place, held=name.endswith("_held")), tuple(keys.split())


def _views() -> Iterator[tuple[Action, tuple[str, ...]]]:
    for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0):
        title = f"Show in the viewer, as {n}"
        yield Action(f"graph.view_{n}", title, "Node graph", "graph", line="Show in the viewer"), (str(n),)


_TABLE = (
    *_rows("File", _FILE),
    *_rows("Edit", _EDIT),
    *_rows("Node graph", _GRAPH, "graph"),
    *_views(),
    *_rows("Viewer", _VIEWER, "viewer"),
    *_rows("Timeline", _TIMELINE),
    *_rows("Panels and help", _PANELS),
)

#: By name, in the order of the shortcut sheet.
ACTIONS: Mapping[str, Action] = {action.name: action for action, _ in _TABLE}

_NUKE: Mapping[str, tuple[str, ...]] = {action.name: keys for action, keys in _TABLE}
_TOUCHDESIGNER: Mapping[str, tuple[str, ...]] = {
    "graph.enter": ("I", "Return"),
    "graph.leave": ("U", "Ctrl+Up"),
    "graph.frame": ("H", "F"),
    "graph.minimap": ("O",),
    "graph.bypass": ("B",),
    "viewer.fit": ("H",),
    "viewer.one_to_one": ("F", "Ctrl+1"),
    "timeline.toggle": ("Space",),
    "panel.parameters": ("P", "Alt+3"),
    "panel.maximise": ("Ctrl+Space",),
}

#: The key maps that come with the editor: keys by action.
SETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"nuke": _NUKE, "touchdesigner": {**_NUKE, **_TOUCHDESIGNER}}
