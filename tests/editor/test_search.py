"""The palette finds nodes as people look for them: by name, by family, by what another tool calls them."""

from __future__ import annotations

import pytest

from nodegraph.editor.search import RECENT, Found, Palette, name_of
from nodegraph.editor.synonyms import FAMILIES, SYNONYMS
from nodegraph.graph.schema import Port, Schema
from nodegraph.packs import registry

CATALOG = registry().catalog
OURS = [id for id in CATALOG if id.startswith("nodegraph.")]


def ids(found: list[Found]) -> list[str]:
    return [f.schema.id.removeprefix("nodegraph.") for f in found]


def first(text: str) -> str:
    found = ids(Palette(CATALOG).find(text))
    return found[0] if found else ""


def lit(found: Found) -> str:
    return "".join(found.matched[a:b] for a, b in found.spans)


# -- the data


def test_synonyms_are_of_nodes_and_families_that_there_are() -> None:
    assert set(SYNONYMS) - set(CATALOG) == set()
    assert set(FAMILIES) - {CATALOG[id].family for id in OURS} == set()
    assert all(SYNONYMS.values())


def test_no_synonym_is_there_twice_or_empty() -> None:
    for id, names in SYNONYMS.items():
        folded = ["".join(c for c in name.lower() if c.isalnum()) for name in names]
        assert all(folded), id
        assert len(set(folded)) == len(folded), id


# -- names


@pytest.mark.parametrize("id", OURS)
def test_every_node_is_found_first_by_its_own_name(id: str) -> None:
    palette, schema = Palette(CATALOG), CATALOG[id]
    tail, family = id.rpartition(".")[2], schema.family
    for text in (name_of(schema), tail, tail.replace("_", " "), tail.upper(), f"{family}.{tail}", id):
        assert palette.find(text)[0].schema.id == id, text


TOOLS = """
Grade: colour.grade, Merge2: merge.merge, Keylight: keying.chroma, Primatte: keying.chroma, Roto: draw.roto,
RotoPaint: draw.roto, ColorCorrect: colour.grade, ShuffleCopy: merge.shuffle, CornerPin2D: transform.corner_pin,
STMap: transform.st_map, LensDistortion: transform.lens_distortion, FrameHold: time.hold, TimeOffset: time.offset,
EdgeBlur: filter.blur, ZDefocus: filter.defocus, Bokeh: filter.defocus, Dilate: filter.dilate_erode,
Erode: filter.dilate_erode, FilterErode: filter.dilate_erode, OCIOColorSpace: colour.ocio_transform,
OCIODisplay: colour.display_view, Log2Lin: colour.log, CheckerBoard: capture.pattern, ColorBars: capture.pattern,
ColorWheel: capture.pattern, Premult: merge.premultiply, Unpremult: merge.unpremultiply, AddChannels: merge.add_channels,
HueShift: colour.hue_shift, SoftClip: colour.soft_clip, Noise: capture.pattern, TimeWarp: time.retime,
Movie File In TOP: capture.read, Composite TOP: merge.merge, Level TOP: colour.grade, Blur TOP: filter.blur,
Chroma Key TOP: keying.chroma, Transform TOP: transform.transform, Over TOP: merge.merge, Switch TOP: flow.switch,
Null TOP: flow.dot, Cache: time.hold, Text TOP: draw.text, Loader: capture.read, Saver: output.write,
DeltaKeyer: keying.chroma, Ultra Keyer: keying.chroma, Brightness/Contrast: colour.grade, Background: capture.constant,
MatteControl: merge.copy, Alpha Over: merge.merge, Keying: keying.chroma, Image: capture.read, Movie Clip: capture.read,
Map Range: colour.grade, Gaussian Blur: filter.blur, Levels: colour.grade, Solid: capture.constant
"""


@pytest.mark.parametrize("pair", [p.strip() for p in TOOLS.split(",")])
def test_what_other_tools_call_it_comes_first(pair: str) -> None:
    name, _, id = pair.partition(": ")
    assert first(name) == id


@pytest.mark.parametrize("text", ["frame hold", "framehold", "FrameHold", " frame_hold ", "frame-hold"])
def test_gaps_and_capitals_do_not_matter(text: str) -> None:
    assert first(text) == "time.hold"


# -- ranks


def test_the_beginning_of_a_name_goes_before_a_word_in_it_before_a_synonym() -> None:
    found = ids(Palette(CATALOG).find("key"))
    assert found[0] == "keying.chroma"  # "Key" is a synonym as a whole
    found = ids(Palette(CATALOG).find("ke"))
    assert found[:2] == ["merge.keymix", "keying.quality"]  # their names begin so
    assert "keying.chroma" in found  # and of this one a word
    blurs = ids(Palette(CATALOG).find("blur"))
    assert blurs[0] == "filter.blur"
    assert set(blurs[1:4]) == {"filter.box", "filter.zoom_blur", "filter.directional_blur"}


def test_a_family_lists_its_nodes() -> None:
    palette = Palette(CATALOG)
    colours = {id for id in OURS if CATALOG[id].family == "colour"}
    for text in ("colour", "color", "colo"):
        assert colours <= {f.schema.id for f in palette.find(text, limit=60)}
    assert palette.find("keying", limit=1)[0].schema.family == "keying"
    assert {id for id in OURS if CATALOG[id].family == "time"} <= {f.schema.id for f in palette.find("time", limit=60)}


