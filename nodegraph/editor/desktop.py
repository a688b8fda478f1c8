"""The desktop's clipboard, asked from a process of its own.

Dear PyGui's own reading of it ends the process where the clipboard holds no text (a picture, or nothing), and a
question from this process would wait for the window that has to answer it.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from threading import Thread

_ASK = "import sys, copykitten; sys.stdout.buffer.write(copykitten.paste().encode())"
#: Seconds a program that holds the clipboard may take to hand it over.
_PATIENCE = 5.0


def clipboard_text() -> Future[str]:
    """The text in the clipboard, "" where there is none. The window must go on drawing: it may be the one asked."""
    asked: Future[str] = Future()
    Thread(target=lambda: asked.set_result(_read()), name="clipboard", daemon=True).start()
    return asked


def _read() -> str:
    try:
        answer = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace") if answer.returncode == 0 else ""
