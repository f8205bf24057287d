"""Options as people really write them: read as they are meant, or answered, never dropped."""

import re
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.base import CommandError
from bot.commands.options import SOURCES, options
from tests.bot.commands.asked import SETTINGS, Asked, paint, read

OPTIONS = {**options(SETTINGS.painting), **SOURCES}


@pytest.mark.parametrize(
    "text",
    [
        "size 128",
        "size:128",
        "size: 128 please",
        "size＝128",
        "ｓｉｚｅ：１２８",
        "—size=128",
        "--size 128",
        "–Size–128",
        '"size=128"',
        "“size” = ‘128’",
        "**size=128**",
        "__size__: `128`",
        "_size=128_",
        "||size|| 128",
        "```\nsize=128\n```",
        "[size](128)",
        "> size=128",
        "# Size\n128",
        "- size: 128\n- that's all",
        "#size=128",
        "size\\=128",
        "size → 128",
        "size -> 128",
        "size\u00a0=\u00a0128",
        "si\u200bze=128\ufeff",
        "size=128.",
        "size 128!",
        "size is 128",
        "set the size to 128 px",
        "a size of 128 pixels",
        "size=128px",
        "size=128x96",
        "96 × 128 is the size: 96 × 128",
        "size128",
        "size-128",
        "128 size",
        "128px size, thanks",
        "?size=128&size=128",
        "(size=128)",
        "<size=128>",
        "my cat,size=128,a dog",
        "サイズsize＝128にして",
        "请用size=128画",
        "크기size:128로",
        "https://example.com/写真size=64 size=128",
    ],
)
def test_a_size_is_read_as_it_is_meant(text: str):
    assert paint(f"#stylenet {text}") == paint("#stylenet size=128")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("gif.", "gif"),
        ("GIF!!", "gif"),
        ("with a gif, please", "gif"),
        ("gif: look", "gif"),
        ("gif=on", "gif"),
        ("no gif", ""),
        ("without the gif", ""),
        ("gif no", ""),
        ("gif: off.", ""),
        ("no-gif", ""),
        ("--no-gif", ""),
        ("don't make a gif", ""),
        ("I don’t want a gif of it", ""),
        ("never a gif, please", ""),
        ("bitte kein gif", ""),
        ("pas de gif", ""),
        ("no, a gif", "gif"),
        ("gifでお願いします", "gif"),
        ("请加gif谢谢", "gif"),
        ("strength=70％で", "strength=70"),
        ("steps 1'000", "steps=1000"),
        ("steps=1’000", "steps=1000"),
        ("300 step", "steps=300"),
        ("steps auto, seed 7", "steps=auto seed=7"),
        ("Steps: **AUTO**", "steps=auto"),
        ("optimiser: adam", "optimizer=adam"),
        ("style scale 2", "style_scale=2"),
        ("style-scale: 2", "style_scale=2"),
        ("style_scale=0,5", "style_scale=0.5"),
        ("strength 70 %", "strength=70"),
        ("strength of 70", "strength=70"),
        ("200 steps, seed 7", "steps=200 seed=7"),
        ("steps=200,seed=7;gif", "steps=200 seed=7 gif"),
        ("colors content", "colours=content"),
        ("color: luminance", "colours=luminance"),
        ("colour=luminance", "colours=luminance"),
        ("content layers relu4_2, relu3_1", "content_layers=relu4_2,relu3_1"),
        ("style layers: relu1_1:1, relu3_1:0.5!", "style_layers=relu1_1:1,relu3_1:0.5"),
        ("optimizer adam, pooling average", "optimizer=adam pooling=average"),
        ("initial steps=3 at once", "steps=3"),
        ("on=subject", "on=subject"),
        ("paint on background: that is all", "on=background"),
        ("only on subject, please", "on=subject"),
        ("show map, on subject", "on=subject show=map"),
        ("gif on=subject", "gif on=subject"),
        ("gif on", "gif"),
        ("my cat on the sofa, show me", ""),
    ],
)
def test_other_options_are_read_as_they_are_meant(text: str, meant: str):
    assert paint(f"#stylenet {text}") == paint(f"#stylenet {meant}")


