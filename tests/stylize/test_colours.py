"""Whose colours: the closed forms of the colour transfer, and hues under another brightness."""

import pytest
import torch

from stylize.colours import grey, mean_and_covariance, recolour, tint


def colourful(seed, centre=(120.0, 130.0, 110.0), spread=9.0):
    """(3, 40, 50): correlated colours around *centre*, so near it that nothing is clamped."""
    chance = torch.Generator().manual_seed(seed)
    mixing = torch.eye(3) + 0.5 * torch.rand(3, 3, generator=chance)
    colours = spread * mixing @ torch.randn(3, 2000, generator=chance)
    return (colours + torch.tensor(centre)[:, None]).view(3, 40, 50)


def plain(*colour):
    return torch.tensor(colour, dtype=torch.float32).view(3, 1, 1).expand(3, 40, 50)


PHOTO, STYLE = colourful(1), colourful(2, (90.0, 100.0, 150.0), 14.0)


def test_mean_and_covariance_become_the_models():
    for found, wanted in zip(
        mean_and_covariance(recolour(STYLE, PHOTO)), mean_and_covariance(PHOTO), strict=True
    ):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-3)


def test_the_map_is_the_papers():
    """A·Σ·Aᵀ = Σ_model with symmetric roots, written out by singular values."""

    def root(matrix):
        left, values, right = torch.linalg.svd(matrix)
        return left @ torch.diag(values.sqrt()) @ right

    (mean, covariance), (wanted, model) = map(mean_and_covariance, (STYLE, PHOTO))
    matrix = root(model) @ root(covariance).inverse()
    expected = matrix @ (STYLE.flatten(1).double() - mean) + wanted
    found = recolour(STYLE, PHOTO).flatten(1).double()
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-3)


def test_equal_colours_are_left_alone():
    torch.testing.assert_close(recolour(PHOTO, PHOTO), PHOTO, rtol=0, atol=1e-3)
    mirrored = PHOTO.flip(2)
    torch.testing.assert_close(recolour(mirrored, PHOTO), mirrored, rtol=0, atol=1e-3)


def test_bytes_and_another_size_are_welcome():
    found = recolour(STYLE.round().byte()[:, :20, :31], PHOTO.round().byte())
    assert found.dtype == torch.float32
    assert found.shape == (3, 20, 31)


@pytest.mark.parametrize("model", [plain(0, 0, 0), plain(200, 30, 90), grey(PHOTO), PHOTO])
@pytest.mark.parametrize("style", [plain(0, 0, 0), plain(255, 255, 255), grey(STYLE), STYLE])
def test_one_colour_and_grey_are_no_trouble(style, model):
    found = recolour(style, model)
    assert found.isfinite().all()
    assert found.min() >= 0
    assert found.max() <= 255
    mean = mean_and_covariance(model)[0]
    torch.testing.assert_close(mean_and_covariance(found)[0], mean, rtol=0, atol=0.01)


def test_noise_in_a_grey_picture_is_not_blown_up_to_colours():
    noise = 0.3 * torch.randn(3, 40, 50, generator=torch.Generator().manual_seed(3))
    found = recolour(grey(STYLE) + noise, colourful(4, spread=30.0))
    assert (found - grey(found)).std() < 30


def test_of_grey_pictures_mean_and_deviation_are_matched():
    found, wanted = recolour(grey(STYLE), grey(PHOTO)), grey(PHOTO)
    torch.testing.assert_close(found, grey(found), rtol=0, atol=1e-3)
    assert found[0].mean() == pytest.approx(float(wanted[0].mean()), rel=1e-5)
    assert found[0].std() == pytest.approx(float(wanted[0].std()), rel=1e-5)
    shifted = (grey(STYLE) - grey(STYLE).mean()) * wanted[0].std() / grey(STYLE)[0].std()
    torch.testing.assert_close(found, shifted + wanted.mean(), rtol=0, atol=1e-2)


def test_grey_is_luminance():
    assert grey(plain(255, 0, 0))[1, 0, 0] == pytest.approx(76.245)
    assert grey(plain(0, 255, 0))[2, 0, 0] == pytest.approx(149.685)
    torch.testing.assert_close(grey(plain(80, 80, 80)), plain(80, 80, 80))


def test_a_tint_has_the_brightness_of_one_and_the_hues_of_the_other():
    brightness = grey(STYLE)
    found = tint(brightness, PHOTO)
    torch.testing.assert_close(grey(found), brightness, rtol=0, atol=1e-3)
    torch.testing.assert_close(found - grey(found), PHOTO - grey(PHOTO), rtol=0, atol=1e-3)
    torch.testing.assert_close(tint(grey(PHOTO), PHOTO), PHOTO, rtol=0, atol=1e-3)


@pytest.mark.parametrize("level", [0, 1, 40, 200, 254, 255])
def test_where_there_is_no_such_colour_brightness_and_hue_are_kept(level):
    content = plain(250, 20, 60)
    found = tint(plain(level, level, level), content)
    assert found.min() >= 0
    assert found.max() <= 255
    torch.testing.assert_close(grey(found), plain(level, level, level), rtol=0, atol=1e-3)
    chroma, wanted = (picture[:, 0, 0] - grey(picture)[:, 0, 0] for picture in (found, content))
    assert chroma @ wanted == pytest.approx(float(chroma.norm() * wanted.norm()), rel=1e-3)


def test_tinting_twice_changes_nothing():
    once = tint(grey(STYLE) * 1.8, PHOTO)
    torch.testing.assert_close(tint(grey(once), PHOTO), once, rtol=0, atol=1e-3)
