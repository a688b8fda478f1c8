"""Inputs that run by themselves, behind one small interface.

    device = open_device("clip.mp4", {"loop": True})
    while True:
        picture = device.read()

Which module opens an address is told by its scheme: what stands before the first colon, a file where there is none.
"""

from nodegraph.session.devices.interface import Device, Lost, Open, open_device

__all__ = ["Device", "Lost", "Open", "open_device"]
