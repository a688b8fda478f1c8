# ruff: noqa: TID253
"""What measures keyers: the measures themselves, the truth they are held against, and the peers."""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.mattes import bounds, codec, light, metrics, ours, peers, plates, scenes, sheets, subjects, tables
from benchmarks.mattes.codec import Picture
from benchmarks.mattes.metrics import Result, Truth
from benchmarks.mattes.scenes import Scene

Array = NDArray[np.float64]
GREEN = np.array([0.05, 0.4, 0.08])
YELLOW = np.array([0.61, 0.58, 0.01])


def mattes(rng: np.random.Generator, shape: tuple[int, int] = (40, 50)) -> tuple[Array, Array]:
    """A soft-edged true matte and one that is wrong here and there."""
    truth = np.clip(ndimage.gaussian_filter(rng.random(shape), 3) * 12 - 5.5, 0, 1)
    return np.clip(truth + rng.normal(0, 0.1, shape) * (truth > 0), 0, 1), truth


# -- measures


def test_sums_and_means_by_hand() -> None:
    alpha, truth = np.array([[0.5, 1.0], [0.25, 0.0]]), np.array([[0.25, 1.0], [0.75, 0.0]])
    assert metrics.sad(alpha, truth) == pytest.approx(0.75 / 1000)
    assert metrics.mse(alpha, truth) == pytest.approx((0.0625 + 0.25) / 4)
    assert metrics.mad(alpha, truth) == pytest.approx(0.75 / 4)
    assert metrics.mad(alpha, truth, metrics.soft(truth)) == pytest.approx(0.375)
    assert metrics.mad(alpha, truth, truth > 2) == 0


