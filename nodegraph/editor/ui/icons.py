"""Icons by name: characters of Font Awesome 6 Free, solid."""

from __future__ import annotations

ICONS: dict[str, str] = {
    name: chr(code)
    for name, code in {
        "play": 0xF04B, "pause": 0xF04C, "stop": 0xF04D, "step_forward": 0xF051, "step_back": 0xF048, "first": 0xF049,
        "last": 0xF050, "play_back": 0xF04A, "loop": 0xF363, "once": 0xF061, "bounce": 0xF07E, "save": 0xF0C7, "open": 0xF07C,
        "new": 0xF15B, "undo": 0xF0E2, "redo": 0xF01E, "plus": 0x2B, "minus": 0xF068, "search": 0xF002, "tidy": 0xF0E8,
        "frame": 0xF065, "group": 0xF247, "ungroup": 0xF248, "eye": 0xF06E, "warning": 0xF071, "error": 0xF06A, "info": 0xF05A,
        "key": 0xF219, "link": 0xF0C1, "unlink": 0xF127, "reset": 0xF2EA, "copy": 0xF0C5, "paste": 0xF0EA, "gear": 0xF013,
        "question": 0x3F, "fit": 0xF31E, "grid": 0xF00A, "camera": 0xF030, "film": 0xF008, "image": 0xF03E, "folder": 0xF07B,
        "file": 0xF15B, "close": 0xF00D, "chevron_down": 0xF078, "chevron_right": 0xF054, "chevron_left": 0xF053,
        "chevron_up": 0xF077, "lock": 0xF023, "lightbulb": 0xF0EB, "eyedropper": 0xF1FB, "wand": 0xF0D0, "trash": 0xF1F8,
        "pin": 0xF08D, "star": 0xF005, "arrow_up": 0xF062, "arrow_right": 0xF061, "clock": 0xF017, "bell": 0xF0F3,
        "sliders": 0xF1DE, "palette": 0xF53F, "power": 0xF011, "pen": 0xF304, "bars": 0xF0C9, "check": 0xF00C,
        "ellipsis": 0xF141, "chart": 0xF1FE, "expand": 0xF065, "book": 0xF02D, "bolt": 0xF0E7, "wave": 0xF83E, "curve": 0xF55B,
        "arrow_down": 0xF063, "arrow_left": 0xF060, "move": 0xF0B2, "target": 0xF601, "fold": 0xF066, "window": 0xF2D2,
        "zoom_in": 0xF00E, "zoom_out": 0xF010, "eye_off": 0xF070, "unlock": 0xF3C1, "off": 0xF05E, "ok": 0xF058, "help": 0xF059,
        "columns": 0xF0DB, "compare": 0xF042, "crop": 0xF125, "brush": 0xF1FC, "cut": 0xF0C4, "text": 0xF031, "audio": 0xF028,
        "muted": 0xF6A9, "video": 0xF03D, "filter": 0xF0B0, "layers": 0xF5FD, "cube": 0xF1B2, "sun": 0xF185, "person": 0xF007,
        "graph": 0xF542, "timeline": 0xE29C, "histogram": 0xE0E3, "export": 0xF56E, "outside": 0xF08E, "history": 0xF1DA,
        "stopwatch": 0xF2F2, "speed": 0xF3FD, "memory": 0xF538, "chip": 0xF2DB, "keyboard": 0xF11C, "note": 0xF249,
        "tag": 0xF02B, "home": 0xF015, "refresh": 0xF021, "wait": 0xF110, "bug": 0xF188, "circle": 0xF111, "dot": 0xF192,
        "square": 0xF0C8, "hand": 0xF256, "sort": 0xF0DC,
    }.items()
}  # fmt: skip
