"""Dreams: what is climbed, tile by tile, and what comes of it octave by octave, frame by frame."""

import io
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError
from torch.nn import functional

from stylize import dream
from stylize.dream import Ascent, Channel, Guided, activation, closer, seen_of, smoothed
from stylize.encoders import load_encoder
from stylize.frame import Frame
from stylize.media.picture import Picture, fit, resize
from stylize.pyramid import octaves
from stylize.recipes import Dream
from stylize.recipes.layers import DREAM_LAYERS, channels_of
from stylize.tasks.base import Checkpoint, DamagedCheckpoint, Resources, Result
from stylize.tasks.dream import TASK

SHORT = {"size": 72, "octaves": 2, "octave_scale": 1.1, "steps": 2, "layer": "relu3_1"}
"""Octaves at 65 and 72 pixels."""


@pytest.fixture(scope="module")
def precise():
    return load_encoder("vgg19", dtype=torch.float64)


@pytest.fixture
def resources(encoder):
    return Resources(torch.device("cpu"), lambda name, pooling: encoder, 1_000_000)


def picture(height, width, seed=0):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def events(resources, recipe, content, guide=None, resume=None):
    inputs = {"content": [content], "guide": [] if guide is None else [guide]}
    return list(TASK.run(recipe, inputs, resources, resume))


def dreamt(resources, recipe, content, guide=None, resume=None):
    result = events(resources, recipe, content, guide, resume)[-1]
    assert isinstance(result, Result)
    return result


# --- what is climbed


def test_the_slope_is_that_of_half_the_squared_features(precise):
    """Central differences along a direction of chance, in float64."""
    pixels, along = picture(40, 56), picture(40, 56, 1) - 127.5
    ascent = Ascent(precise, "relu3_1", activation)

    def by_hand(at):
        return precise(at, ["relu3_1"])["relu3_1"].square().sum().item() / 2

    value, slope = ascent.slope(pixels, (0, 0))
    assert value == pytest.approx(by_hand(pixels), rel=1e-6)
    step = 1e-7
    difference = (by_hand(pixels + step * along) - by_hand(pixels - step * along)) / (2 * step)
    # A ReLU or two changes sides even so.
    assert (slope * along).sum().item() == pytest.approx(difference, rel=5e-3)


def test_a_channel_alone_is_climbed():
    features = picture(5, 6).requires_grad_()
    Channel(1)(features).backward()
    assert features.grad.flatten(1).tolist() == [[0] * 30, [1] * 30, [0] * 30]


@pytest.mark.parametrize("chunk", [4096, 7])
def test_each_place_is_drawn_to_the_place_of_the_guide_that_fits_best(monkeypatch, chunk):
    monkeypatch.setattr(dream, "CHUNK", chunk)
    features, guide = picture(4, 5).requires_grad_(), picture(3, 3, 1).flatten(1)
    found = Guided(guide)(features)
    found.backward()
    products = [[(f @ g).item() for g in guide.T] for f in features.flatten(1).T]
    assert found.item() == pytest.approx(sum(map(max, products)), rel=1e-6)
    best = [row.index(max(row)) for row in products]
    assert torch.allclose(features.grad.flatten(1), guide[:, best], rtol=1e-6)


def test_a_displaced_picture_has_the_displaced_slope(precise):
    """On a torus no place is special: rolled by what the network's stride divides, the slope of a
    picture is that of the other place, but for the zeros beyond the cut."""
    pixels = picture(64, 64)
    ascent = Ascent(precise, "relu2_1", activation)
    _, slope = ascent.slope(pixels, (0, 0))
    _, displaced = ascent.slope(pixels, (4, 6))
    inside = (slice(None), slice(20, -20), slice(20, -20))
    assert torch.allclose(slope[inside], displaced[inside], rtol=1e-9)


