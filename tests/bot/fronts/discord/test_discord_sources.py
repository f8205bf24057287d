"""Pictures from wherever people have them: what a message shows, and what is said of the rest."""

import pytest
from aiohttp import web
from simcord.backend.models import MessageSticker

from tests.bot.fronts.discord.world import NOTES, PHOTO, STARS, WAVE

PROXY = "https://images-ext-1.discordapp.net/external/AbC"
MEDIA = "https://media.discordapp.net"
CDN = "https://cdn.discordapp.com"
CAT = "https://cats.example/cat.png"
CAT_PROXY = f"{PROXY}/https/cats.example/cat.png"
PNG, APNG, LOTTIE, GIF = 1, 2, 3, 4
HIDDEN = 1 << 3
"""The flag of an attachment that is a spoiler."""


def picture_link(url=CAT, proxy=CAT_PROXY, kind="image", **more):
    """What Discord shows below a link to a picture."""
    return {"type": kind, "url": url, "thumbnail": {"url": url, "proxy_url": proxy}, **more}


def gallery(*items):
    return {"type": 12, "items": list(items)}


def item(url=CAT, proxy=CAT_PROXY, content_type="image/png", **more):
    return {"media": {"url": url, "proxy_url": proxy, "content_type": content_type}, **more}


def sticker(number, kind, name="cat"):
    return MessageSticker(id=number, name=name, format_type=kind, guild_id=1)


def spoilers(world):
    return [upload.spoiler for upload in world.studio.uploads]


ONE_PICTURE = [
    pytest.param({"text": CAT, "embeds": [picture_link()]}, CAT_PROXY, "cat.png", id="link"),
    pytest.param(
        {
            "text": "https://news.example/a",
            "embeds": [
                {
                    "type": "article",
                    "url": "https://news.example/a",
                    "thumbnail": {
                        "url": "https://news.example/lead.jpg",
                        "proxy_url": f"{PROXY}/https/news.example/lead.jpg",
                    },
                }
            ],
        },
        f"{PROXY}/https/news.example/lead.jpg",
        "lead.jpg",
        id="preview of an article",
    ),
    pytest.param(
        {
            "text": "https://tenor.com/view/cat-1",
            "embeds": [
                {
                    "type": "gifv",
                    "url": "https://tenor.com/view/cat-1",
                    "thumbnail": {
                        "url": "https://media.tenor.com/x/dance.png",
                        "proxy_url": f"{PROXY}/https/media.tenor.com/x/dance.png",
                    },
                    "video": {
                        "url": "https://media.tenor.com/x/dance.mp4",
                        "proxy_url": f"{PROXY}/https/media.tenor.com/x/dance.mp4",
                    },
                }
            ],
        },
        f"{PROXY}/https/media.tenor.com/x/dance.png",
        "dance.png",
        id="GIF of the picker",
    ),
    pytest.param(
        {
            "embeds": [
                {
                    "type": "rich",
                    "title": "Cats",
                    "image": {"url": CAT, "proxy_url": CAT_PROXY},
                    "thumbnail": {"url": "https://cats.example/icon.png", "proxy_url": PROXY},
                    "author": {"name": "Cats", "icon_url": "https://cats.example/face.png"},
                }
            ]
        },
        CAT_PROXY,
        "cat.png",
        id="rich embed",
    ),
    pytest.param(
        {"stickers": [sticker(7, PNG)]}, f"{CDN}/stickers/7.png", "cat", id="sticker as PNG"
    ),
    pytest.param(
        {"stickers": [sticker(7, APNG)]}, f"{CDN}/stickers/7.png", "cat", id="sticker as APNG"
    ),
    pytest.param(
        {"stickers": [sticker(7, GIF)]}, f"{MEDIA}/stickers/7.gif", "cat", id="sticker as GIF"
    ),
    pytest.param(
        {"text": "<:cat:123456789012345678>"},
        f"{CDN}/emojis/123456789012345678.png",
        "cat (emoji)",
        id="emoji",
    ),
    pytest.param(
        {"text": "<a:cat:123456789012345678>"},
        f"{CDN}/emojis/123456789012345678.webp?animated=true",
        "cat (emoji)",
        id="animated emoji",
    ),
]

