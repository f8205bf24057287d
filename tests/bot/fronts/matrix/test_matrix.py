"""Matrix: asked for in a room of a real homeserver, answered there."""

import asyncio

import aiohttp
import pytest

from bot.fronts.base import NotReady, Undeliverable
from bot.fronts.matrix import MatrixFront
from tests.bot.fake_studio import PAINTING
from tests.bot.fronts.matrix.world import settings_for
from tests.patience import until


async def two(world, by=None, room=None):
    by = by or world.ann
    await by.show(room or world.room, "photo.png")
    await by.show(room or world.room, "wave.png")


class TestAsking:
    async def test_pictures_and_then_a_request_are_painted_and_answered(self, world):
        await two(world)
        asked = await world.ann.say(world.room, "!stylenet size=256")
        job = await world.job()
        pictures = world.studio.jobs[job].order.pictures
        assert [one.name for one in pictures] == ["photo.png", "wave.png"]
        assert world.studio.jobs[job].order.recipe.size == 256
        assert world.studio.jobs[job].person == f"matrix:{world.ann.id}"
        assert world.studio.jobs[job].order.public
        await world.studio.paint(job, 50)
        [shown] = await world.below(asked)
        assert shown["body"] == "Step 50 of 100, about 50 seconds left."
        assert shown["msgtype"] == "m.notice"
        await world.studio.end(job)
        shown, answer = await world.below(asked)
        assert shown["body"] == "Done in 32 seconds."
        assert answer["msgtype"] == "m.image"
        assert answer["body"].startswith("Here is your painting: 480 × 320, done in 32 seconds")
        assert answer["m.mentions"] == {"user_ids": [world.ann.id]}
        assert answer["info"] == {
            "mimetype": "image/png",
            "size": len(PAINTING),
            "w": 480,
            "h": 320,
        }
        assert await seen(world, answer["url"]) == PAINTING

    async def test_what_others_say_in_between_does_not_matter(self, world):
        await world.ann.show(world.room, "photo.png")
        await world.ben.show(world.room, "his.png")
        await world.ann.show(world.room, "wave.png")
        await world.ben.say(world.room, "nice ones")
        await world.ann.say(world.room, "look at this #stylenet")
        pictures = world.studio.jobs[await world.job()].order.pictures
        assert [one.name for one in pictures] == ["photo.png", "wave.png"]

    async def test_a_caption_asks_too(self, world):
        await world.ann.show(world.room, "photo.png")
        await world.ann.show(world.room, "wave.png", body="!stylenet strength 70")
        order = world.studio.jobs[await world.job()].order
        assert [one.name for one in order.pictures] == ["photo.png", "wave.png"]

    async def test_what_it_replies_to_is_the_content(self, world):
        shown = await world.ben.show(world.room, "photo.png")
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": shown}}}
        await world.ann.show(world.room, "wave.png", body="!stylenet", **reply)
        order = world.studio.jobs[await world.job()].order
        assert [one.name for one in order.pictures] == ["photo.png", "wave.png"]

    async def test_the_newest_picture_of_the_room_where_it_is_wished(self, world):
        await world.ben.show(world.room, "photo.png")
        await world.ann.show(world.room, "wave.png", body="!stylenet last")
        order = world.studio.jobs[await world.job()].order
        assert [one.name for one in order.pictures] == ["photo.png", "wave.png"]

    async def test_in_a_room_of_two_no_command_is_needed(self, world):
        room = await world.ben.create_room(world.bot.id, public=False)
        await until(lambda: both(world.ben, room))
        await two(world, world.ben, room)
        await world.ben.say(room, "like this please")
        job = world.studio.jobs[await world.job()]
        assert job.address["room"] == room
        assert not job.order.public

    async def test_it_is_named_instead(self, world):
        await two(world)
        await world.ann.say(
            world.room,
            f"{world.bot.id}: size=300",
            **{"m.mentions": {"user_ids": [world.bot.id]}},
        )
        assert world.studio.jobs[await world.job()].order.recipe.size == 300

    async def test_a_thread_is_answered_in_the_thread(self, world):
        root = await world.ann.say(world.room, "pictures here")
        thread = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        await world.ann.show(world.room, "photo.png", **{"m.relates_to": thread})
        await world.ann.show(world.room, "wave.png", **{"m.relates_to": thread})
        asked = await world.ann.say(world.room, "!stylenet", **{"m.relates_to": thread})
        await world.studio.end(await world.job())
        for said in await world.below(asked):
            assert said["m.relates_to"]["rel_type"] == "m.thread"
            assert said["m.relates_to"]["event_id"] == root

    async def test_film_and_plot_follow_the_painting(self, world):
        await two(world)
        asked = await world.ann.say(world.room, "!stylenet gif")
        await world.studio.end(await world.job())
        _, answer, film = await world.below(asked)
        assert (answer["msgtype"], film["filename"]) == ("m.image", "film.gif")