@pytest.mark.parametrize("shape", [(40, 90), (96, 64)])
def test_tiles_show_what_the_whole_shows_away_from_their_edges(precise, monkeypatch, shape):
    pixels = picture(*shape)
    ascent = Ascent(precise, "relu1_2", activation)
    _, whole = ascent.slope(pixels, (0, 0))
    monkeypatch.setattr(dream, "SIDE", 32)
    _, tiled = ascent.slope(pixels, (0, 0))
    same = torch.isclose(whole, tiled, rtol=1e-9).all(0)
    count = {length: -(-length // 32) for length in shape}
    edges = sum(4 * 2 * (count[length] - 1) / length for length in shape)
    assert 1 - edges <= same.double().mean() < 1


def test_no_seam_is_left_between_tiles(encoder, monkeypatch):
    """Mean gradients across the columns where tiles would end are those of any other column."""
    monkeypatch.setattr(dream, "SIDE", 48)
    ascent = Ascent(encoder, "relu3_1", activation)
    chance = torch.Generator().manual_seed(0)
    pixels = torch.full((3, 96, 96), 128.0) + torch.randn(3, 96, 96, generator=chance)
    for _ in range(12):
        down, across = torch.randint(96, (2,), generator=chance).tolist()
        _, pixels = ascent.climbed(pixels, (down, across), 1.5)
    steepness = (pixels[..., 1:] - pixels[..., :-1]).abs().mean((0, 1))
    assert steepness[47] < steepness.mean() + 3 * steepness.std()


def test_a_step_changes_colours_by_the_rate_in_the_mean(encoder, photo):
    pixels = 64 + photo.pixels.float() / 2
    _, after = Ascent(encoder, "relu3_1", activation).climbed(pixels, (3, 5), 1.5)
    assert (after - pixels).abs().mean().item() == pytest.approx(1.5, rel=1e-3)


def test_the_attraction_grows(encoder, photo):
    ascent, values = Ascent(encoder, "relu4_1", activation), []
    pixels = 64 + photo.pixels.float() / 2  # room to grow
    for _ in range(6):
        value, pixels = ascent.climbed(pixels, (0, 0), 1.5)
        values.append(value)
    assert values[-1] > 2 * values[0]


def test_where_nothing_answers_nothing_happens(encoder):
    class Blind:
        def __call__(self, pixels, layers):
            return {"none": functional.relu(-pixels - 1)}

    pixels = torch.full((3, 32, 32), 9.0)
    value, after = Ascent(Blind(), "none", activation).climbed(pixels, (0, 0), 1.5)
    assert (value, after.tolist()) == (0, pixels.tolist())


def test_what_is_invisible_neither_moves_nor_counts(encoder, photo):
    pixels = photo.pixels.float()
    guide = torch.zeros(48, 64)
    guide[:, :32] = 1
    ascent = Ascent(encoder, "relu2_1", activation)
    _, after = ascent.climbed(pixels, (0, 0), 1.0, guide)
    assert torch.equal(after[..., 32:], pixels[..., 32:])
    moved = (after - pixels)[..., :32].abs().mean().item()
    assert moved == pytest.approx(1.0, rel=0.05)  # but for what is clamped


@given(st.integers(16, 40), st.integers(16, 40))
@settings(max_examples=20, deadline=None)
def test_smoothing_is_a_gaussian_of_mass_one(height, width):
    impulse = torch.zeros(1, height, width, dtype=torch.float64)
    impulse[0, 0, 0] = 1
    found = smoothed(impulse)
    assert found.sum().item() == pytest.approx(1)
    assert (found[0, 0, 1] / found[0, 0, 0]).item() == pytest.approx(2.71828**-0.5, rel=3e-2)
    assert found[0, 1, 0].item() == pytest.approx(found[0, 0, 1].item(), rel=1e-2)


def test_closer_enlarges_around_the_middle():
    down, across = torch.meshgrid(torch.arange(32.0), torch.arange(48.0), indexing="ij")
    pixels = torch.stack([down, across, down + across]) + 60
    found = closer(pixels, 1.25)
    middle = torch.tensor([15.5, 23.5, 39.0])[:, None, None] + 60
    wanted = middle + (pixels - middle) / 1.25
    inside = (slice(None), slice(2, -2), slice(2, -2))
    assert torch.allclose(found[inside], wanted[inside], atol=0.2)  # bicubic, off by a little


def test_only_visible_places_of_a_guide_are_dreamt_of(encoder):
    pixels = torch.rand(3, 32, 64) * 255
    guide = torch.zeros(32, 64)
    guide[:, 32:] = 0.5
    found = seen_of(encoder, "relu3_1", pixels, guide)
    whole = encoder(pixels, ["relu3_1"])["relu3_1"]
    assert torch.equal(found, whole[..., 8:].flatten(1))
    assert seen_of(encoder, "relu3_1", pixels, None).shape == (256, 8 * 16)


# --- octaves


@given(st.integers(64, 4096), st.integers(1, 10), st.floats(1.1, 2), st.integers(1, 100))
def test_octaves_grow_to_the_size_and_are_never_too_small(size, most, ratio, steps):
    found = octaves(size, most, ratio, steps)
    sizes = [scale.size for scale in found]
    assert sizes == sorted(sizes)
    assert (sizes[-1], len(sizes) <= most, min(sizes) >= 64) == (size, True, True)
    assert [scale.first for scale in found] == [index * steps for index in range(len(found))]


def test_a_later_octave_has_the_dream_and_the_detail_of_the_content(resources, photo):
    """Where nothing is dreamt the picture comes back as it was, however it was halved before."""
    recipe = Dream(**SHORT | {"octaves": 4, "strength": 0})
    content = Picture(resize(photo.pixels, (54, 72)).round().to(torch.uint8))
    found = dreamt(resources, recipe, content).frame.pixels
    assert (found - content.pixels).abs().mean() < 2.5
    strong = dreamt(resources, Dream(**SHORT | {"strength": 100}), content).frame.pixels
    assert (strong - content.pixels).abs().mean() > 2 * (found - content.pixels).abs().mean()


def test_frames_count_the_steps_of_all_octaves(resources, photo):
    seen = [one for one in events(resources, Dream(**SHORT), photo) if isinstance(one, Frame)]
    assert [frame.step for frame in seen] == [1, 2, 3, 4]
    assert [(frame.scale, frame.ends_scale) for frame in seen] == [
        *((0, False), (0, True), (1, False), (1, True)),
    ]
    assert {(frame.steps, frame.scales) for frame in seen} == {(4, 2)}
    assert [tuple(frame.pixels.shape) for frame in seen] == [(3, 49, 65)] * 2 + [(3, 54, 72)] * 2


def test_the_seed_decides_the_dream(resources, photo):
    found = [dreamt(resources, Dream(**SHORT, seed=seed), photo) for seed in (1, 1, 2)]
    one, same, other = (result.frame.pixels for result in found)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_guide_leads_elsewhere(resources, photo, rings):
    plain = dreamt(resources, Dream(**SHORT), photo).frame.pixels
    guided = dreamt(resources, Dream(**SHORT), photo, rings).frame.pixels
    assert (plain - guided).abs().mean() > 1


@pytest.mark.parametrize("recipe", [Dream(**SHORT), Dream(**SHORT, zoom=2)], ids=["dream", "fall"])
def test_a_dream_resumed_anywhere_is_the_one_never_stopped(resources, photo, recipe):
    seen = events(resources, recipe, photo)
    whole = seen[-1]
    states = [event.state for event in seen if isinstance(event, Checkpoint)]
    assert len(states) == (1 if recipe.zoom == 0 else 4)
    for state in states:
        kept = {name: value.copy() for name, value in state.items()}
        resumed = dreamt(resources, recipe, photo, resume=kept)
        assert torch.equal(resumed.frame.pixels, whole.frame.pixels)
        assert resumed.files == whole.files


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("scale"),
        lambda state: state.update(scale=state["scale"] + 9),
        lambda state: state.pop("pixels"),
        lambda state: state.pop("dream"),
        lambda state: [state.pop(name) for name in ("frame000", "frame001")],
    ],
    ids=["no scale", "another scale", "no pixels", "no dream", "no frames"],
)
def test_a_state_of_another_dream_is_damaged(resources, photo, change):
    recipe = Dream(**SHORT, zoom=1)
    last = [one for one in events(resources, recipe, photo) if isinstance(one, Checkpoint)][-1]
    state = dict(last.state)
    change(state)
    with pytest.raises(DamagedCheckpoint):
        TASK.run(recipe, {"content": [photo], "guide": []}, resources, state)


