"""Regions: each has its own style, exactly, and knows nothing of its neighbours."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.frame import Canvas
from stylize.media.picture import Picture, resize
from stylize.paint import paint
from stylize.recipes import Transfer
from stylize.regions import KEPT, Region, eroded, weights_within
from stylize.targets import measure, stack

RECIPE = Transfer(
    content_weight=2,
    style_weight=50,
    content_layers=("relu3_1",),
    style_layers={"relu1_1": 1, "relu2_1": 0.5, "relu4_1": 0.1},
)
ALONE = {"content_weight": 0, "total_variation": 0}
BOTH = ((1.0, 0.0), (0.0, 1.0))


@pytest.fixture(scope="module")
def precise():
    """VGG-19 in float64: what remains between two ways of computing is a mistake."""
    return load_encoder("vgg19", dtype=torch.float64)


def picture(height, width, seed=0):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def left(height, width, until):
    """A guide: 1 in the columns before *until*."""
    guide = torch.zeros(height, width, dtype=torch.float64)
    guide[:, :until] = 1
    return guide


def halves(height, width, until):
    """Two regions side by side, each in a style of its own."""
    first = left(height, width, until)
    return [Region(first, BOTH[0]), Region(1 - first, BOTH[1])]


def in_regions(encoder, regions, shape, recipe=RECIPE, **guides):
    styles = [picture(80, 90, 11), picture(70, 60, 12)]
    return measure(recipe, encoder, picture(*shape, 1), styles, regions=regions, **guides)


def test_a_region_that_is_everything_changes_nothing(precise):
    content, style, pixels = picture(64, 96, 1), picture(80, 90, 2), picture(64, 96, 3)
    plain = measure(RECIPE, precise, content, [style])
    region = Region(torch.ones(64, 96, dtype=torch.float64), (1.0,))
    (terms, gradient), (expected, slope) = (
        evaluate(targets, pixels)
        for targets in (measure(RECIPE, precise, content, [style], regions=[region]), plain)
    )
    for name, term in expected.items():
        assert terms[name].item() == pytest.approx(term.item(), rel=1e-12)
    assert torch.allclose(gradient, slope, rtol=1e-9, atol=1e-12)


def test_the_style_of_one_region_pulls_at_no_pixel_of_another(precise):
    """Not even by a feature that sees across the border."""
    shape, border = (64, 320), 150
    recipe = RECIPE.model_copy(update=ALONE)
    region = Region(left(*shape, border), BOTH[0])
    targets = in_regions(precise, [region], shape, recipe)
    _, gradient = evaluate(targets, picture(*shape, 3))
    assert gradient[..., border:].abs().max() == 0
    assert gradient[..., : border // 2].abs().min() > 0


def test_what_another_region_looks_like_is_of_no_account(precise):
    shape, border = (64, 320), 150
    recipe = RECIPE.model_copy(update=ALONE)
    targets = in_regions(precise, [Region(left(*shape, border), BOTH[0])], shape, recipe)
    pixels, other = picture(*shape, 3), picture(*shape, 4)
    mixed = torch.cat([pixels[..., :border], other[..., border:]], dim=-1)
    same, changed = (evaluate(targets, seen)[0]["style"].item() for seen in (pixels, mixed))
    assert changed == pytest.approx(same, rel=1e-12)


def test_the_style_term_is_the_sum_over_regions_by_area(precise):
    """And pulls in each as it would if that were painted alone, but for its share."""
    shape, border = (64, 320), 120
    recipe = RECIPE.model_copy(update=ALONE)
    regions, pixels = halves(*shape, border), picture(*shape, 3)
    terms, gradient = evaluate(in_regions(precise, regions, shape, recipe), pixels)
    alone = [evaluate(in_regions(precise, [one], shape, recipe), pixels) for one in regions]
    shares = (border / 320, 1 - border / 320)
    expected = sum(s * seen["style"].item() for s, (seen, _) in zip(shares, alone, strict=True))
    assert terms["style"].item() == pytest.approx(expected, rel=1e-10)
    slope = sum(share * pull for share, (_, pull) in zip(shares, alone, strict=True))
    assert torch.allclose(gradient, slope, rtol=1e-7, atol=1e-9 * slope.abs().max())


def test_a_guide_in_a_style_image_takes_the_style_from_there(precise):
    """As of an image of that part alone, where the network sees nothing else of it."""
    style, pixels = picture(64, 320, 2), picture(64, 96, 3)
    other = torch.cat([style[..., :150], picture(64, 170, 5)], dim=-1)
    everywhere = torch.ones(64, 96, dtype=torch.float64)
    found = [
        evaluate(
            measure(
                RECIPE,
                precise,
                None,
                [image],
                regions=[Region(everywhere, (1.0,), [left(64, 320, 150)])],
            ),
            pixels,
        )[0]["style"].item()
        for image in (style, other)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.parametrize("shape", [(97, 161), (200, 50)])
def test_regions_of_tiles_are_those_of_the_whole(precise, shape):
    alpha = picture(*shape, 9)[0] / 255
    soft = picture(*shape, 8)[0] / 255
    regions = [Region(soft, BOTH[0]), Region(1 - soft, (0.5, 0.5))]
    targets = in_regions(precise, regions, shape, guide=alpha)
    pixels = picture(*shape, seed=3)
    terms, gradient = evaluate(targets, pixels)
    by_tiles, tiled_gradient = evaluate(targets, pixels, side=48)
    for name, term in terms.items():
        assert by_tiles[name].item() == pytest.approx(term.item(), rel=1e-10)
    assert torch.allclose(tiled_gradient, gradient, rtol=1e-7, atol=1e-7 * gradient.abs().max())


def test_paintings_in_regions_are_seen_in_a_batch_as_alone(precise):
    shape = (48, 64)
    several = [in_regions(precise, halves(*shape, border), shape) for border in (20, 32, 50)]
    pixels = torch.stack([picture(*shape, seed) for seed in (7, 8, 9)])
    terms, gradients = evaluate(stack(several), pixels)
    for index, targets in enumerate(several):
        expected, slope = evaluate(targets, pixels[index])
        for name, term in expected.items():
            assert terms[name][index].item() == pytest.approx(term.item(), rel=1e-10)
        assert torch.allclose(gradients[index], slope, rtol=1e-8, atol=1e-12)
    one = in_regions(precise, halves(*shape, 20)[:1], shape)
    assert one.likeness != several[0].likeness


@given(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    top=st.integers(0, 60),
    side=st.integers(1, 60),
    radius=st.integers(0, 90),
)
@settings(max_examples=60, deadline=None)
def test_erosion_keeps_away_from_borders_and_never_leaves_nothing(height, width, top, side, radius):
    guide = torch.zeros(height, width)
    guide[min(top, height - 1) :, :side] = 1
    found = eroded(guide, radius)
    assert (found <= guide).all()
    assert found.sum() >= KEPT * guide.sum()
    if found.sum() < guide.sum():  # then it is as far as one square reaches
        assert found[0].sum() == 0 or top == 0
    assert torch.equal(eroded(torch.ones(height, width), radius), torch.ones(height, width))


def test_a_region_smaller_than_a_receptive_field_still_counts(encoder):
    guide = torch.zeros(96, 96)
    guide[40:48, 40:48] = 1
    layers = ("relu1_2", "relu3_1", "relu5_1")
    for weights in weights_within(encoder, layers, guide, None).values():
        assert weights.mean().item() == pytest.approx(1, rel=1e-4)
        assert weights.max() > 2


@pytest.mark.parametrize(
    ("shares", "guides", "match"),
    [
        ((1.0,), [None, None], "one guide for each style image"),
        ((1.0,), [torch.zeros(9, 9)], "somewhere in its style image"),
    ],
)
def test_regions_that_say_nothing_are_refused(shares, guides, match):
    with pytest.raises(ValueError, match=match):
        Region(torch.ones(9, 9), shares, guides)
    with pytest.raises(ValueError, match="above 0 somewhere"):
        Region(torch.zeros(9, 9), shares)


def half(photo):
    """The left half of *photo*, with a soft border."""
    height, width = photo.pixels.shape[1:]
    return ((width / 2 - torch.arange(width)) / 8).clamp(0, 1).expand(height, width)


@pytest.mark.parametrize("colours", ["style", "content", "luminance"])
def test_what_no_region_covers_stays_the_content(encoder, photo, stripes, colours):
    recipe = Transfer(size=64, steps=3, colours=colours)
    regions = [Region(half(photo), (1.0,))]
    for frame in paint(recipe, photo, [stripes], regions=regions, encoder=encoder):
        assert torch.equal(frame.pixels[..., 33:], photo.pixels[..., 33:].float())
        assert (frame.pixels[..., :24] - photo.pixels[..., :24]).abs().mean() > 5


def test_regions_without_a_content_have_their_guides_proportions(encoder, photo, stripes, rings):
    recipe = Transfer(size=96, steps=2, init="noise").model_copy(update={"task": "doodle"})
    guide = half(photo)
    regions = [Region(guide, (1.0, 0.0)), Region(1 - guide, (0.0, 1.0))]
    *_, last = paint(recipe, None, [stripes, rings], regions=regions, encoder=encoder)
    assert last.pixels.shape == (3, 72, 96)


def test_a_painting_in_regions_resumes_to_the_same_bytes(
    encoder, photo, stripes, rings, monkeypatch
):
    monkeypatch.setattr("stylize.pyramid.COARSEST", 32)
    recipe = Transfer(size=64, steps=4)
    around = Picture(photo.pixels, (half(photo) * 200 + 55).to(torch.uint8))
    guide = half(photo)
    regions = [Region(guide, (1.0, 0.0)), Region((1 - guide) * 0.5, (0.0, 1.0))]

    def frames(**options):
        styles = [stripes, rings]
        return list(paint(recipe, around, styles, regions=regions, encoder=encoder, **options))

    end, last = (frame for frame in frames() if frame.ends_scale)
    resumed = frames(resume=Canvas.of(end))
    assert torch.equal(resumed[-1].pixels, last.pixels)
    (again,) = frames(resume=Canvas.of(last))
    assert torch.equal(again.pixels, last.pixels)


def test_each_region_begins_in_the_colours_of_its_style(encoder, photo, stripes, rings):
    guide = (half(photo) > 0).float()
    regions = [Region(guide, (1.0, 0.0)), Region(1 - guide, (0.0, 1.0))]
    recipe = Transfer(size=64, steps=1)
    first, *_ = paint(recipe, photo, [stripes, rings], regions=regions, encoder=encoder)
    wanted = [resize(style.pixels, (48, 64)).mean((1, 2)) for style in (stripes, rings)]
    means = [first.pixels[..., :32].mean((1, 2)), first.pixels[..., 32:].mean((1, 2))]
    for mean, own, other in zip(means, wanted, reversed(wanted), strict=True):
        assert (mean - own).norm() < (mean - other).norm()


def test_shares_are_of_each_style(encoder, photo, stripes):
    with pytest.raises(ValueError, match="one share for each style"):
        paint(
            Transfer(size=64),
            photo,
            [stripes],
            regions=[Region(half(photo), (0.5, 0.5))],
            encoder=encoder,
        )