# only bots and webhooks post these
IN_COMPONENTS = [
    pytest.param({"components": [gallery(item())]}, CAT_PROXY, "cat.png", id="gallery"),
    pytest.param(
        {
            "components": [
                {
                    "type": 17,
                    "components": [
                        {
                            "type": 9,
                            "components": [{"type": 10, "content": "a cat"}],
                            "accessory": {"type": 11, **item()},
                        }
                    ],
                }
            ],
        },
        CAT_PROXY,
        "cat.png",
        id="thumbnail in a section in a container",
    ),
]


@pytest.mark.parametrize(("shown", "url", "name"), ONE_PICTURE)
async def test_a_picture_in_the_message_itself(world, hosts, shown, url, name):
    hosts.put(url, b"a cat")
    text = f"#stylenet texture {shown.get('text', '')}"
    await world.show(by=world.alice, **{**shown, "text": text})
    assert world.pictures == [(name, b"a cat")]
    assert hosts.asked == [url]


@pytest.mark.parametrize(("shown", "url", "name"), ONE_PICTURE + IN_COMPONENTS)
async def test_a_picture_in_the_message_replied_to(world, hosts, shown, url, name):
    hosts.put(url, b"a cat")
    earlier = await world.show(**shown)
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[WAVE])
    assert world.pictures == [(name, b"a cat"), WAVE]


@pytest.mark.parametrize(("shown", "url", "name"), ONE_PICTURE + IN_COMPONENTS)
async def test_a_picture_in_a_forward(world, hosts, shown, url, name):
    hosts.put(url, b"a cat")
    forwarded = await world.bob.forward(await world.show(**shown), world.channel)
    await world.alice.send(world.channel, "!stylenet", reply_to=forwarded, attachments=[WAVE])
    assert world.pictures == [(name, b"a cat"), WAVE]


async def test_attachments_come_first_and_are_enough(world, hosts):
    talk = f"#stylenet <:lol:123456789012345678> like {CAT}"
    await world.show(
        talk,
        by=world.alice,
        files=[PHOTO, WAVE],
        embeds=[picture_link()],
        stickers=[sticker(7, PNG)],
    )
    assert world.pictures == [PHOTO, WAVE]
    assert hosts.asked == []


async def test_emoji_only_fill_up_what_is_missing(world, hosts):
    emoji = [f"{CDN}/emojis/12345678901234567{n}.png" for n in range(3)]
    for url in emoji:
        hosts.put(url, url.encode())
    text = "".join(f"<:e{n}:12345678901234567{n}>" for n in range(3))
    await world.show(f"#stylenet {text}", by=world.alice, files=[PHOTO])
    assert [name for name, _ in world.pictures] == ["photo.jpg", "e0 (emoji)"]
    earlier = await world.bob.send(world.channel, "mine", attachments=[STARS])
    await world.show(f"#stylenet {text}", by=world.alice, files=[WAVE], reply_to=earlier)
    assert world.pictures == [STARS, WAVE]


async def test_a_reply_and_last_go_before_talk(world, hosts):
    talk = "<:lol:123456789012345678> https://news.example/a"
    lead = {"url": "https://news.example/a.jpg", "proxy_url": hosts.put(f"{PROXY}/a.jpg")}
    preview = {"type": "article", "url": "https://news.example/a", "thumbnail": lead}
    earlier = await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    shown = {"by": world.alice, "files": [WAVE], "embeds": [preview]}
    await world.show(f"#stylenet {talk}", reply_to=earlier, **shown)
    assert world.pictures == [PHOTO, WAVE]
    await world.show(f"#stylenet {talk}", **shown)
    assert [name for name, _ in world.pictures] == ["wave.png", "a.jpg"]
    earlier = await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    await world.show("#stylenet last <:lol:123456789012345678>", by=world.alice, files=[WAVE])
    assert world.pictures == [PHOTO, WAVE]


