"""Words to worlds: what they set, change, deny and forgive."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodegraph_nodes.environment import nearest
from nodegraph_nodes.environment.understanding import understand
from nodegraph_nodes.environment.words import BODIES, HEIGHTS, PHRASES, SIDES, TINTS

import nodegraph as ng
from nodegraph.models import models, state
from nodegraph.models.sentence import sentences
from nodegraph.values import World
from nodegraph.values.environment import GROUNDS, RANGES


def world(text: str, start: World | None = None) -> World:
    return understand(text, start)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stormy dusk over the desert, key from the left", {"ground": "desert", "cloud_cover": (0.8, 1), "cloud_weight": (0.7, 1), "sun_elevation": (-3, 3), "key": (1, 1), "key_azimuth": (-160, -100)}),
        ("storm from the left at dusk over the desert, warm key light", {"sun_azimuth": (40, 120), "key_warmth": (0.3, 1), "key": (1, 1), "warmth": (0, 0.2)}),
        ("foggy forest at dawn, light her from the right", {"ground": "forest", "fog": (0.5, 0.8), "sun_elevation": (-4, 2), "key_azimuth": (100, 160)}),
        ("clear night over the city, full moon behind her", {"ground": "city", "cloud_cover": (0, 0.05), "sun_elevation": (-20, -12), "moon": (1, 1), "moon_azimuth": (-20, 20)}),
        ("golden hour in the mountains with snow, a few clouds", {"ground": "mountains", "snow": (0.6, 1), "cloud_cover": (0.1, 0.3), "sun_elevation": (3, 10)}),
        ("sunset over the sea", {"ground": "sea", "sun_elevation": (0, 5)}),
        ("noon on the beach", {"ground": "sea", "sun_elevation": (50, 90)}),
        ("overcast steppe", {"ground": "plain", "cloud_cover": (0.9, 1), "green": (0, 0.3)}),
        ("sun behind her", {"sun_azimuth": (-20, 20)}),
        ("sun from the left", {"sun_azimuth": (-100, -50)}),
        ("sun at 20 degrees", {"sun_elevation": (20, 20)}),
        ("sun 30 degrees left", {"sun_azimuth": (-30, -30)}),
        ("key from the right", {"key": (1, 1), "key_azimuth": (100, 160)}),
        ("bright cold key light", {"key": (1, 1), "key_warmth": (-1, -0.3)}),
        ("soft warm key light from the left", {"key": (1, 1), "key_warmth": (0.3, 1), "key_stops": (-1, -0.1), "warmth": (0, 0)}),
        ("backlit at noon", {"sun_azimuth": (-20, 20), "sun_elevation": (50, 90)}),
        ("purple haze", {"turbidity": (5, 10)}),
        ("low sun", {"sun_elevation": (0, 10)}),
        ("blizzard in the alps", {"ground": "mountains", "snow": (0.9, 1), "wind": (0.9, 1)}),
        ("moonlit dunes", {"ground": "desert", "moon": (1, 1), "sun_elevation": (-20, -12)}),
        ("not foggy", {"fog": (0, 0)}),
        ("clouds but no fog, no wind", {"fog": (0, 0), "cloud_cover": (0.3, 0.7), "wind": (0, 0.15)}),
        ("without clouds", {"cloud_cover": (0, 0)}),
        ("no key light", {"key": (0, 0)}),
    ],
)  # fmt: skip
def test_what_words_set(text: str, expected: dict[str, object]) -> None:
    made = world(text).asdict()
    for field, wanted in expected.items():
        if isinstance(wanted, tuple):
            assert wanted[0] <= made[field] <= wanted[1], (field, made[field])
        else:
            assert made[field] == wanted
    assert not understand(text)[2], "all of it is understood"


@pytest.mark.parametrize(
    ("text", "field", "sign"),
    [
        ("a bit darker", "exposure", -1), ("two stops brighter", "exposure", 1), ("more clouds", "cloud_cover", 1),
        ("fewer clouds", "cloud_cover", -1), ("less fog", "fog", -1), ("more fog", "fog", 1), ("warmer", "warmth", 1),
        ("colder", "warmth", -1), ("sun to the right", "sun_azimuth", 1), ("sun to the left", "sun_azimuth", -1),
        ("lower sun", "sun_elevation", -1), ("sun higher", "sun_elevation", 1), ("later", "sun_elevation", -1),
        ("less snow", "snow", -1), ("stormier", "cloud_weight", 1),
    ],
)  # fmt: skip
def test_edits_change_what_there_is(text: str, field: str, sign: int) -> None:
    start = World(fog=0.5, snow=0.5, cloud_cover=0.4, cloud_weight=0.3, sun_elevation=30, sun_azimuth=10)
    before, after = start.asdict(), world(text, start).asdict()
    assert (after[field] - before[field]) * sign > 0
    others = [k for k in after if after[k] != before[k] and k not in (field, "cloud_weight", "green")]
    assert not others, "nothing else moves"


def test_how_much_is_how_far() -> None:
    fogs = [world(f"{how} foggy").fog for how in ("slightly", "quite", "", "very", "extremely")]
    assert fogs == sorted(fogs) and fogs[0] < 0.3 and fogs[-1] <= 1
    assert world("two stops brighter").exposure == 2 and world("a bit darker").exposure > world("darker").exposure


def test_clauses_are_read_in_order() -> None:
    assert world("foggy, no fog").fog == 0 and world("no fog, foggy").fog > 0.5
    assert world("sunset, two stops brighter, one stop darker").exposure == pytest.approx(1)


def test_slips_are_forgiven_and_the_unknown_is_said() -> None:
    assert world("sunst over the ocaen").ground == "sea" and world("sunst over the ocean").sun_elevation < 5
    made, effects, unknown = understand("xylophone")
    assert made == World() and not effects and unknown == ("xylophone",)
    assert understand("")[0] == World()


def test_every_effect_tells_its_words() -> None:
    _, effects, _ = understand("stormy dusk over the desert")
    assert any(str(e) == "dusk -> sun_elevation -0.5" for e in effects)
    assert {e.field for e in effects} >= {"cloud_cover", "ground", "sun_elevation"}


def test_the_vocabulary_fits_worlds() -> None:
    for phrase, values in PHRASES.items():
        for field, value in values.items():
            if field == "ground":
                assert value in GROUNDS, phrase
            elif field == "tint":
                assert value in TINTS, phrase
            else:
                low, high = RANGES[field]
                assert isinstance(value, (int, float)) and low <= value <= high, phrase


_WORDS = st.lists(
    st.sampled_from(
        [
            *PHRASES,
            *SIDES,
            *HEIGHTS,
            *BODIES,
            "no",
            "more",
            "less",
            "very",
            "30",
            "degrees",
            "two",
            "stops",
            ",",
            "xyz",
            "the",
        ]
    ),
    max_size=14,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_WORDS, st.text(max_size=60)))
def test_any_words_make_a_world(text: str) -> None:
    made = world(text)
    for field, (low, high) in RANGES.items():
        assert low <= getattr(made, field) <= high
    assert made == world(text)


# --- the node ----------------------------------------------------------------------------------


def cook(**values: object) -> World:
    graph = ng.new()
    graph.add("environment.prompt", name="world", params=dict(values))
    made = ng.cook(graph, "world")
    assert isinstance(made, World)
    return made


def test_a_lock_wins_over_words() -> None:
    free = cook(prompt="foggy dusk in the forest")
    held = cook(prompt="foggy dusk in the forest", lock_fog=True, fog=0.1, lock_ground=True, ground="sea")
    assert (free.fog, free.ground) == (pytest.approx(0.62), "forest")
    assert (held.fog, held.ground, held.sun_elevation) == (pytest.approx(0.1), "sea", free.sun_elevation)
    assert "locked: fog" in held.said and any(line.startswith("foggy -> fog") for line in held.said)


def test_a_world_can_be_edited_by_another_prompt() -> None:
    graph = ng.new()
    graph.add("environment.prompt", name="one", prompt="stormy dusk over the desert", seed=7)
    graph.add("environment.prompt", name="two", prompt="a bit darker, less clouds, xylophone")
    graph.connect("one", "two.world")
    first, second = ng.cook(graph, "one"), ng.cook(graph, "two")
    assert second.exposure < first.exposure and second.cloud_cover < first.cloud_cover
    assert (second.ground, second.seed) == ("desert", 7)
    assert "not understood: xylophone" in second.said


def test_words_reach_sky_ground_and_key() -> None:
    graph = ng.new()
    graph.add("environment.prompt", name="world", prompt="clear noon over the sea, key from the left")
    graph.add("environment.sky", name="sky", width=128)
    graph.add("environment.terrain", name="land")
    graph.add("relight.world_light", name="key")
    for to in ("sky.world", "land.world", "key.world"):
        graph.connect("world", to)
    graph.connect("sky", "land.sky")
    land, key = ng.cook(graph, "land"), ng.cook(graph, "key")
    assert (
        land.made.engine.endswith("procedural sea") and land.made.prompt == "clear noon over the sea, key from the left"
    )
    assert key.items[0].direction[0] < -0.4 and key.items[0].direction[2] > 0  # left, and before the actor
    day = land.panorama[:, :30].mean()
    graph.set("world.prompt", "moonless night over the sea, no key light")
    assert ng.cook(graph, "land").panorama[:, :30].mean() < day and not ng.cook(graph, "key").items


def test_a_word_is_taken_for_the_nearest_that_is_known() -> None:
    near = {"monsoon": ("rainy", 0.62), "arid": ("desert", 0.79)}
    made, effects, unknown = understand("very arid, xylophone", guess=near.get)
    assert made == world("very desert") and unknown == ("xylophone",)
    assert "arid ~ (0.79) desert" in str(effects[0])


@pytest.mark.skipif(
    any(state(models()[name]) != "installed" for name in ("sentence", "sentence_words")),
    reason="the sentence network isn't installed: `nodegraph models install sentence`",
)
def test_the_network_finds_what_a_stranger_means() -> None:
    for word, known in {
        "monsoon": "rainy",
        "skyscrapers": "city",
        "coast": "beach",
        "hurricane": "storm",
        "arctic": "tundra",
    }.items():
        assert _numbers(cook(prompt=word)) == _numbers(world(known)), word
    for left in (cook(prompt="computer"), cook(prompt="monsoon", guess=False)):
        assert _numbers(left) == _numbers(World())


def _numbers(made: World) -> dict[str, object]:
    return {name: getattr(made, name) for name in (*RANGES, "ground", "tint")}


def test_what_is_missing_for_a_guess_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NODEGRAPH_MODELS", str(tmp_path))
    nearest.nearest.cache_clear()
    monkeypatch.setattr(nearest, "sentences", sentences.__wrapped__)
    said = " ".join(cook(prompt="zeppelin").said)
    assert "not understood: zeppelin" in said and "nodegraph models install" in said
