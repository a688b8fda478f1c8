# ruff: noqa: TID253
"""EXRs with parts, layers and views, luminance-chroma, deep; and real ones of other programs."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray

from nodegraph.errors import MediaError
from nodegraph.media.images import describe_image, parts, pick, read_image
from nodegraph.values import Frame, Raw, Window
from tests.media.forging import exr_header
from tests.media.test_images import values

NUKE = "exr/gaffer/channelTestNukePartPerLayer.exr"


def made_of(parts_: list[tuple[dict[str, Any], dict[str, NDArray[Any]]]], path: Path) -> str:
    """An EXR written by the OpenEXR package, one part for each (header, channels)."""
    head = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    written = [OpenEXR.Part(head | header, channels) for header, channels in parts_]
    OpenEXR.File(written).write(str(path))
    return str(path)


def flat(value: float, kind: type = np.float16) -> NDArray[Any]:
    return np.full((4, 6), value, kind)


@pytest.fixture
def stereo(tmp_path: Path) -> str:
    """Two views of a main picture and of a layer, one part each, as compositors write them."""
    listed = []
    for value, (layer, view) in enumerate([("rgba", "left"), ("rgba", "right"), ("glow", "left"), ("glow", "right")]):
        prefix = "" if layer == "rgba" else "glow."
        channels = {prefix + c: flat(value + k / 10) for k, c in enumerate("RGB")}
        listed.append(({"name": f"{layer}.{view}", "view": view}, channels))
    return made_of(listed, tmp_path / "stereo.exr")


def test_parts_by_name_number_view_and_layer(stereo: str) -> None:
    assert [(p.name, p.view) for p in parts(stereo)] == [
        ("rgba.left", "left"), ("rgba.right", "right"), ("glow.left", "left"), ("glow.right", "right"),
    ]  # fmt: skip
    for wanted, asked in [
        (0, {}), (1, {"view": "right"}), (2, {"layer": "glow"}), (3, {"layer": "glow", "view": "right"}),
        (1, {"part": "rgba.right"}), (3, {"part": "3", "layer": "glow"}),
    ]:  # fmt: skip
        got = values(stereo, **asked)
        np.testing.assert_allclose(got[0, 0], [wanted, wanted + 0.1, wanted + 0.2], atol=1e-2)
        assert pick(stereo, **asked).names == ("R", "G", "B")


def test_all_of_a_part_under_its_own_names(stereo: str) -> None:
    assert set(pick(stereo, "*").names) == {"R", "G", "B"}
    assert set(pick(stereo, "*", part="glow.left").names) == {"glow.R", "glow.G", "glow.B"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layer": "glwo"}, "has no layer 'glwo' (did you mean glow"),
        ({"layer": "nothing at all"}, "has no layer 'nothing at all' (it has rgba, glow)"),
        ({"part": "rgba.rihgt"}, "has no part 'rgba.rihgt' (did you mean rgba.right"),
        ({"view": "lfet"}, "has no view 'lfet' (did you mean left"),
        ({"part": "9"}, "has no part '9' (it has rgba.left, rgba.right, glow.left, glow.right"),
    ],
)
def test_a_name_that_is_not_there(stereo: str, asked: dict[str, str], said: str) -> None:
    with pytest.raises(MediaError) as caught:
        read_image(stereo, **asked)
    assert caught.value.where == stereo and said in str(caught.value)


def test_layers_in_one_part(tmp_path: Path) -> None:
    channels = {"R": 1, "G": 2, "B": 3, "A": 4, "spec.red": 5, "spec.green": 6, "spec.blue": 7, "N.x": 8, "N.y": 9,
                "N.z": 10, "depth.Z": 11, "mask": 12}  # fmt: skip
    path = made_of([({}, {name: flat(value) for name, value in channels.items()})], tmp_path / "a.exr")
    assert set(parts(path)[0].layers) == {"", "N", "depth", "spec"}
    for layer, names, wanted in [
        ("", ("R", "G", "B", "A", "mask"), [1, 2, 3, 4, 12]), ("spec", ("R", "G", "B"), [5, 6, 7]),
        ("N", ("R", "G", "B"), [8, 9, 10]), ("depth", ("Z",), [11]),
    ]:  # fmt: skip
        assert pick(path, layer).names == names
        assert values(path, layer)[2, 3].tolist() == wanted


def test_a_luminance_picture_is_grey(tmp_path: Path) -> None:
    path = made_of([({}, {"Y": flat(0.25), "A": flat(0.5)})], tmp_path / "a.exr")
    assert pick(path).names == ("R", "G", "B", "A")
    assert values(path)[0, 0].tolist() == [0.25, 0.25, 0.25, 0.5]


# --- luminance and chroma


def subsampled_exr(full: dict[str, NDArray[Any]], half: dict[str, NDArray[Any]]) -> bytes:
    """An uncompressed float EXR whose `half` channels have every second pixel of every second line."""
    height, width = next(iter(full.values())).shape
    head = exr_header(width, height, dict.fromkeys(full, (1, 1)) | dict.fromkeys(half, (2, 2)), compression=0)
    chunks = []
    for y in range(height):
        rows = {n: v[y] for n, v in full.items()} | ({} if y % 2 else {n: v[y // 2] for n, v in half.items()})
        line = b"".join(rows[n].astype("<f4").tobytes() for n in sorted(rows))
        chunks.append(struct.pack("<ii", y, len(line)) + line)
    starts = np.cumsum([len(head) + 8 * height, *map(len, chunks[:-1])])
    table: bytes = starts.astype("<u8").tobytes()
    return head + table + b"".join(chunks)


def test_luminance_chroma_is_the_colour_it_was_made_of(tmp_path: Path) -> None:
    """Made here by the definition (Y of Rec. 709, RY = (R-Y)/Y, BY = (B-Y)/Y) of one colour over a ramp of light."""
    light = np.linspace(0.1, 2, 8 * 10, dtype=np.float32).reshape(8, 10)
    colour = np.array([0.8, 0.5, 0.2])
    y = float(colour @ [0.2126, 0.7152, 0.0722])
    chroma = {name: np.full((4, 5), value / y - 1) for name, value in (("RY", colour[0]), ("BY", colour[2]))}
    path = str(tmp_path / "a.exr")
    Path(path).write_bytes(subsampled_exr({"Y": light * y, "A": np.full((8, 10), 0.5)}, chroma))
    made = read_image(path)
    assert isinstance(made, Frame) and made.spec == describe_image(path)
    assert made.spec.channels == ("R", "G", "B", "A")
    np.testing.assert_allclose(made.pixels[:3], colour[:, None, None] * light, rtol=2e-5)
    np.testing.assert_array_equal(made.pixels[3], np.float32(0.5))


def test_a_real_luminance_chroma_picture(shared_data: Path) -> None:
    path = shared_data / "exr/openexr-images/Flowers.exr"
    made = read_image(str(path))
    assert isinstance(made, Frame)
    planes = {
        n: np.asarray(c.pixels, np.float64)
        for n, c in OpenEXR.File(str(path), separate_channels=True).channels().items()
    }
    y = planes["Y"][::2, ::2]  # where chroma has its samples, nothing is interpolated
    r, b = (planes["RY"] + 1) * y, (planes["BY"] + 1) * y
    g = (y - 0.2126 * r - 0.0722 * b) / 0.7152
    np.testing.assert_allclose(made.pixels[:, ::2, ::2], np.stack([r, g, b]), atol=2e-3, rtol=2e-3)
    luma = np.tensordot([0.2126, 0.7152, 0.0722], made.pixels.astype(np.float64), 1)
    np.testing.assert_allclose(luma, planes["Y"], atol=1e-4, rtol=1e-4)


# --- files of other programs


def test_real_files_open_or_say_why(shared_data: Path) -> None:
    files = [f for f in sorted((shared_data / "exr").rglob("*")) if f.suffix in (".exr", ".dpx", ".tif")]
    assert len(files) > 20
    for file in files:
        if file.name == "deepalpha.exr":
            continue
        made = read_image(str(file))
        shape = made.planes[0].shape if isinstance(made, Raw) else made.pixels.shape[1:]
        window = made.spec.data_window
        assert shape[:2] == (window.height, window.width) and describe_image(str(file)) == made.spec


def test_deep_is_recognised(shared_data: Path) -> None:
    path = str(shared_data / "exr/OpenImageIO/deepalpha.exr")
    assert parts(path)[0].deep
    with pytest.raises(MediaError, match=r"deepalpha\.exr: is a deep picture .*flatten it first"):
        read_image(path)


@pytest.mark.parametrize(
    ("name", "data", "display"),
    [
        ("t01", Window(0, 0, 400, 300), Window(0, 0, 400, 300)),
        ("t05", Window(0, 0, 400, 300), Window(30, 20, 370, 280)),
        ("t08", Window(30, 40, 430, 340), Window(0, 0, 501, 401)),
        ("t12", Window(0, 0, 400, 300), Window(0, -100, 400, 0)),
        ("t15", Window(0, 0, 400, 300), Window(-40, -40, 441, 331)),
    ],
)
def test_openexr_window_files(name: str, data: Window, display: Window, shared_data: Path) -> None:
    spec = describe_image(str(shared_data / f"exr/openexr-images/{name}.exr"))
    assert (spec.data_window, spec.display_window) == (data, display)


def test_layers_of_other_programs(shared_data: Path) -> None:
    nuke, gaffer = str(shared_data / NUKE), str(shared_data / "exr/gaffer/channelTestPartPerLayer.exr")
    reference = OpenEXR.File(nuke, separate_channels=True)
    for layer, names in [
        ("", ("R", "G", "B", "A")),
        ("character", ("R", "G", "B", "A", "Z", "ZBack", "custom", "mask")),
        ("depth", ("Z",)),
    ]:
        assert pick(nuke, layer).names == names
        index = pick(nuke, layer).part.index
        stored = {n.rpartition(".")[2]: c.pixels for n, c in reference.channels(index).items()}
        first = stored.get("R", stored.get("red", stored.get("Z")))
        np.testing.assert_array_equal(values(nuke, layer)[..., 0], np.asarray(first, np.float32))
    assert pick(gaffer, "character").part.name == "character"
    views = str(shared_data / "exr/gaffer/channelTestMultiViewSinglePart.exr")
    left = OpenEXR.File(views, separate_channels=True).channels()["character.left.R"].pixels
    np.testing.assert_array_equal(values(views, "character", view="left")[..., 0], left)