async def test_a_linked_picture_goes_with_the_one_replied_to(world, hosts):
    hosts.put(CAT_PROXY, b"a cat")
    earlier = await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    await world.show(f"#stylenet {CAT}", by=world.alice, embeds=[picture_link()], reply_to=earlier)
    assert world.pictures == [PHOTO, ("cat.png", b"a cat")]


@pytest.mark.parametrize(
    "url", ["http://[::1", "attachment://cat.png", "https://", "data:image/png;base64,AA", "?"]
)
async def test_odd_addresses_are_answered_in_words(world, hosts, url):
    media = {"url": url, "proxy_url": url}
    for kind in ("image", "rich", "article", "gifv", "video"):
        embed = {"type": kind, "url": url, "thumbnail": media, "image": media}
        await world.show(f"#stylenet {url}", by=world.alice, embeds=[embed])
        assert "I need two pictures" in world.said()[-1].content
    earlier = await world.show(components=[gallery({"media": media})])
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier)
    assert "I need two pictures" in world.said()[-1].content


async def test_several_pictures_of_embeds_keep_their_order(world, hosts):
    embeds = [
        picture_link(f"https://cats.example/{n}.png", hosts.put(f"{PROXY}/{n}.png"))
        for n in range(3)
    ]
    await world.show("!blend 1 2", by=world.alice, embeds=embeds)
    assert [name for name, _ in world.pictures] == ["0.png", "1.png", "2.png"]


async def test_the_same_picture_counts_once(world, hosts):
    stored = world.env.backend.store_attachments(world.channel.id, [PHOTO, WAVE])
    path = stored[0]["url"].partition("/attachments")[2]
    same = {"url": f"{CDN}/attachments{path}?ex=1", "proxy_url": f"{MEDIA}/attachments{path}?ex=1"}
    hosts.put(CAT_PROXY, b"a cat")
    image = {"type": "image", "url": same["url"], "thumbnail": same}
    embeds = [image, picture_link(), picture_link()]
    await world.show("#stylenet", by=world.alice, attachments=stored[:1], embeds=embeds)
    assert world.pictures == [PHOTO, ("cat.png", b"a cat")]


async def test_a_file_in_a_gallery_counts_once_and_hides_as_it_does_there(world):
    stored = world.env.backend.store_attachments(world.channel.id, [PHOTO])
    path = stored[0]["url"].partition("/attachments")[2]
    shown = item(stored[0]["url"], f"{MEDIA}/attachments{path}", spoiler=True)
    earlier = await world.show(attachments=stored, components=[gallery(shown)])
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[WAVE])
    assert world.pictures == [PHOTO, WAVE]
    assert spoilers(world) == [True, False]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (
            {"stickers": [sticker(7, LOTTIE, "Wumpus `waves`")]},
            "The sticker `Wumpus waves` is a Lottie animation, which I cannot read: I take "
            "stickers that are PNG, APNG or GIF.",
        ),
        (
            {
                "text": "https://tube.example/1",
                "embeds": [picture_link("https://tube.example/1", CAT_PROXY, "video")],
            },
            "The link to `tube.example` shows a video, and I take pictures.",
        ),
        (
            {"text": "see https://evil.example/a.png"},
            "I follow no links, and Discord shows no picture of `evil.example`: post the picture "
            "itself.",
        ),
        (
            {"text": "https://talk.example", "embeds": [{"type": "link", "title": "Talk"}]},
            "Discord shows no picture of `talk.example`",
        ),
        (
            {"embeds": [picture_link(proxy="https://evil.example/cat.png")]},
            "Discord has no copy of the picture at `cats.example`: post the picture itself.",
        ),
        ({"files": [NOTES, ("a.zip", b"PK")]}, "I cannot use `notes.txt` and `a.zip`: I read PNG"),
    ],
)
async def test_what_does_not_count_is_named(world, hosts, shown, said):
    shown = {**shown, "text": f"#stylenet {shown.get('text', '')}"}
    await world.show(by=world.alice, **shown)
    reply = world.reply().content
    assert said in reply
    assert "I need two pictures: first the content, then the style. I see no pictures." in reply
    assert hosts.asked == hosts.looked_for == []
    await world.alice.send(world.channel, "#stylenet", reply_to=await world.show(**shown))
    assert said in world.said()[-1].content