def test_scattered_letters_are_found_with_words_begun_before_others() -> None:
    assert first("crnpin") == "transform.corner_pin"
    assert first("mrg") == "merge.merge"
    assert first("stm") == "transform.st_map"
    assert first("gsb") == "filter.blur"
    assert ids(Palette(CATALOG).find("de", limit=60)).index("filter.defocus") < ids(
        Palette(CATALOG).find("de", limit=60)
    ).index("filter.dilate_erode")


def test_words_in_any_order() -> None:
    assert first("blur box") == "filter.box"
    assert first("blur filter zoom") == "filter.zoom_blur"
    assert first("key chroma") == "keying.chroma"


def test_what_fits_nothing_finds_nothing() -> None:
    palette = Palette(CATALOG)
    for text in ("zzzz", "qxj", "...", "?", "glorp blur"):
        assert palette.find(text) == [], text


def test_one_letter_is_only_the_beginning_of_a_word() -> None:
    for found in Palette(CATALOG).find("x", limit=60):
        a, _ = found.spans[0]
        assert found.matched[a].lower() == "x"
        assert a == 0 or not found.matched[a - 1].islower()


# -- what matched


def test_the_letters_that_hit_are_told() -> None:
    palette = Palette(CATALOG)
    whole = palette.find("key chroma")[0]
    assert whole.matched == "chroma key"
    assert sorted(whole.spans) == [(0, 6), (7, 10)]
    word = next(f for f in palette.find("blur") if f.schema.id == "nodegraph.filter.zoom_blur")
    assert (word.matched, word.spans) == ("zoom blur", ((5, 9),))
    synonym = palette.find("keyl")[0]
    assert (synonym.matched, synonym.spans) == ("Keylight", ((0, 4),))
    gap = palette.find("framehold")[0]
    assert (gap.matched, gap.spans) == ("frame hold", ((0, 5), (6, 10)))


@pytest.mark.parametrize("text", ["blur", "mrg", "ocio col", "crnpin", "f", "brightness/con", "te", "12"])
def test_spans_lie_in_the_match_in_order_and_spell_what_was_typed(text: str) -> None:
    for found in Palette(CATALOG).find(text, limit=60):
        flat = [k for span in found.spans for k in span]
        assert flat == sorted(set(flat))
        assert flat[-1] <= len(found.matched)
        assert lit(found).lower() == "".join(c for c in text if c.isalnum())


def test_scores_fall() -> None:
    scores = [f.score for f in Palette(CATALOG).find("co", limit=60)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 3


# -- what is allowed, how many


def test_only_what_is_allowed_is_listed() -> None:
    palette = Palette(CATALOG)
    sinks = palette.find("", allowed=lambda s: s.kind == "sink", limit=60)
    assert ids(sinks) == ["output.write"]
    assert palette.find("blur", allowed=lambda s: False) == []
    # those that aren't allowed take nobody's place
    assert ids(palette.find("r", allowed=lambda s: s.id.endswith("retime"), limit=1)) == ["time.retime"]


def test_no_more_than_the_limit() -> None:
    palette = Palette(CATALOG)
    assert [len(palette.find(text, limit=n)) for text in ("", "e", "blur") for n in (3, 0, -1)] == [3, 0, 0] * 3


# -- what was used


def test_nothing_typed_lists_what_was_used_last_then_all_by_family() -> None:
    palette = Palette(CATALOG)
    palette.used("nodegraph.filter.blur")
    palette.used("nodegraph.merge.merge")
    palette.used("nodegraph.filter.blur")
    found = palette.find("  ", limit=1000)
    assert ids(found)[:2] == ["filter.blur", "merge.merge"]
    assert len(found) == len({f.schema.id for f in found}) == len(CATALOG)
    families = [f.schema.family for f in found[2:]]
    assert families == sorted(families)


def test_used_nodes_go_first_among_equals_only() -> None:
    twins = {id: Schema(id, 1, "pixel", (Port("in"),)) for id in ("p.a.blur_one", "p.a.blur_two", "p.a.blurred_thing")}
    palette = Palette(twins)
    assert [f.schema.id for f in palette.find("blur")] == ["p.a.blur_one", "p.a.blur_two", "p.a.blurred_thing"]
    palette.used("p.a.blur_two")
    assert [f.schema.id for f in palette.find("blur")][:2] == ["p.a.blur_two", "p.a.blur_one"]
    palette.used("p.a.blurred_thing")
    assert palette.find("blurone")[0].schema.id == "p.a.blur_one"
    assert palette.recent == ("p.a.blurred_thing", "p.a.blur_two")


def test_recent_ids_are_kept_few_and_those_of_missing_packs_do_no_harm() -> None:
    palette = Palette(CATALOG, recent=["gone.pack.node", "nodegraph.flow.dot", "nodegraph.flow.dot"])
    assert palette.recent == ("gone.pack.node", "nodegraph.flow.dot")
    assert ids(palette.find(""))[0] == "flow.dot"
    for id in CATALOG:
        palette.used(id)
    assert len(palette.recent) == RECENT
    assert palette.recent[0] == list(CATALOG)[-1]


# -- other catalogs


def test_odd_catalogs() -> None:
    assert Palette({}).find("blur") == Palette({}).find("") == []
    bare = Palette(
        {"lonely": Schema("lonely", 1, "pixel"), "x.İstanbul": Schema("x.İstanbul", 1, "pixel", label="İstanbul")}
    )
    assert bare.find("lone")[0].schema.id == "lonely"
    assert lit(bare.find("stanbul")[0]) == "stanbul"