@pytest.mark.parametrize(
    "text",
    [
        "!blend weights 2 1",
        "!blend weights: 2, 1",
        "#stylenet blend weights 2:1 please",
        "!blend 2/1",
        "!blend 2-1",
        "!blend 2 and 1",
        "!blend 2x 1x",
        "!blend 2% 1%",
        "!blend 2 , 1.",
        "!blend weights=2/1",
        "#stylenet blend with weights 2% and 1%",
        "#stylenet blend 2 to 1, please",
        "#stylenet blend 2/1",
        "!blend weights=2,1 2 1",
    ],
)
def test_weights_are_read_as_they_are_meant(text: str):
    assert paint(text) == paint("!blend 2 1")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/?size=64&gif=yes",
        "<https://example.com/size=64>",
        "www.example.com/size=64",
        "ann@size.example.org",
        "<:size:123456789012345678> <a:gif:123456789012345678>",
        ":size: :gif:",
        "<@80351110224678912> <#80351110224678912> <t:1618953630:R>",
        "photo.gif and my.size.png",
        "@seed",
        "cat => dog",
        "note: thanks",
        "sizes and gifs",
        "TV4",
    ],
)
def test_links_names_and_emoji_are_talk(text: str):
    assert paint(f"#stylenet {text}") == paint("#stylenet")
    if " " not in text and "=" not in text.partition("://")[0] and "<" in text:
        assert paint(f"!stylenet {text}") == paint("!stylenet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size 5000", ["64 to 1024", "`5000`"]),
        ("size: big", ["`big`", "`size=512`"]),
        ("--size", ["`size` wants a value"]),
        ("size=", ["`size=512`"]),
        ("style_scale=1,000", ["`1,000`"]),
        ("size=512 size=256", ["twice"]),
        ("gif, but no gif", ["`gif`", "twice"]),
        ("gif=maybe", ["yes or no"]),
        ("szie: 512", ["Did you mean `size`"]),
        ("—sterngth 70", ["Did you mean `strength`"]),
        ("steps 1 000", ["`1 000`"]),
        ("steps=automatic", ["auto or a whole number from 1 to 1000", "`automatic`"]),
        ("größe=512", ["no option `größe`"]),
        ("content_weight=5", ["no option `content_weight`"]),
    ],
)
def test_what_cannot_be_read_is_answered_as_after_the_command(text: str, words: list[str]):
    for start in ("!stylenet", "#stylenet"):
        with pytest.raises(CommandError) as caught:
            read(f"{start} {text}")
        for word in words:
            assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("please paint my cat, I love the size of it", "size"),
        ("what a strength!", "strength"),
        ("begin with the seed", "seed"),
        ("I watch tv 24/7", "tv"),
        ("nice size :)", "size"),
        ("lovely colors", "colours"),
        ("on my last holiday", "last"),
        ("a life-size portrait", "size"),
    ],
)
def test_what_seems_to_be_talk_is_painted_with_a_word_about_the_option(text: str, name: str):
    command = paint(f"#stylenet {text}")
    assert command.recipe == paint("#stylenet").recipe
    (note,) = command.notes
    assert f"`{name}`" in note
    assert f"`{name}=" in note


@pytest.mark.parametrize("text", ["2⁄3", "-1 2", "0,7 0,3", "512px", "0 1", "2×1", "⅔ ⅓"])
def test_numbers_of_a_blend_that_cannot_be_read_are_taken_for_weights(text: str):
    with pytest.raises(CommandError, match="`weights` wants numbers above 0 with commas, not"):
        read(f"!blend {text}")


def test_weights_are_given_once():
    with pytest.raises(CommandError, match="`weights` stands there twice"):
        read("!blend weights=2,1 3 1")


@pytest.mark.parametrize("text", ["猫の写真#stylenet size=128", "#stylenetでお願い size=128"])
def test_the_hashtag_may_stand_next_to_a_script_without_spaces(text: str):
    assert paint(text) == paint("#stylenet size=128")


def test_the_forms_for_blends_keep_their_numbers():
    assert paint("!blend size 128 2 1") == paint("!blend size=128 2 1")
    assert paint("!blend gif 2 1").recipe.blend == (2, 1)
    assert paint("#stylenet blend 2 1 strength=70").recipe.blend == (2, 1)


# Whatever way an option is decorated

VALUES = {
    "size": ("64", "1000"),
    "steps": ("7", "300"),
    "strength": ("70", "12.5"),
    "colours": ("content", "luminance"),
    "style_scale": ("2", "0.5"),
    "init": ("noise", "picture"),
    "seed": ("3", "4294967295"),
    "gif": ("yes", "on"),
    "alpha": ("2", "1e3"),
    "beta": ("2", "0.5"),
    "tv": ("0", "10"),
    "statistics": ("covariance",),
    "optimizer": ("adam",),
    "encoder": ("lite",),
    "pooling": ("average",),
    "content_layers": ("relu3_1", "relu3_1,relu4_2"),
    "style_layers": ("relu1_1", "relu1_1:1,relu3_1:0.5"),
    "mean_weight": ("0", "2.5"),
    "weights": ("2,1", "1,2,3"),
    "content": ("@ann", "<@80351110224678912>"),
    "last": ("yes", "on"),
}
QUOTES = ["*", "**", "_", "__", "***", "~~", "||", "`", "```", '"', "'", "“”", "«»", "‘’", "「」"]
QUOTES += ["()", "[]", "{}", "（）", "<>"]