@pytest.mark.parametrize(
    ("component", "said"),
    [
        (
            gallery(item("https://a.example/film.mp4", content_type="video/mp4")),
            "I cannot use `film.mp4`: I read PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF and HEIC",
        ),
        (gallery(item(proxy=None)), "Discord has no copy of the picture at `cats.example`"),
        (
            gallery(item(proxy="http://127.0.0.1/x")),
            "Discord has no copy of the picture at `cats.example`",
        ),
    ],
)
async def test_what_does_not_count_in_a_gallery_is_named(world, hosts, component, said):
    earlier = await world.show(components=[component])
    await world.alice.send(world.channel, "#stylenet", reply_to=earlier)
    assert said in world.reply().content
    assert hosts.asked == hosts.looked_for == []


async def test_a_picture_above_the_cap_is_refused_by_name(world, hosts):
    hosts.put(CAT_PROXY, bytes(10_001))
    await world.show("#stylenet texture", by=world.alice, embeds=[picture_link()])
    assert world.said()[-1].content.startswith("`cat.png` has more than 0 MB, and I take no larger")
    assert world.studio.jobs == {}


async def test_a_picture_that_discord_does_not_hand_over_is_asked_for(world, hosts):
    async def elsewhere(request):
        raise web.HTTPFound("https://evil.example/cat.png")

    for there in (elsewhere, None):
        hosts.there[CAT_PROXY] = there
        await world.show("#stylenet texture", by=world.alice, embeds=[picture_link()])
        assert world.said()[-1].content == (
            "Discord did not give me `cat.png`. Please post it again, as a file."
        )
    assert hosts.looked_for == []


@pytest.mark.parametrize(
    ("shown", "hidden"),
    [
        ({"text": f"||{CAT}||", "embeds": [picture_link()]}, True),
        ({"text": f"|| look: {CAT} ||", "embeds": [picture_link()]}, True),
        ({"text": f"||secret|| {CAT}", "embeds": [picture_link()]}, False),
        ({"text": CAT, "embeds": [picture_link()]}, False),
        (
            {"embeds": [{"thumbnail": {"url": CAT, "proxy_url": CAT_PROXY, "flags": HIDDEN}}]},
            True,
        ),
    ],
)
async def test_a_spoiler_stays_one(world, hosts, shown, hidden):
    hosts.put(CAT_PROXY)
    await world.show(
        by=world.alice, **{**shown, "text": f"#stylenet texture {shown.get('text', '')}"}
    )
    assert spoilers(world) == [hidden]
    await is_hidden_elsewhere(world, shown, hidden)


@pytest.mark.parametrize(
    ("component", "hidden"),
    [
        (gallery(item(spoiler=True)), True),
        (gallery(item()), False),
        ({"type": 17, "spoiler": True, "components": [gallery(item())]}, True),
    ],
)
async def test_a_spoiler_in_a_gallery_stays_one(world, hosts, component, hidden):
    hosts.put(CAT_PROXY)
    await is_hidden_elsewhere(world, {"components": [component]}, hidden)