def test_gradient_error_is_that_of_gaussian_derivatives(rng: np.random.Generator) -> None:
    """Against SciPy's, which is normed otherwise: by its area, and not cut at 1 %."""
    alpha, truth = mattes(rng)
    sigma, at = 1.4, np.arange(-30, 31)
    bell = np.exp(-0.5 * (at / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    norm = np.linalg.norm(bell) * np.linalg.norm(at * bell / sigma**2)

    def slope(matte: Array) -> Array:
        axes = [ndimage.gaussian_filter(matte, sigma, order, mode="nearest") for order in ((0, 1), (1, 0))]
        return np.hypot(*axes) / norm

    expected = ((slope(alpha) - slope(truth)) ** 2).sum() / 1000
    assert metrics.gradient_error(alpha, truth) == pytest.approx(expected, rel=0.03)
    assert metrics.gradient_error(truth, truth) == 0


def test_gradient_of_a_ramp_by_hand() -> None:
    """A ramp of 0.01 a pixel against none: its slope, by the kernel's first moment, over the energy."""
    ramp = np.tile(np.arange(60) * 0.01, (60, 1))
    at = np.arange(-4, 5)
    bell = np.exp(-0.5 * (at / 1.4) ** 2)
    rise = at * bell
    slope = 0.01 * (at * rise).sum() * bell.sum() / (np.linalg.norm(bell) * np.linalg.norm(rise))
    inner = metrics._slope(ramp, 1.4)[10:-10, 10:-10]
    assert inner == pytest.approx(slope)


def connectivity_reference(alpha: Array, truth: Array) -> float:
    """Connectivity error with SciPy's labels, written straight from the definition."""
    last = np.full(alpha.shape, np.nan)
    for number in range(1, 11):
        level = number / 10
        labels, count = ndimage.label((alpha >= level - 1e-9) & (truth >= level - 1e-9))
        sizes = ndimage.sum_labels(np.ones(alpha.shape), labels, range(1, count + 1))
        largest = labels == 1 + int(np.argmax(sizes)) if count else np.zeros(alpha.shape, bool)
        last = np.where(np.isnan(last) & ~largest, level - 0.1, last)
    last = np.where(np.isnan(last), 1.0, last)
    phi = [1 - np.where(m - last >= 0.15, m - last, 0) for m in (alpha, truth)]
    return float(np.abs(phi[0] - phi[1]).sum() / 1000)


def test_connectivity_error_is_its_definition(rng: np.random.Generator) -> None:
    for _ in range(5):
        alpha, truth = mattes(rng)
        assert metrics.connectivity_error(alpha, truth) == pytest.approx(connectivity_reference(alpha, truth))
        assert metrics.connectivity_error(truth, truth) == 0


def test_connectivity_error_by_hand() -> None:
    """A speck of 0.5 that the truth doesn't have hangs free from the first threshold on: l = 0, d = 0.5."""
    truth = np.zeros((9, 9))
    truth[2:5, 2:5] = 1
    alpha = truth.copy()
    alpha[7, 7] = 0.5
    assert metrics.connectivity_error(alpha, truth) == pytest.approx(0.5 / 1000)
    alpha[7, 7] = 0.14  # less than theta: not seen
    assert metrics.connectivity_error(alpha, truth) == 0


def test_colour_errors_by_hand() -> None:
    truth = Truth(np.array([[0.5, 0.01]]), np.array([[[0.2, 0.1, 0.1], [0.9, 0.9, 0.9]]]), GREEN)
    result = Result(np.array([[0.4, 0.0]]), np.array([[[0.2, 0.16, 0.1], [0.0, 0.0, 0.0]]]))
    assert metrics.colour_error(result, truth) == pytest.approx(0.06 / 3)
    straight = (abs(0.5 - 0.4) + abs(0.4 - 0.2) + abs(0.25 - 0.2)) / 3
    assert metrics.edge_colour_error(result, truth) == pytest.approx(straight)


def test_what_a_screen_is_made_of() -> None:
    assert metrics.primaries(GREEN) == [1] and metrics.primaries(YELLOW) == [0, 1]
    assert metrics.primaries(np.array([0.05, 0.1, 0.5])) == [2]
    assert metrics.excess(np.array([0.3, 0.5, 0.1]), GREEN) == pytest.approx(0.2)
    assert metrics.excess(np.array([0.3, 0.5, 0.1]), YELLOW) == pytest.approx(0.2)


def test_spill_is_the_screens_share_in_the_edge() -> None:
    alpha = np.array([[1.0, 0.5, 0.5, 0.0]])
    truth = Truth(alpha, alpha[..., None] * np.array([0.3, 0.2, 0.1]), GREEN)
    assert metrics.spill_left(Result(alpha, truth.colour), truth) == 0
    screen = Result(alpha, alpha[..., None] * GREEN)
    assert metrics.spill_left(screen, truth) == pytest.approx(1.0)
    tenth = Result(alpha, alpha[..., None] * np.array([0.3, 0.3 + 0.1 * 0.32, 0.1]))
    assert metrics.spill_left(tenth, truth) == pytest.approx(0.1)
    assert metrics.spill_left(Result(np.zeros_like(alpha), truth.colour * 0), truth) == 0


def test_residue_and_holes() -> None:
    alpha = np.array([[0.0, 0.1, 0.8, 1.0]])
    assert metrics.residue(alpha, np.array([[True, True, False, False]])) == pytest.approx(0.05)
    assert metrics.holes(alpha, np.array([[False, False, True, True]])) == pytest.approx(0.1)


def test_flicker_by_hand() -> None:
    still = [np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))]
    blink = [np.zeros((2, 2)), np.full((2, 2), 0.1), np.zeros((2, 2))]
    assert metrics.dtssd(blink, still) == pytest.approx(10)
    assert metrics.dtssd([m + 0.3 for m in still], still) == pytest.approx(0)  # wrong, but steadily
    assert metrics.dtssd(still[:1], still[:1]) == 0


def test_the_truth_itself_measures_nothing_wrong(rng: np.random.Generator) -> None:
    _, alpha = mattes(rng)
    truth = Truth(alpha, alpha[..., None] * np.array([0.3, 0.2, 0.1]), GREEN)
    assert metrics.measure(Result(alpha, truth.colour), truth) == pytest.approx(
        dict.fromkeys(metrics.measure(Result(alpha, truth.colour), truth), 0), abs=1e-12
    )


