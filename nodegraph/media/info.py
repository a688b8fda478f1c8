"""What a picture, sequence or clip is, told from its headers."""

from __future__ import annotations

from dataclasses import dataclass, field

from nodegraph.media.images import describe_image, parts, rate_of
from nodegraph.media.sequences import expand, find_sequence, is_pattern
from nodegraph.media.video import is_video, open_clip
from nodegraph.values.ranges import format_frames


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts in the order they are told: (what, value). `parts` has the same of each part of a picture."""

    kind: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[tuple[tuple[str, str], ...], ...] = field(default=())


def describe_media(path: str) -> MediaInfo:
    """What a file or sequence is. MediaError says why it can't be told."""
    if is_pattern(path):
        return _sequence(path)
    return _clip(path) if is_video(path) else _picture(path)


def _sequence(path: str) -> MediaInfo:
    sequence = find_sequence(path)
    first = _picture(expand(path, sequence.frames[0]))
    facts = [("frames", f"{len(sequence.frames)}, {format_frames(sequence.frames)}")]
    if sequence.missing:
        facts.append(("missing", format_frames(sequence.missing)))
    return MediaInfo("sequence", (*facts, *first.facts), first.parts)


def _picture(path: str) -> MediaInfo:
    spec = describe_image(path)
    data, display = spec.data_window, spec.display_window
    facts = [("size", f"{display.width} x {display.height}")]
    if data != display:
        facts.append(("data window", f"{data.width} x {data.height} at {data.x0}, {data.y0}"))
    facts += [("channels", " ".join(spec.channels)), ("colour space", f"{spec.colour_space} (assumed)")]
    if spec.pixel_aspect != 1:
        facts.append(("pixel aspect", f"{spec.pixel_aspect:g}"))
    rate = rate_of(spec.metadata)
    if rate is not None:
        facts.append(("rate", f"{float(rate):g} frames/s"))
    if spec.stamp.timecode:
        facts.append(("timecode", spec.stamp.timecode))
    return MediaInfo("picture", tuple(facts), _parts(path))


def _parts(path: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    from nodegraph.errors import MediaError

    try:
        found = parts(path)
    except MediaError:  # a luminance-chroma picture has one part, told above
        return ()
    return tuple(
        (
            ("part", part.name or str(part.index)),
            ("view", part.view),
            ("channels", " ".join(part.channels)),
            ("samples", part.sample + (", deep" if part.deep else "")),
            ("compression", str(part.metadata.get("compression", ""))),
            ("data window", f"{part.data_window.width} x {part.data_window.height}"),
        )
        for part in found
    )


def _clip(path: str) -> MediaInfo:
    clip = open_clip(path)
    info, spec = clip.info, clip.spec
    facts = [
        ("size", f"{info.width} x {info.height}"),
        ("frames", f"{info.frames}, {float(info.frames / info.rate):.2f} s"),
        ("rate", f"{float(info.rate):g} frames/s"),
        ("codec", f"{info.codec}, {info.pixel_format}"),
        ("colour space", spec.colour_space),
    ]
    if info.pixel_aspect != 1:
        facts.append(("pixel aspect", f"{info.pixel_aspect:g}"))
    if info.timecode:
        facts.append(("timecode", info.timecode))
    facts += [("sound", sound) for sound in info.audio]
    return MediaInfo("clip", tuple(facts))