async def is_hidden_elsewhere(world, shown, hidden):
    """In a reply, a forward, and by ``last``."""
    for forwarding in (False, True):
        earlier = await world.show(**shown)
        if forwarding:
            earlier = await world.bob.forward(earlier, world.channel)
        await world.alice.send(world.channel, "#stylenet", reply_to=earlier, attachments=[WAVE])
        assert spoilers(world) == [hidden, False]
        earlier = await world.show(**shown)
        if forwarding:
            await world.bob.forward(earlier, world.channel)
        await world.alice.send(world.channel, "#stylenet last", attachments=[WAVE])
        assert spoilers(world) == [hidden, False]


async def test_an_attachment_with_the_flag_or_the_old_name_is_a_spoiler(world):
    stored = world.env.backend.store_attachments(
        world.channel.id, [PHOTO, ("SPOILER_wave.png", b"?"), STARS]
    )
    stored[0]["flags"] = HIDDEN
    await world.show("#stylenet init=picture", by=world.alice, attachments=stored)
    assert spoilers(world) == [True, True, False]


async def test_an_avatar_is_the_content(world, hosts):
    world.env.backend.users[world.bob.id].avatar = "0f" * 16
    avatar = hosts.put(f"{CDN}/avatars/{world.bob.id}/{'0f' * 16}.png?size=1024", b"Bob")
    for text in (f"#stylenet content=<@{world.bob.id}>", f"!stylenet content=<@!{world.bob.id}>"):
        await world.ask(text, WAVE)
        assert world.pictures == [("bob's avatar", b"Bob"), WAVE]
    earlier = await world.bob.send(world.channel, "a wave", attachments=[STARS])
    await world.alice.send(world.channel, f"#stylenet content=<@{world.bob.id}>", reply_to=earlier)
    assert world.pictures == [("bob's avatar", b"Bob"), STARS]
    assert hosts.asked == [avatar] * 3


async def test_a_moving_avatar_is_taken_as_a_gif(world, hosts):
    world.env.backend.users[world.bob.id].avatar = "a_" + "0f" * 16
    hosts.put(f"{CDN}/avatars/{world.bob.id}/a_{'0f' * 16}.gif?size=1024", b"Bob moves")
    await world.ask(f"!blend content=<@{world.bob.id}>", WAVE, STARS)
    assert world.pictures == [("bob's avatar", b"Bob moves"), WAVE, STARS]


async def test_the_bots_own_avatar_may_be_the_content(world, hosts):
    me = world.env.bot.user
    hosts.put(me.display_avatar.replace(size=1024, static_format="png").url, b"me")
    await world.ask(f"<@{me.id}> content = <@{me.id}>", WAVE)
    assert world.pictures[0][1] == b"me"
    await world.ask(f"content=<@{me.id}>", WAVE)  # nobody asks the bot
    assert len(world.studio.jobs) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#stylenet content=@bob", "I cannot tell whose avatar `content` means: choose the person"),
        ("#stylenet content=<@1>", "I cannot tell whose avatar `content` means"),
        ("#stylenet content=<@&123456789012345678>", "I cannot tell whose avatar `content` means"),
        ("#stylenet content=cat.png", "`content` wants a mention, not `cat.png`. For example"),
        ("!texture content=@bob", "A texture has no content picture"),
    ],
)
async def test_an_avatar_that_cannot_be_found_is_asked_for(world, text, said):
    await world.ask(text, WAVE)
    assert said in world.reply().content
    assert world.studio.jobs == {}