# -- truth


def test_light_and_codes_are_inverse_and_srgb() -> None:
    codes = np.arange(256, dtype=np.uint8)
    assert (light.to_bytes(light.encoded(light.linear(codes))) == codes).all()
    assert light.linear(np.array([188 / 255])) == pytest.approx(0.5029, abs=1e-3)


def test_the_issues_backing() -> None:
    backing = scenes.smooth_backing(101, 201, (60, 170, 75))
    full = light.linear(np.array([60, 170, 75]) / 255)
    assert backing[50, 100] == pytest.approx(full)
    x, y = 0.5 / 201, 0.5 / 101
    assert backing[0, 0] == pytest.approx(full * (0.8 + 0.2 * math.cos(2 * (x - 0.5)) * math.cos(2 * (y - 0.5))))


def test_a_composite_is_what_its_truth_says() -> None:
    scene = Scene("test", "astronaut", noise=0.0, scale=0.5)
    (picture,), (truth,) = scenes.make(scene)
    backing = scenes.smooth_backing(*truth.alpha.shape, scenes.BACKINGS["green"])
    again = truth.colour + backing * (1 - truth.alpha[..., None])
    assert np.abs(picture.codes - light.encoded(again) * 255).max() <= 0.5 + 1e-6
    assert 0.2 < truth.alpha.mean() < 0.8 and metrics.soft(truth.alpha).any()


@pytest.mark.parametrize(
    "scene",
    [
        Scene("test", "astronaut", scale=0.5, screen="cloth", spill=0.5, noise=0.02),
        Scene("test", "astronaut", scale=0.5, codec="h264", frames=3),
    ],
)
def test_a_seed_makes_the_same_pictures(scene: Scene) -> None:
    one, two, other = (scenes.make(scene, seed)[0] for seed in (1, 1, 2))
    assert all((a.codes == b.codes).all() for a, b in zip(one, two, strict=True))
    assert not all((a.codes == b.codes).all() for a, b in zip(one, other, strict=True))


def test_blur_keeps_how_much_there_is_and_spill_is_not_in_the_truth() -> None:
    plain = scenes.make(Scene("test", "astronaut", scale=0.5))[1][0]
    for scene in (
        Scene("test", "astronaut", scale=0.5, defocus=3.0),
        Scene("test", "astronaut", scale=0.5, motion=9.0),
    ):
        blurred = scenes.make(scene)[1][0]
        assert blurred.alpha.mean() == pytest.approx(plain.alpha.mean(), abs=0.01)
        assert metrics.soft(blurred.alpha).sum() > 1.5 * metrics.soft(plain.alpha).sum()
    (lit,), (truth,) = scenes.make(Scene("test", "astronaut", scale=0.5, spill=0.5, noise=0.0))
    unlit = scenes.make(Scene("test", "astronaut", scale=0.5, noise=0.0))[0][0]
    assert (truth.colour == plain.colour).all()
    greener = lit.light[..., 1] - unlit.light[..., 1]
    rim = (plain.alpha == 1) & (cv2.erode(plain.alpha, np.ones((9, 9))) < 1)
    assert greener[rim].mean() > 0.005 and greener[plain.alpha == 0] == pytest.approx(0, abs=1e-9)


def test_a_clip_moves_by_little_and_ends_where_it_began() -> None:
    _, truths = scenes.make(Scene("test", "astronaut", scale=0.5, frames=6))
    steps = [metrics.mad(a.alpha, b.alpha) for a, b in zip(truths, [*truths[1:], truths[0]], strict=True)]
    assert min(steps) > 0.001 and max(steps) < 0.05


def test_codecs_keep_the_mean_colour_and_lose_chroma_detail() -> None:
    codes = np.zeros((32, 32, 3), np.uint8)
    codes[:, ::2], codes[:, 1::2] = (200, 40, 40), (40, 160, 60)
    for pictures in (codec.subsampled([codes]), codec.h264([codes], crf=1)):
        (picture,) = pictures
        got = picture.codes.astype(float)
        assert picture.frame.format.name == "yuv420p"
        assert np.abs(got - codes).mean() > 10
        luma = np.array([0.2126, 0.7152, 0.0722])
        assert (got @ luma).mean() == pytest.approx((codes @ luma).mean(), abs=6)
    flat = np.full((16, 16, 3), (60, 170, 75), np.uint8)
    assert np.abs(codec.subsampled([flat])[0].codes.astype(int) - flat).max() <= 2