class TestWords:
    async def test_help(self, world):
        asked = await world.ann.say(world.room, "!help")
        said = await world.told(asked)
        assert "!blend" in said
        assert "**" not in said
        assert "`" not in said

    async def test_one_picture_is_too_little(self, world):
        await world.ann.show(world.room, "photo.png")
        asked = await world.ann.say(world.room, "!stylenet")
        assert "I see one picture" in await world.told(asked)

    async def test_a_video_is_none(self, world):
        film = {"body": "!stylenet", "msgtype": "m.video"}
        asked = await world.ann.show(world.room, "film.mp4", b"film", **film)
        assert "I see a video, which I cannot use" in await world.told(asked)

    async def test_what_the_decoder_refuses(self, world):
        await world.ann.show(world.room, "photo.png")
        await world.ann.show(world.room, "text.png", b"no picture")
        asked = await world.ann.say(world.room, "!stylenet")
        job = await world.job()
        await world.studio.end(job, "failed", error="I cannot read text.png.", cause="refused")
        assert (await world.below(asked))[-1]["body"] == "I cannot read text.png."

    async def test_an_option_that_cannot_be(self, world):
        await two(world)
        assert "size" in await world.told(await world.ann.say(world.room, "!stylenet size=-1"))

    async def test_cancel_and_forget(self, world):
        await two(world)
        await world.ann.say(world.room, "!stylenet")
        await world.job()
        assert "Cancelled" in await world.told(await world.ann.say(world.room, "!cancel"))
        assert "stays there" in await world.told(await world.ann.say(world.room, "!forget"))
        assert world.studio.forgotten == [f"matrix:{world.ann.id}"]

    async def test_talk_below_a_painting_is_no_request(self, world):
        await two(world)
        asked = await world.ann.say(world.room, "!stylenet")
        await world.studio.end(await world.job())
        answer = (await world.below(asked))[-1]
        reply = {
            "m.relates_to": {"m.in_reply_to": {"event_id": answer["id"]}},
            "m.mentions": {"user_ids": [world.bot.id]},
        }
        talk = await world.ben.say(world.room, "wow, lovely", **reply)
        asked = await world.ben.say(world.room, "!help")
        await world.told(asked)
        assert await world.below(talk) == []

    async def test_its_own_words_and_those_of_bots_ask_for_nothing(self, world):
        await two(world)
        await world.ben.say(world.room, "!stylenet", msgtype="m.notice")
        await world.told(await world.ben.say(world.room, "!help"))
        assert world.studio.jobs == {}

    async def test_an_encrypted_room_is_told_once(self, world):
        room = await world.ann.create_room(world.bot.id)
        await until(lambda: both(world.ann, room))
        for number in range(2):
            await say_in_secret(world.ann, room, f"e{number}")
        await world.told(await world.ann.say(room, "!help"), room)
        said = [one["content"]["body"] for one in await world.ann.messages(room)]
        assert len([one for one in said if "encrypted" in one]) == 1