async def test_the_newest_picture_is_offered_and_last_takes_it(world):
    await world.bob.send(world.channel, "older", attachments=[STARS])
    await world.bob.send(world.channel, "my cat", attachments=[PHOTO])
    await world.bob.send(world.channel, "isn't she lovely")
    await world.ask("#stylenet", WAVE)
    assert world.reply().content.endswith(
        "I see one picture. Attach them to your message, or reply to a message that has them.\n"
        "The newest picture here is `photo.jpg` by bob: reply to it, or say `last`."
    )
    await world.show("just talk")
    await world.ask("#stylenet", NOTES, WAVE)
    assert "`wave.png` by alice" in world.said()[-1].content
    await world.bob.send(world.channel, "my cat", attachments=[PHOTO])
    for text in ("#stylenet last", "!stylenet LAST size=128", "#stylenet last=yes"):
        await world.ask(text, WAVE)
        assert world.pictures[1] == WAVE
    assert world.pictures == [WAVE, WAVE]


async def test_last_may_be_all_there_is(world):
    await world.bob.send(world.channel, "both", attachments=[PHOTO, WAVE])
    await world.alice.send(world.channel, "#stylenet last")
    assert world.pictures == [PHOTO, WAVE]
    await world.bob.send(world.channel, "one", attachments=[STARS])
    await world.alice.send(world.channel, "!texture last")
    assert world.pictures == [STARS]
    await world.alice.send(world.channel, "!stylenet last")
    assert "I see one picture" in world.said()[-1].content


async def test_last_means_nothing_to_a_message_that_has_all(world):
    await world.bob.send(world.channel, "mine", attachments=[STARS])
    await world.ask("#stylenet last", PHOTO, WAVE)
    assert world.pictures == [PHOTO, WAVE]


async def test_last_is_talk_in_a_sentence(world):
    await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    await world.ask("#stylenet on my last holiday", WAVE)
    assert world.reply().content.endswith(
        "reply to it, or say `last`.\n"
        "I took `last` for plain talk. To set an option, write it like `last=yes`."
    )
    assert world.studio.jobs == {}
    await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    await world.ask("#stylenet size=128 gif last please", WAVE)
    assert world.pictures == [PHOTO, WAVE]


async def test_a_message_full_of_links_is_answered_in_the_room_there_is(world):
    links = " ".join(f"https://{'a' * 40}{n}.example" for n in range(30))
    embeds = [
        picture_link(f"https://{'b' * 30}{n}.example/film", CAT_PROXY, "video") for n in range(10)
    ]
    await world.show(f"#stylenet {links}", by=world.alice, embeds=embeds)
    reply = world.reply().content
    assert "and 26 more: post the picture itself." in reply
    assert reply.count("shows a video") == 4


async def test_the_bots_painting_is_a_picture_of_the_channel_and_its_film_is_not(world):
    await world.ask("#stylenet gif")
    await world.studio.end(world.job)
    await world.alice.send(world.channel, "#stylenet", attachments=[STARS])
    assert f"`painting-{world.job.removeprefix('discord-')}.png` by me" in world.said()[-1].content
    await world.alice.send(world.channel, "#stylenet last", attachments=[STARS])
    assert [data for _, data in world.pictures] == [b"a starry night", b"a starry night"]


async def test_what_the_bot_shows_besides_is_no_picture_of_the_channel(world):
    await world.alice.send(world.channel, "!help")
    await world.alice.send(world.channel, "#stylenet", attachments=[STARS])
    assert "newest" not in world.said()[-1].content


async def test_last_looks_back_ten_messages_and_no_further(world):
    await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    for _ in range(9):
        await world.bob.send(world.channel, "talk")
    await world.ask("#stylenet last", WAVE)
    assert world.pictures == [PHOTO, WAVE]
    for _ in range(11):
        await world.bob.send(world.channel, "talk")
    await world.alice.send(world.channel, "#stylenet last")
    assert world.said()[-1].content == (
        "There is no picture in the last 10 messages here, so `last` finds none: attach your "
        "pictures, or reply to a message that has them."
    )


async def test_a_channel_that_cannot_be_read_back_is_owned_up_to(world, hosts):
    world.env.inject_error(
        "GET", f"/channels/{world.channel.id}/messages", status=403, code=50001, times=None
    )
    await world.ask("#stylenet", WAVE)
    assert "I see one picture." in world.said()[-1].content
    await world.ask("#stylenet last", WAVE)
    assert world.said()[-1].content.startswith("Discord does not show me the last messages here")


