"""A key has one name, however it is written."""

from __future__ import annotations

import pytest

from nodegraph.editor.keys import chord, normalise
from nodegraph.errors import DocumentError

WRITTEN = {
    "Ctrl+Z": ["ctrl-z", "Control+Z", "cmd+z", "Command-Z", " ctrl + z ", "CTRL+Z", "ctrl+ctrl+z"],
    "Ctrl+Alt+Shift+X": ["shift+alt+ctrl+x", "Option-Shift-Cmd-X"],
    "Tab": ["tab", "TAB"],
    "Return": ["Enter", "return", "NumEnter"],
    "Escape": ["esc"],
    "Ctrl+PageUp": ["Ctrl+Page Up", "ctrl-pgup"],
    "F12": ["f12"],
    "Num0": ["num0", "Num 0"],
    "1": ["1"],
    "Shift+1": ["shift-1"],
    ".": [".", "period", "Dot"],
    "?": ["?", "Shift+/", "shift-slash", "Shift+?"],
    "Ctrl+?": ["ctrl+shift+/"],
    ">": ["Shift+."],
    "+": ["+", "plus", "shift+=", "Shift++"],
    "-": ["-", "minus"],
    "Ctrl+-": ["ctrl--", "Ctrl+-", "ctrl-minus"],
    "Ctrl++": ["Ctrl++", "ctrl-+", "ctrl+plus"],
    "_": ["Shift+-"],
    "\\": ["\\"],
}


@pytest.mark.parametrize(("written", "name"), [(w, name) for name, all in WRITTEN.items() for w in all])
def test_one_name(written: str, name: str) -> None:
    assert normalise(written) == name
    assert normalise(name) == name


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Ctrl+Blorp", "'Blorp'"),
        ("Hyper+X", "'Hyper'"),
        ("Ctrl", "'Ctrl'"),
        ("Ctrl+", "no key after"),
        ("", "no key ''"),
        ("   ", "no key ''"),
        ("F13", "'F13'"),
        ("ö", "'ö'"),
        ("X+Y", "'X'"),
        ("Ctrl+Shift", "'Shift'"),
        ("++X", "''"),
    ],
)
def test_what_is_no_key_is_named(text: str, named: str) -> None:
    with pytest.raises(DocumentError, match=named):
        normalise(text)


def test_a_likely_key_is_suggested() -> None:
    with pytest.raises(DocumentError, match="Delete"):
        normalise("Delette")


def test_a_chord_of_held_modifiers() -> None:
    assert chord("x") == "X"
    assert chord("x", shift=True, ctrl=True) == "Ctrl+Shift+X"
    assert chord("/", shift=True) == "?"
    assert chord("-", ctrl=True) == "Ctrl+-"
    assert chord("+", ctrl=True, alt=True) == "Ctrl+Alt++"