# -- peers


def stage(screen: tuple[int, int, int] = (60, 170, 75)) -> tuple[Picture, Array]:
    """A skin-coloured disc before a flat screen."""
    y, x = np.mgrid[0:90, 0:120]
    alpha = np.clip(30.5 - np.hypot(x - 60, y - 45), 0, 4) / 4
    behind = light.linear(np.array(screen) / 255)
    mixed = light.linear(np.array([220, 170, 140]) / 255) * alpha[..., None] + behind * (1 - alpha[..., None])
    return Picture(light.to_bytes(light.encoded(mixed))), alpha


def test_the_screens_colour_is_found_at_the_border() -> None:
    picture, _ = stage()
    codes = picture.codes.copy()
    codes[60:, :, :] = (30, 20, 20)  # a dark coat, as wide as the picture
    assert peers.screen_codes(codes).tolist() == [60, 170, 75]


@pytest.mark.parametrize("name", ["colour difference", "OBS", "HSV", "closed form", "ffmpeg colorkey .3:.2"])
def test_peers_key_what_is_easy(name: str) -> None:
    picture, alpha = stage((0, 200, 20))
    (result,) = peers.PEERS[name]([picture])
    assert metrics.mad(result.alpha, alpha) < 0.06
    assert metrics.residue(result.alpha, alpha == 0) < 0.02 and metrics.holes(result.alpha, alpha == 1) < 0.02


def test_ffmpeg_keys_by_its_formulas() -> None:
    """colorkey: clip((|rgb - key| / 255 - similarity) / blend); chromakey keys a flat screen at its defaults."""
    picture, alpha = stage()
    key = peers.screen_codes(picture.codes).astype(float)
    away = np.sqrt(((picture.codes - key) ** 2).sum(-1)) / 255 / math.sqrt(3)
    old = np.clip((away * math.sqrt(3) - 0.3) / 0.2, 0, 1)
    new = np.clip((away - 0.3) / 0.2, 0, 1)  # libavfilter 8 and later divide by sqrt(3)
    (result,) = peers.PEERS["ffmpeg colorkey .3:.2"]([picture])
    assert min(np.abs(result.alpha - f).max() for f in (old, new)) < 0.01
    (result,) = peers.ffmpeg("chromakey", 0.05)([picture])
    assert result.alpha[alpha == 0].max() == 0 and result.alpha[alpha == 1].min() == 1


def test_ffmpeg_takes_the_decoded_frame_and_despills() -> None:
    picture, alpha = stage()
    greenish = picture.codes.copy()
    greenish[alpha == 1] = (150, 220, 140)
    (decoded,) = codec.subsampled([greenish])
    (result,) = peers.ffmpeg("chromakey", 0.02)([decoded])
    core = cv2.erode((alpha == 1).astype(np.uint8), np.ones((5, 5))) > 0
    assert result.alpha[core].min() == 1
    r, g, _ = light.encoded(result.colour[core]).mean(0) * 255
    assert g < 170 and r == pytest.approx(150, abs=8)


def test_obs_by_hand() -> None:
    """On a flat picture the samples around are the pixel: d from its own Cb and Cr."""
    codes = np.full((8, 8, 3), (120, 130, 110), np.uint8)
    (result,) = peers.obs(picked=False)([Picture(codes)])
    cb = -0.100644 * 120 - 0.338572 * 130 + 0.439216 * 110
    cr = 0.439216 * 120 - 0.398942 * 130 - 0.040274 * 110
    d = math.hypot(cb / 255 + 0.338572, cr / 255 + 0.398942)
    assert result.alpha[4, 4] == pytest.approx(min(max((d - 0.4) / 0.08, 0), 1) ** 1.5)
    (own,) = peers.obs(picked=True)([Picture(codes)])
    assert own.alpha.max() == 0