# --- the fall


def test_a_fall_begins_with_the_dream_and_fits_the_limit(resources, photo):
    recipe = Dream(**SHORT, zoom=3)
    still = dreamt(resources, Dream(**SHORT), photo).frame.pixels
    found = dreamt(resources, recipe, photo)
    assert torch.equal(found.frame.pixels, still)
    [film] = found.files
    assert (film.role, film.suffix) == ("film", ".gif")
    image = Image.open(io.BytesIO(film.data))
    assert (image.n_frames, image.size) == (4, (72, 54))
    small = replace(resources, upload_bytes=len(film.data) - 1)
    [tight] = dreamt(small, recipe, photo).files
    assert len(tight.data) < len(film.data)


def test_the_steps_of_a_fall_are_the_last_scale(resources, photo):
    """So the estimate of the time that is left is made of frames that cost the same."""
    seen = [
        one for one in events(resources, Dream(**SHORT, zoom=2), photo) if isinstance(one, Frame)
    ]
    assert [frame.scale for frame in seen] == [0, 0, 1, 1] + [2] * 6
    assert {(frame.steps, frame.scales) for frame in seen} == {(10, 3)}
    assert [frame.step for frame in seen] == [*range(1, 11)]


# --- pictures as they come


def test_transparency_is_kept(resources, photo):
    alpha = torch.zeros(48, 64, dtype=torch.uint8)
    alpha[:, :40] = 255
    sticker = Picture(photo.pixels, alpha)
    result = dreamt(resources, Dream(**SHORT, zoom=1), sticker)
    assert tuple(result.frame.alpha.shape) == (54, 72)
    assert result.frame.alpha[20, [2, 70]].tolist() == [255, 0]
    film = Image.open(io.BytesIO(result.files[0].data)).convert("RGB")
    assert min(film.getpixel((70, 20))) > 240  # on white