class TestFaults:
    async def test_where_it_may_not_speak_it_holds_up_no_other_room(self, world):
        mute = {"power_level_content_override": {"events_default": 50}}
        room = await world.ann.create_room(world.bot.id, **mute)
        await until(lambda: both(world.ann, room))
        await say_in_secret(world.ann, room, "mute")
        await world.ann.say(room, "!help")
        assert "!blend" in await world.told(await world.ann.say(world.room, "!help"))
        assert world.front.trouble() is None

    async def test_what_was_said_before_it_was_invited_is_not_for_the_bot(self, world):
        room = await world.ann.create_room()
        await two(world, room=room)
        old = await world.ann.say(room, "!stylenet")
        await world.ann.ask(
            "POST", f"client/v3/rooms/{room}/invite", json={"user_id": world.bot.id}
        )
        await two(world, room=room)
        asked = await world.ann.say(room, "!stylenet seed=5")
        job = world.studio.jobs[await world.job()]
        assert (job.address["event"], len(world.studio.jobs)) == (asked, 1)
        assert await world.below(old, room) == []

    async def test_what_was_asked_while_the_bot_was_away_is_heard(self, world):
        await world.front.close()
        await two(world)
        await world.ann.say(world.room, "!stylenet")
        for number in range(70):  # more than one answer of the server holds
            await world.ben.say(world.room, f"talk {number}")
        world.front = MatrixFront(world.studio)
        world.studio.enlist(world.front)
        await world.front.open()
        assert [one.name for one in world.studio.jobs[await world.job()].order.pictures] == [
            "photo.png",
            "wave.png",
        ]
        await world.front.close()

    async def test_an_answer_is_sent_once_however_often_it_is_tried(self, world):
        await two(world)
        asked = await world.ann.say(world.room, "!stylenet")
        job = await world.job()
        address = world.studio.jobs[job].address
        await world.studio.end(job)
        await world.studio.readdress(job, address)  # as if it was killed before it noted it
        await world.studio.answer(job)
        answers = [one for one in await world.below(asked) if one["msgtype"] == "m.image"]
        assert len(answers) == 1

    async def test_a_server_that_restarts_is_waited_for(self, world, monkeypatch):
        monkeypatch.setattr("bot.fronts.connected.RECONNECT_SECONDS", (0.2,))
        await asyncio.to_thread(world.homeserver.stop)
        await until(lambda: world.front.trouble())
        await asyncio.to_thread(world.homeserver.start)
        await two(world)
        await world.ann.say(world.room, "!stylenet")
        await world.job()
        await until(lambda: world.front.trouble() is None)

    async def test_who_was_thrown_out_answers_nobody(self, world):
        await two(world)
        await world.ann.say(world.room, "!stylenet")
        job = await world.job()
        kick = {"user_id": world.bot.id}
        await world.ann.ask("POST", f"client/v3/rooms/{world.room}/kick", json=kick)
        with pytest.raises(Undeliverable):
            await world.studio.end(job)

    async def test_a_painting_that_is_too_large_is_told(self, world):
        await two(world)
        asked = await world.ann.say(world.room, "!stylenet")
        job = await world.job()
        assert world.studio.jobs[job].order.upload_bytes == 2 * 1024 * 1024
        world.studio.store["big"] = bytes(3_000_000)
        await world.studio.end(job, result="big", shared="big")
        assert "too large for this server" in (await world.below(asked))[-1]["body"]


class TestCheck:
    async def test_it_says_whose_token_it_is(self, world):
        settings = world.studio.settings.matrix
        assert await MatrixFront.check(settings) == f"the token is that of {world.bot.id}"

    async def test_a_wrong_token(self, homeserver):
        with pytest.raises(NotReady, match="refuses the token"):
            await MatrixFront.check(settings_for(homeserver.url, "wrong").matrix)

    async def test_no_server(self):
        with pytest.raises(NotReady, match="cannot reach"):
            await MatrixFront.check(settings_for("http://127.0.0.1:9", "any").matrix)

    async def test_off(self):
        assert "no token" in await MatrixFront.check(settings_for("http://127.0.0.1:9", "").matrix)


async def say_in_secret(person, room, transaction):
    secret = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "s"}
    secret |= {"sender_key": "k", "device_id": "d"}
    path = f"client/v3/rooms/{room}/send/m.room.encrypted/{transaction}"
    await person.ask("PUT", path, json=secret)


async def both(person, room):
    return len(await person.members(room)) == 2


async def seen(world, url):
    path = url.removeprefix("mxc://")
    address = f"{world.homeserver.url}/_matrix/client/v1/media/download/{path}"
    headers = {"Authorization": f"Bearer {world.ann.token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(address) as answer:
        return await answer.read()