def test_plain_colour_difference_by_hand() -> None:
    picture, _ = stage()
    half = light.linear(peers.screen_codes(picture.codes)) / 2
    codes = picture.codes.copy()
    codes[45, 60] = light.to_bytes(light.encoded(half))
    (result,) = peers.plain([Picture(codes)])
    assert result.alpha[45, 60] == pytest.approx(0.5, abs=0.01)
    assert result.colour[45, 60] == pytest.approx(0, abs=0.005)


def test_nothing_to_key_is_no_error() -> None:
    grey = Picture(np.full((20, 30, 3), 128, np.uint8))
    for name, key in peers.PEERS.items():
        (result,) = key([grey])
        assert np.isfinite(result.alpha).all() and np.isfinite(result.colour).all(), name


# -- ours


def test_our_keyer_goes_through_the_engine() -> None:
    picture, alpha = stage()
    results = ours.key(ours.OURS["chroma"], [picture, picture])
    assert len(results) == 2 and metrics.mad(results[1].alpha, alpha) < 0.05
    assert results[0].colour[alpha == 0].max() < 0.01


def test_a_node_that_isnt_there_is_missing() -> None:
    with pytest.raises(ours.Missing, match="no such node"):
        ours.key("nodegraph.keying.not_yet", [stage()[0]])


# -- real plates


@pytest.mark.parametrize("plate", plates.PLATES, ids=lambda p: p.name)
def test_sure_regions_hold_what_they_say(plate: plates.Plate, shared_data: Path) -> None:
    """By chromaticity, 99 % of the backing is nearer to the screen's colour than 99 % of the subject."""
    if not (shared_data / plate.path).is_file():
        pytest.skip(f"{plate.path} isn't there")
    picture = plates.load(plate)
    where = plates.regions(plate, *picture.codes.shape[:2])
    assert not (where.backing & where.subject).any() and (where.backing | where.subject | where.band).all()
    screen = np.median(picture.light[where.backing], 0)
    shade = picture.light / np.maximum(picture.light.sum(-1, keepdims=True), 0.05)
    away = np.abs(shade - screen / screen.sum()).max(-1)
    assert np.percentile(away[where.backing], 99) < np.percentile(away[where.subject], 1)
    perfect = Result(where.subject.astype(float), picture.light * where.subject[..., None])
    assert plates.measure(perfect, picture, where) == {"residue": 0, "holes": 0, "spill": 0}
    nothing = Result(np.ones(where.subject.shape), picture.light)
    assert plates.measure(nothing, picture, where)["residue"] == 1
    assert plates.measure(nothing, picture, where)["spill"] > 0.1


def test_subjects_are_even_and_have_colour_under_their_edges(shared_data: Path) -> None:
    for name in filter(subjects.available, subjects.NAMES):
        found = subjects.subject(name, 0.25)
        assert all(side % 2 == 0 for side in found.alpha.shape) and found.colour.shape == (*found.alpha.shape, 3)
        assert found.alpha.min() == 0 and found.alpha.max() == pytest.approx(1, abs=0.02)


# -- tables, bounds, sheets


def test_bounds_are_the_issues() -> None:
    measures = {
        "chroma": {"MSE": 0.0004, "MAD edge": 0.04, "F": 0.01},
        "person": {"MSE": 0.01},
        "hybrid": {"MSE": 0.0004},
        "OBS": {"MSE": 0.001},
        "HSV": {"MSE": 0.0009},
        "closed form": {"MSE": 0.0001},  # no rival: the bar is ffmpeg, OBS and HSV
    }
    found = {v.what.split(",")[0]: v for v in bounds.of_composite("x", measures, recipe=True)}
    assert found["chroma MSE"].bound == 0.0005 and found["chroma MSE"].reached
    assert not found["chroma MAD edge"].reached and found["chroma F"].reached
    assert not found["hybrid MSE"].reached  # as good is not better
    half = bounds.of_composite("x", measures, recipe=False)[0]
    assert half.bound == pytest.approx(0.00045) and half.reached
    real = bounds.of_plate("x", {"chroma": {"residue": 0.02, "holes": 0.005, "spill": 0.1}})
    assert [v.reached for v in real] == [False, True, True]