async def test_a_reply_gets_no_offer(world):
    await world.bob.send(world.channel, "mine", attachments=[PHOTO])
    talk = await world.bob.send(world.channel, "talk")
    await world.alice.send(world.channel, "#stylenet", reply_to=talk, attachments=[WAVE])
    assert "newest" not in world.reply().content
    await world.alice.send(world.channel, "#stylenet last", reply_to=talk, attachments=[WAVE])
    assert len(world.studio.jobs) == 1


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("cat.jfif", "image/jpeg"),
        ("cat.jpg", "image/jpg"),
        ("cat.png", "image/apng"),
        ("cat.heic", None),
        ("cat.avif", "image/avif"),
        ("cat", None),
        ("cat", "application/octet-stream"),
        ("cat.jfif", None),
        ("cat.png", "application/octet-stream"),
        ("cat.nef", None),
        ("cat.png", "text/plain"),
        ("cat.jpg", "image/jpeg; charset=binary"),
        ("cat.jpeg_large", "unknown/unknown"),
    ],
)
async def test_a_type_that_says_little_is_no_reason_to_refuse(world, name, content_type):
    stored = world.env.backend.store_attachments(world.channel.id, [(name, b"a cat"), WAVE])
    stored[0]["content_type"] = content_type
    await world.show("#stylenet", by=world.alice, attachments=stored)
    assert world.pictures == [(name, b"a cat"), WAVE]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("film.mp4", "video/mp4"),
        ("film", "video/mp4"),
        ("film.webm", None),
        ("film.mkv", None),
        ("song.mp3", "audio/mpeg"),
        ("voice-message.ogg", "audio/ogg"),
        ("song.flac", "application/octet-stream"),
        ("paper.pdf", "application/pdf"),
        ("paper.pdf", None),
        ("notes.txt", "text/plain; charset=utf-8"),
        ("notes.md", None),
        ("all.zip", "application/zip"),
        ("all.tar.gz", None),
        ("all.rar", "application/octet-stream"),
        ("logo.svg", "image/svg+xml"),
        ("letter.docx", None),
    ],
)
async def test_what_is_certainly_no_picture_is_named(world, name, content_type):
    stored = world.env.backend.store_attachments(world.channel.id, [PHOTO, (name, b"?")])
    stored[1]["content_type"] = content_type
    await world.show("#stylenet", by=world.alice, attachments=stored)
    assert f"I cannot use `{name}`: I read PNG" in world.reply().content
    assert "I see one picture." in world.reply().content


@pytest.mark.parametrize(
    ("title", "filename", "name"),
    [
        ("кошка", "image.png", "кошка.png"),
        ("кошка.PNG", "image.png", "кошка.PNG"),
        ("v1.2 (draft)", "v1.2_draft.jpg", "v1.2 (draft).jpg"),
        ("a`b\u202ec", "abc.webp", "abc.webp"),
        ("  ", "cat.png", "cat.png"),
        (None, "cat.png", "cat.png"),
        ("猫", "unknown", "猫"),
    ],
)
async def test_a_file_goes_by_its_real_name(world, title, filename, name):
    stored = world.env.backend.store_attachments(world.channel.id, [(filename, b"?"), WAVE])
    stored[0]["title"] = title
    await world.show("#stylenet", by=world.alice, attachments=stored)
    assert world.pictures[0][0] == name


async def test_a_refusal_uses_the_real_name_too(world):
    stored = world.env.backend.store_attachments(world.channel.id, [("notes.txt", b"?")])
    stored[0]["title"] = "Заметки"
    await world.show("#stylenet", by=world.alice, attachments=stored)
    assert "I cannot use `Заметки.txt`" in world.reply().content
