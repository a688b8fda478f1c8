"""Names of keys: "Ctrl+Shift+X", "Tab", ".", "F5". However one writes a key, it has one name here.

A sign that takes Shift on a US keyboard is named by itself: "?" and not "Shift+/".
"""

from __future__ import annotations

from functools import lru_cache

from nodegraph.errors import DocumentError, did_you_mean

#: In the order in which they are written.
MODIFIERS = ("Ctrl", "Alt", "Shift")
_MODIFIERS = {
    "ctrl": "Ctrl", "control": "Ctrl", "cmd": "Ctrl", "command": "Ctrl", "alt": "Alt", "option": "Alt", "opt": "Alt",
    "shift": "Shift",
}  # fmt: skip

_NAMED = (
    "Tab", "Return", "Escape", "Space", "Delete", "Backspace", "Insert", "Home", "End", "PageUp", "PageDown", "Left",
    "Right", "Up", "Down", *(f"F{n}" for n in range(1, 13)), *(f"Num{n}" for n in range(10)), "NumAdd", "NumSubtract",
    "NumMultiply", "NumDivide", "NumDecimal",
)  # fmt: skip
_ALIASES = {
    "enter": "Return", "numenter": "Return", "esc": "Escape", "del": "Delete", "ins": "Insert", "pgup": "PageUp",
    "pgdn": "PageDown", "pgdown": "PageDown", "spacebar": "Space", "bksp": "Backspace", "slash": "/", "period": ".",
    "dot": ".", "comma": ",", "plus": "+", "minus": "-", "equals": "=", "leftarrow": "Left", "rightarrow": "Right",
    "uparrow": "Up", "downarrow": "Down",
}  # fmt: skip
#: Punctuation, and what Shift makes of it.
_SHIFTED = dict(zip("`-=[]\\;',./", '~_+{}|:"<>?', strict=True))
_SIGNS = frozenset(_SHIFTED) | frozenset(_SHIFTED.values())
_KEYS = {name.lower(): name for name in _NAMED} | _ALIASES


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """The one name of a key, from what a person or a preferences file calls it ("ctrl-z", "Cmd+Z").

    DocumentError naming the key when there is none such.
    """
    *before, last = _pieces(text)
    modifiers = set()
    for piece in before:
        modifier = _MODIFIERS.get(piece.lower())
        if modifier is None:
            raise _unknown(text, piece, [*MODIFIERS, "Cmd"])
        modifiers.add(modifier)
    key = _key(text, last)
    if "Shift" in modifiers and key in _SHIFTED:
        key = _SHIFTED[key]
    if key in _SHIFTED.values():
        modifiers.discard("Shift")
    return "+".join([*(m for m in MODIFIERS if m in modifiers), key])


def chord(key: str, *, ctrl: bool = False, alt: bool = False, shift: bool = False) -> str:
    """The name of a key pressed with modifiers held."""
    held = [name for name, down in zip(MODIFIERS, (ctrl, alt, shift), strict=True) if down]
    return normalise("+".join([*held, key]))


def _pieces(text: str) -> list[str]:
    """Modifiers and key. "+" and "-" part them and are keys too."""
    text = "".join(text.split())
    if text[-1:] in ("+", "-"):
        if len(text) > 1 and text[-2] not in "+-":
            raise DocumentError(f"{text!r} has no key after its modifiers", where=text)
        head, last = text[:-2], text[-1]
    else:
        head, last = text, ""
    pieces = head.replace("-", "+").split("+") if head else []
    return [*pieces, last] if last or not pieces else pieces


def _key(text: str, name: str) -> str:
    if len(name) == 1 and (name.isascii() and name.isalnum()):
        return name.upper()
    if name in _SIGNS:
        return name
    key = _KEYS.get(name.lower())
    if key is None:
        raise _unknown(text, name, _NAMED)
    return key


def _unknown(text: str, piece: str, known: object) -> DocumentError:
    hint = did_you_mean(piece, known) or 'write "Ctrl+Shift+X", "Tab", "." or "F5"'
    return DocumentError(f"there is no key {piece!r}", where=repr(text), hint=hint)