def test_tables_are_written_between_the_marks(tmp_path: Path) -> None:
    file = tmp_path / "keying.md"
    file.write_text(f"# Keying\n\n{tables.BEGIN}\nold\n{tables.END}\n\nafter\n")
    sets = {"one": {"chroma": {"MSE": 0.0002}, "OBS": {"MSE": 0.25}}, "two": {"OBS": {"MSE": 0.5}}}
    text = tables.markdown("MSE", "MSE", sets, ["chroma", "hybrid", "OBS"])
    for _ in range(2):  # twice is once
        tables.write(file, text)
    assert file.read_text().startswith("# Keying\n") and file.read_text().endswith("\n\nafter\n")
    assert "old" not in file.read_text() and file.read_text().count(tables.BEGIN) == 1
    assert "| one | **0.00020** | 0.25 |" in file.read_text() and "hybrid" not in file.read_text()
    tables.write(tmp_path / "new.md", text)
    assert (tmp_path / "new.md").read_text().startswith(tables.BEGIN)


def test_a_table_of_a_set_shows_the_best_and_what_is_missing() -> None:
    from rich.console import Console

    table = tables.of_set("x", {"a": {"MSE": 0.1}, "b": {"MSE": 0.2}}, {"person": "no such node [yet]"})
    console = Console(width=80, file=io.StringIO())
    with console.capture() as captured:
        console.print(table)
    shown = " ".join(captured.get().split())
    assert "0.1" in shown and "person is missing: no such node [yet]" in shown
    assert tables.best({"a": {"MSE": 0.1}, "b": {"MSE": 0.2}}, "MSE") == ["a"]


def test_a_sheet_shows_pictures_at_their_own_size(tmp_path: Path) -> None:
    picture, alpha = stage()
    at = sheets.window(metrics.soft(alpha), 60)
    (result,) = peers.plain([picture])
    made = sheets.sheet(picture.codes, {"plain": result}, at, alpha)
    assert made.shape == (60 + sheets._LABEL, 6 * 62, 3)
    assert (made[sheets._LABEL :, :60] == picture.codes[at]).all()
    assert (made[sheets._LABEL :, 62:122, 0] == light.to_bytes(result.alpha[at])).all()
    empty = Result(np.zeros((4, 4)), np.zeros((4, 4, 3)))
    assert light.linear(sheets.over(empty, 0.18)) == pytest.approx(0.18, abs=0.003)
    for name in ("a.png", "a.jpg"):
        sheets.save(tmp_path / "deep" / name, made)
        assert cv2.imread(str(tmp_path / "deep" / name)) is not None


def test_the_window_is_where_the_edges_are() -> None:
    edge = np.zeros((100, 80), bool)
    edge[70:75, 60:70] = True
    rows, columns = sheets.window(edge, 20)
    assert edge[rows, columns].sum() == 50 and rows.stop - rows.start == 20


def test_the_benchmark_prints_writes_and_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole of it on one set, a tuned keyer among the methods."""
    from benchmarks import keying

    words = ["--only", "issue, astronaut", "--no-speed", "--write", str(tmp_path / "k.md"), "--sheets", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["keying.py", *words, "--jpeg"])
    monkeypatch.setitem(ours.TUNED, "issue, astronaut", {"clip_black": 0.0, "clip_white": 1.0})
    keying.main()
    shown = capsys.readouterr().out
    for word in ("colour difference", "OBS, picked", "chroma, tuned", "MAD edge", "chroma F"):
        assert word in shown
    assert "| issue, astronaut |" in (tmp_path / "k.md").read_text()
    assert cv2.imread(str(tmp_path / "issue__astronaut.jpg")).shape[1] == 6 * (sheets.SIDE + 2)