def test_half_transparent_everywhere_is_as_opaque(resources, photo):
    half = Picture(photo.pixels, torch.full((48, 64), 128, dtype=torch.uint8))
    opaque, found = (dreamt(resources, Dream(**SHORT), one).frame for one in (photo, half))
    assert (opaque.pixels - found.pixels).abs().mean() < 1e-2


def test_a_grey_picture_stays_grey_unless_its_guide_is_coloured(resources, photo, rings):
    grey = Picture(photo.pixels[:1].repeat(3, 1, 1))
    for guide in (None, Picture(rings.pixels[:1].repeat(3, 1, 1))):
        found = dreamt(resources, Dream(**SHORT), grey, guide).frame.pixels
        assert (found.amax(0) - found.amin(0)).max() < 1e-2
    coloured = dreamt(resources, Dream(**SHORT), grey, rings).frame.pixels
    assert (coloured.amax(0) - coloured.amin(0)).max() > 5


@pytest.mark.parametrize("layer", ["relu5_4", "conv1_1"])
def test_the_smallest_picture_with_the_most_octaves(resources, layer):
    tiny = Picture((picture(16, 256)).to(torch.uint8))
    recipe = Dream(size=64, octaves=10, steps=1, layer=layer)
    assert dreamt(resources, recipe, tiny).frame.pixels.isfinite().all()


# --- the recipe


def test_each_encoder_has_a_usual_layer():
    layers = {name: Dream(encoder=name).layer for name in DREAM_LAYERS}
    assert layers == {"vgg19": "relu4_4", "googlenet": "inception4c", "lite": "b8_exp"}


@pytest.mark.parametrize("name", ["vgg19", "lite"])
def test_channels_are_those_of_the_network(name):
    seeing = load_encoder(name)
    found = seeing(torch.zeros(3, 64, 64), seeing.layers)
    assert {layer: channels_of(name, layer) for layer in seeing.layers} == {
        layer: features.shape[-3] for layer, features in found.items()
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"layer": "relu9_1"}, r"vgg19 has no layer 'relu9_1'\. Its layers are conv1_1, relu1_1"),
        ({"layer": "relu4_4", "encoder": "lite"}, "lite has no layer 'relu4_4'"),
        ({"channel": 512}, "relu4_4 has the channels 0 to 511, and no 512"),
        ({"channel": -1}, "greater than or equal to 0"),
        ({"octave_scale": 1}, "greater than or equal to 1.1"),
        ({"zoom": 97}, "less than or equal to 96"),
        ({"steps": 0}, "greater than or equal to 1"),
        ({"strength": float("nan")}, "finite|greater|less"),
    ],
)
def test_what_cannot_be_dreamt_is_refused(wrong, words):
    with pytest.raises(ValidationError, match=words):
        Dream(**wrong)


def test_a_guide_and_a_channel_are_too_much(resources, photo, rings):
    with pytest.raises(ValueError, match="both say what to dream of"):
        events(resources, Dream(**SHORT, channel=3), photo, rings)
    Dream(channel=3).check(1)
    with pytest.raises(ValueError, match="too many"):
        Dream().check(3)


def test_a_dream_costs_its_evaluations_by_their_pixels():
    recipe = Dream(size=512, octaves=2, octave_scale=2, steps=7)
    assert recipe.cost == pytest.approx(7 * (256**2 + 512**2) * 0.75 / 1e6)
    falling = Dream(size=1024, octaves=1, steps=7, zoom=5)
    shape = fit(4, 3, 480)
    assert falling.cost == pytest.approx((7 * 1024**2 * 0.75 + 15 * shape[0] * shape[1]) / 1e6)