def quoted(text: str, quotes: str) -> str:
    half = len(quotes) // 2 if quotes[0] != quotes[-1] else None
    return f"{quotes}{text}{quotes}" if half is None else f"{quotes[:half]}{text}{quotes[half:]}"


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@st.composite
def decorated(draw: st.DrawFn) -> tuple[str, str, str]:
    """An option, its plain form, and the same as somebody may write it."""
    name = draw(st.sampled_from(sorted(VALUES)))
    value = draw(st.sampled_from(VALUES[name]))
    written = name.replace("_", draw(st.sampled_from("_- ")))
    written = draw(st.sampled_from([str, str.upper, str.title, full_width]))(written)
    said = draw(st.sampled_from([str, full_width]))(value)
    signs = ["=", " = ", ": ", ":", "＝", "：", " → ", " -> ", "=>", " ", "\u00a0", "\n", "  "]
    sign = draw(st.sampled_from(signs))
    inner, outer = (draw(st.sampled_from(["", "", *QUOTES])) for _ in range(2))
    if inner and draw(st.booleans()):
        written, said = quoted(written, inner), quoted(said, inner)
    text = draw(st.sampled_from(["", "", "-", "--", "—", "–", "- ", "• ", "> "])) + written
    text += sign + said
    text = quoted(text, outer) if outer else text
    return (
        name,
        f"{name}={value}",
        text + draw(st.sampled_from(["", "", ".", "!", ",", ";", " ✨"])),
    )


@given(decorated(), st.sampled_from(["{}", "look: {} thanks!", "{}\nmy cat", "please,\n{}"]))
@example(("gif", "gif=yes", "GIF　ｙｅｓ"), "{}")
def test_every_decoration_of_an_option_is_read_like_its_plain_form(
    option: tuple[str, str, str], sentence: str
):
    name, meant, written = option
    kind = "blend" if name == "weights" else "stylenet"
    meant_command = paint(f"!{kind} {meant}")
    assert paint(f"#stylenet {kind} {sentence.format(written)}") == meant_command
    assert paint(f"{kind} {sentence.format(written)}", mentioned=True) == meant_command
    assert paint(f"!{kind} {written}") == meant_command


# Whatever is said around an option's name

TALK = "a the of my cat painting, please! and in - — (so) look: it's 8 512 0.5 content yes not no"
TALK += " https://example.com/?size=64 <:gif:80351110224678912> = : ** ` ; . ? 90% what's is to"
WORDS = st.sampled_from([*TALK.split(), *OPTIONS, *(name.upper() for name in OPTIONS)])


SPACES = st.sampled_from([" ", " ", " ", "\n", ", ", "-", "…"])


@given(st.lists(st.tuples(WORDS, SPACES), max_size=9), st.booleans())
def test_no_name_of_an_option_is_without_effect_or_answer(
    parts: list[tuple[str, str]], mentioned: bool
):
    said = "".join(f"{word}{space}" for word, space in parts)
    text = said if mentioned else f"#stylenet {said}"
    with suppress(CommandError):
        command = paint(text, mentioned=mentioned)
        for name in named_in(said):
            told = f"`{name}`" in " ".join(command.notes)
            assert told or has_effect(name, text, command, mentioned=mentioned), name


def named_in(said: str) -> list[str]:
    """The options whose names stand in *said*, links and emoji left out, and usual words too."""
    talk = re.sub(r"https://\S*|<:\S*", "", said.lower())
    names = [name for name, one in OPTIONS.items() if one.kind is bool or not one.talk]
    return [name for name in names if re.search(rf"(?<![^\W_]){name}(?![^\W_])", talk)]


def has_effect(name: str, text: str, command: Asked, *, mentioned: bool) -> bool:
    """Whether *command* would be another one with another word in place of the *name*."""
    if name in ("init", "content") and re.search(r"(?i)init\W+((is|to|of)\W+)?content", text):
        return True  # it asks for what is usual
    if re.search(rf"(?i)\b(no|not)\W+((a|the)\W+)*{name}|{name}\W+no\b", text):
        return True  # so does this
    without = re.sub(rf"(?i)(?<![^\W_]){name}(?![^\W_])", "word", text)
    try:
        return read(without, mentioned=mentioned) != command
    except CommandError:
        return True


@given(st.text(max_size=120), st.sampled_from(["!stylenet ", "!blend ", "#stylenet ", ""]))
def test_whatever_is_written_is_read_or_refused_in_words(text: str, start: str):
    for signs in (text, unicodedata.normalize("NFD", text), text.swapcase()):
        with suppress(CommandError):
            assert read(start + signs, mentioned=not start)


TANGLE = "=:-—_*`\"'()<>.,;!? \n0123456789sizeganfpxl→＝：@#/"


@given(st.text(alphabet=TANGLE, max_size=60), st.sampled_from(sorted(OPTIONS)))
def test_no_tangle_of_signs_around_a_name_breaks_the_reading(tangle: str, name: str):
    for text in (f"{name}{tangle}", f"{tangle}{name}", f"{tangle}{name}{tangle}"):
        with suppress(CommandError):
            assert read(f"#stylenet {text}")
