"""The grammar: what people write, and what they are told when it cannot be followed."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.base import CommandError
from bot.commands.grammar import parse
from bot.commands.options import options
from bot.config import Painting, Settings
from tests.bot.commands.asked import SETTINGS, paint, read

PAINTING = SETTINGS.painting


def test_every_option_of_the_readme_is_understood():
    command = paint("!stylenet size=512 steps=300 alpha=1 beta=1000 init=noise seed=7 gif")
    recipe = command.recipe
    assert (recipe.size, recipe.steps, recipe.seed, recipe.init) == (512, 300, 7, "noise")
    assert (recipe.content_weight, recipe.style_weight) == (1, 1000)
    assert command.wishes.film


@pytest.mark.parametrize(
    "text",
    ["!stylenet last", "!stylenet gif LAST", "#stylenet last please", "look #stylenet last=yes"],
)
def test_the_newest_picture_is_asked_for(text):
    assert paint(text).wanted.last


@pytest.mark.parametrize("text", ["#stylenet", "#stylenet on my last day", "!stylenet last=no"])
def test_the_newest_picture_is_not_asked_for(text):
    assert not paint(text).wanted.last


@pytest.mark.parametrize("person", ["<@123456789012345678>", "<@!123456789012345678>", "@ann"])
def test_the_content_may_be_a_person(person):
    for text in (f"!stylenet content={person}", f"hi #stylenet gif content = {person} seed=3"):
        assert paint(text).wanted.content == person
    assert paint(f"!blend 2 1 content={person}").recipe.blend == (2, 1)
    with pytest.raises(CommandError, match="A texture has no content picture"):
        read(f"!texture content={person}")


@pytest.mark.parametrize("value", ["ann", "cat.png", "@", "<@>", "https://evil.example/a.png"])
def test_the_content_is_nothing_but_a_person(value):
    with pytest.raises(CommandError, match="`content` wants a mention"):
        read(f"!stylenet content={value}")


def test_the_painters_own_controls_are_understood():
    recipe = paint(
        "!stylenet colours=luminance style-scale=1.5 statistics=covariance encoder=lite "
        "pooling=average style_layers=b0_dw:2,b1_exp content_layers=b6_exp mean_weight=0"
    ).recipe
    assert (recipe.colours, recipe.style_scale, recipe.statistics) == (
        "luminance",
        1.5,
        "covariance",
    )
    assert (recipe.encoder, recipe.pooling) == ("lite", "average")
    assert recipe.style_layers == {"b0_dw": 2, "b1_exp": 1}
    assert recipe.content_layers == ("b6_exp",)
    assert recipe.mean_weight == 0


def test_options_come_in_any_order_and_any_case():
    one = paint("!stylenet size=512 gif strength=70")
    other = paint("!STYLENET GIF Strength = 70 SIZE=512")
    assert one == other


@pytest.mark.parametrize(
    "text",
    [
        "#stylenet",
        "my cat! #stylenet",
        "#StyleNet please",
        "(#stylenet)",
        "look\n#stylenet, thanks",
    ],
)
def test_the_hashtag_works_anywhere(text: str):
    assert paint(text).name == "stylenet"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "stylenet", "##stylenet", "#stylenets", "x!stylenet", "!stylenets", "!play"],
)
def test_other_talk_is_left_alone(text: str):
    assert read(text) is None


def test_words_around_a_hashtag_are_only_talk():
    assert paint("forget the sky #stylenet my friend") == paint("#stylenet")
    assert paint("#stylenet help me with this one") == paint("#stylenet")


def test_a_mention_is_enough():
    assert paint("", mentioned=True).name == "stylenet"
    assert paint("texture seed=3", mentioned=True).name == "texture"
    assert read("Help!", mentioned=True).name == "help"
    assert read("help blend", mentioned=True).name == "help"
    assert paint("help blend 2 1", mentioned=True).name == "stylenet"
    assert paint("texture 2 1", mentioned=True).recipe.blend == (2, 1)


@pytest.mark.parametrize(
    ("text", "name"),
    [("!help", "help"), ("!cancel", "cancel"), ("!FORGET", "forget"), ("!cancel that", "cancel")],
)
def test_the_other_commands(text: str, name: str):
    assert read(text).name == name


@pytest.mark.parametrize(
    ("text", "mentioned", "posts"),
    [
        ("!forget", False, None),
        ("!forget posts", False, True),
        ("!Forget all your posts, please", False, True),
        ("!forget me", False, False),
        ("forget", True, None),
        ("forget my posts!", True, True),
        ("#stylenet forget posts", False, True),
    ],
)
def test_forget_means_the_posts_only_where_they_are_named(text, mentioned, posts):
    asked = parse(text, Settings(), mentioned=mentioned)
    assert asked.command.name == "forget"
    assert asked.options.get("posts") is posts


@pytest.mark.parametrize(
    "text",
    ["!blend 2 1", "!blend 2,1", "!blend 2:1", "!blend weights=2,1", "!blend weights = 2, 1"],
)
def test_blend_weights_in_all_spellings(text: str):
    assert paint(text).recipe.blend == (2, 1)


def test_strength_moves_the_content_weight_on_a_log_scale():
    alphas = [paint(f"!stylenet strength={s}").recipe.content_weight for s in (0, 25, 50, 75, 100)]
    assert [a / b for a, b in pairwise(alphas)] == pytest.approx([10] * 4)
    assert alphas[2] == paint("!stylenet").recipe.content_weight


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!stylenet szie=3", ["`size`", "`size=512`"]),
        ("!stylenet giff", ["`gif`"]),
        ("#stylenet sterngth=3", ["`strength`"]),
        ("!stylenet blurriness", ["no option", "`size`"]),
        ("!stylenet strength", ["wants a value", "`strength=70`"]),
        ("!stylenet content_layers=relu4_2,relu4_2", ["each layer once"]),
        (f"!stylenet content_layers={'x' * 1900}", ["content_layers: vgg19 has no layer 'xxx"]),
        ("!stylenet encoder=lite style_layers=relu1_1", ["lite has no layer 'relu1_1'", "b1_exp"]),
        ("!stylenet size=big", ["64 to 1024", "`big`", "`size=512`"]),
        ("!stylenet size=5000", ["64 to 1024"]),
        ("!stylenet steps=0", ["1 to 1000"]),
        ("!stylenet strength=nan", ["0 to 100"]),
        ("!stylenet init=style", ["content, noise or picture"]),
        ("!blend 2 0", ["numbers"]),
        ("!stylenet strength=3 alpha=4", ["either", "content weight"]),
        ("!stylenet weights=1,2", ["`blend`"]),
        ("!texture alpha=3", ["no content", "`alpha=3`"]),
        ("!texture colours=content", ["no content", "`colours=content`"]),
        ("!texture init=picture", ["wants patches or noise", "`!stylenet init=picture`"]),
        ("!stylenet coulors=content", ["`colours`", "`colours=content`"]),
        ("!stylenet colours=grey", ["style, content or luminance"]),
        ("!stylenet style_scale=9", ["0.25 to 4"]),
        ("!stylenet on=sky", ["everything, subject, background or mask", "`on=subject`"]),
        ("!stylenet on=mask,subject", ["with a style each", "not `mask,subject`"]),
        ("!stylenet on=subject,background", ["takes two style pictures", "use `blend`"]),
        ("!blend 2 1 on=subject,background", ["a style of its own", "leave weights out"]),
        ("!stylenet show=all", ["painting or map", "`show=map`"]),
        ("!texture on=subject", ["no content", "`on=subject`"]),
    ],
)
def test_a_wrong_option_gets_the_right_one_and_an_example(text: str, words: list[str]):
    with pytest.raises(CommandError) as caught:
        read(text)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [
        ("!stylenet", 0, "I need two pictures: first the content, then the style. I see no pict"),
        ("!stylenet", 1, "I see one picture. Attach them"),
        ("!stylenet", 3, "use `blend`"),
        ("!blend 2 1", 5, "There are two weights for four styles"),
        ("!blend", 6, "one to four style pictures. I see six pictures"),
        ("!texture", 5, "one to four style pictures. I see five"),
        (
            "!stylenet init=picture",
            2,
            "I need three pictures: first the content, then the style, and",
        ),
        ("!stylenet init=picture", 2, "and last the one to begin with. I see two pictures. Attach"),
        ("!stylenet init=picture", 4, "use `blend`"),
        ("!blend init=picture", 2, "one to four style pictures, and last the one to begin with."),
        ("!blend 2 1 init=picture", 3, "There are two weights for one style"),
        ("!stylenet on=mask", 2, "first the content, then the style, and last the mask. I see two"),
        ("!stylenet on=mask init=picture", 3, ", then the one to begin with, and last the mask."),
        ("!blend on=subject,background", 2, "I need a content picture and then two style pictures"),
    ],
)
def test_the_wrong_number_of_pictures(text: str, count: int, words: str):
    with pytest.raises(CommandError) as caught:
        paint(text).wanted.check(count)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("!stylenet", ["content", "style"]),
        ("!blend", ["content", "style"]),
        ("!blend 2 1", ["content", "style", "style"]),
        ("!texture", ["style"]),
        ("!texture 1 1 init=noise colours=style", ["style", "style"]),
        ("!stylenet init=picture", ["content", "style", "start"]),
        ("!blend 2 1 init=picture", ["content", "style", "style", "start"]),
        ("!stylenet on=mask", ["content", "style", "mask"]),
        ("!blend on=mask init=picture", ["content", "style", "style", "start", "mask"]),
        ("!blend on=background,subject", ["content", "style", "style"]),
    ],
)
def test_the_right_number_of_pictures_and_what_each_is_for(text: str, roles: list[str]):
    wanted = paint(text).wanted
    wanted.check(len(roles))
    assert wanted.roles(len(roles)) == roles
    assert len(wanted.roles(1)) == 1


def test_every_example_of_an_option_is_understood():
    for option in options(PAINTING).values():
        command = "!blend" if option.name == "weights" else "!stylenet"
        assert paint(f"{command} {option.example}")


def test_examples_stay_within_a_small_studio():
    small = Painting(size=64, steps=10, max_size=128, max_steps=50)
    for option in options(small).values():
        read(f"!blend {option.example}", settings=Settings(painting=small))


@given(st.text(max_size=200))
def test_no_text_does_more_than_ask_or_explain(text: str):
    for start in ("", "!stylenet ", "!blend ", "#stylenet "):
        with suppress(CommandError):
            assert read(start + text) is not None or not start
