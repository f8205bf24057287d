"""The use cases, on the real queue, ledger and store."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.base import CommandError
from bot.fronts.base import Undeliverable
from bot.jobs.admission import turn_of, units
from bot.jobs.ledger import Ledger
from bot.jobs.queue import Queue
from bot.model import Job
from bot.studio import Refused, Studio
from bot.switch import pause, resume
from tests.bot.conftest import NotingFront, submit_to, upload, working
from tests.patience import PATIENCE, until


async def test_a_job_is_painted_shown_and_answered_once(
    studio, front, submit, settings, worker, ledger
):
    async with working(settings, worker):
        status = await submit("job-1")
        assert (status.state, status.position) == ("queued", 1)
        await _until_all_is_answered(studio)
    [(job, answer)] = front.answers
    assert (job, answer.state, answer.fraction) == ("job-1", "done", 1.0)
    assert await studio.read(answer.outcome.file("result").key) == b"\x89PNG painted"
    states = [status.state for _, status in front.shown]
    assert states == sorted(states, key=["queued", "running"].index)
    assert await ledger.unanswered() == []


async def test_progress_reaches_the_front(studio, front, submit, settings, worker):
    def fractions() -> list[float]:
        return [status.fraction for _, status in front.shown if status.state == "running"]

    worker.may_end.clear()
    async with working(settings, worker):
        await submit("job-1")
        await until(lambda: 1.0 in fractions())
        worker.may_end.set()
        await front.wait_for_answers(1)
    assert fractions() == sorted(fractions())


async def test_the_same_id_makes_one_job(studio, front, submit, settings, worker, queue):
    await asyncio.gather(*(submit("job-1") for _ in range(5)))
    assert (await submit("job-1")).state == "queued"
    assert (await queue.backlog.counts([])).waiting == 1
    async with working(settings, worker):
        await _until_all_is_answered(studio)
    assert worker.painted == ["job-1"]
    assert len(front.answers) == 1


async def test_positions_count_down(studio, submit):
    statuses = [await submit(f"job-{n}") for n in range(3)]
    assert [status.position for status in statuses] == [1, 2, 3]
    assert await studio.cancel("job-0", "ann")
    assert (await studio.status("job-2")).position == 2


async def test_a_person_with_many_jobs_does_not_delay_another(
    studio, front, submit, settings, worker
):
    for n in range(8):
        await submit(f"ann-{n}", person="ann")
    status = await submit("bob-0", person="bob")
    assert status.position == 2
    async with working(settings, worker):
        await front.wait_for_answers(9)
    assert worker.painted.index("bob-0") == 1
    assert [job for job in worker.painted if job != "bob-0"] == [f"ann-{n}" for n in range(8)]


async def test_turns_are_shared_by_work_and_not_by_jobs(studio, submit):
    """Ann's two large paintings are as much as many small ones, and Bob's small ones go first."""
    await submit("ann-1", person="ann", text="!stylenet size=1024")
    await submit("ann-2", person="ann", text="!stylenet size=1024")
    for n in range(3):
        status = await submit(f"bob-{n}", person="bob", text="!stylenet size=256")
        assert status.position == 2 + n
    status = await submit("cleo", person="cleo", text="!stylenet size=1024 steps=1000")
    assert status.position == 6  # whatever else she might have: it is long


def next_turn(active: list[tuple[int, int, str]], served: int, person: str, length: int) -> int:
    """The turn of a job so long, with *active* ones (turn, length, person); *served* is the last
    that was taken, or 0."""
    now = served or min((turn for turn, *_ in active), default=1)
    return turn_of(now, max((turn for turn, _, of in active if of == person), default=0), length)


LENGTHS = st.integers(1, 50)


@given(st.lists(st.tuples(st.integers(0, 3), LENGTHS), max_size=60), LENGTHS, st.data())
def test_nobody_waits_for_more_than_one_job_of_each_other_and_less_than_as_much(jobs, mine, data):
    """However long jobs are and however they are painted: beyond one job of each other person."""
    active: list[tuple[int, int, str]] = []
    served = 0
    for person, length in jobs:
        active.append((next_turn(active, served, str(person), length), length, str(person)))
        while active and data.draw(st.booleans()):
            served, *_ = first = min(active)
            active.remove(first)
    turn = next_turn(active, served, "newcomer", mine)
    ahead: dict[str, list[int]] = {}
    for other, length, person in sorted(active):
        if other <= turn:
            ahead.setdefault(person, []).append(length)
    assert all(sum(lengths[1:]) < mine for lengths in ahead.values())


@given(st.integers(1, 40), st.integers(1, 30), st.lists(LENGTHS, max_size=9))
def test_nine_small_jobs_are_equal_to_one_that_is_nine_times_as_long(length, count, before):
    """What comes next of this person's comes in the same turn; what is split is not favoured."""
    last = 0
    for one in before:
        last = turn_of(1, last, one)
    whole, parts = turn_of(1, last, count * length), last
    for _ in range(count):
        parts = turn_of(1, parts, length)
    assert whole == parts


@given(LENGTHS, st.lists(LENGTHS, min_size=2, max_size=20), st.integers(50, 10_000))
def test_long_works_do_not_hold_up_short_ones(short, shorts, long):
    """Of a backlog of long works at most the one that is being painted goes before a short job."""
    backlog = []
    for _ in range(3):
        backlog.append(turn_of(1, max(backlog, default=0), long))
    assert turn_of(backlog[0], 0, short) < backlog[1]
    last = 0
    for one in shorts:  # nor can short ones hold up a long one beyond as much work as it is
        last = turn_of(backlog[0], last, one)
    assert (last < backlog[1]) == (sum(shorts) <= long)


@pytest.mark.parametrize("cost", [float("inf"), 1e300, float("nan"), -1.0, 0.0])
def test_whatever_a_work_costs_its_turn_is_one_that_the_queue_knows(cost):
    assert 1 <= units(cost) <= 1_000_000
    assert turn_of(2**31 - 2, 0, units(cost)) <= 2**31 - 1


async def test_bounds_are_told_honestly(submit, settings):
    for n in range(20):
        await submit(f"ann-{n}")
    with pytest.raises(Refused, match="You have 20 jobs waiting"):
        await submit("ann-x")
    for n in range(10):
        await submit(f"bob-{n}", person="bob")
    with pytest.raises(Refused, match="The studio is full: 30 jobs are waiting"):
        await submit("cleo", person="cleo")


async def test_a_paused_studio_takes_nothing_new_until_it_is_resumed(submit, settings):
    await submit("before")
    assert "no new work until" in await pause(settings, "The painter is on holiday")
    with pytest.raises(Refused, match="at the moment: The painter is on holiday"):
        await submit("meanwhile")
    await submit("before")  # told once more, it changes nothing
    assert await resume(settings) == "The studio takes new work again."
    assert await resume(settings) == "The studio was not paused."
    await submit("after")


async def test_bounds_hold_for_many_at_once(submit, queue):
    results = await asyncio.gather(*(submit(f"ann-{n}") for n in range(40)), return_exceptions=True)
    assert sum(isinstance(result, Refused) for result in results) == 20
    assert (await queue.backlog.counts([])).waiting == 20


async def test_pictures_above_the_cap_are_not_even_read(submit, queue):
    async def never() -> bytes:
        raise AssertionError("read")

    big = upload("huge.png", size=60_000_000)
    with pytest.raises(Refused, match=r"huge\.png has 60\.0 MB; I take pictures of up to 50 MB"):
        await submit("job-1", uploads=[type(big)(big.name, big.size, never), upload("b.png")])
    liar = upload("liar.png", data=b"x" * 50_000_001, size=10)
    with pytest.raises(Refused, match=r"liar\.png"):
        await submit("job-2", uploads=[upload("a.png"), liar])
    assert (await queue.backlog.counts([])).waiting == 0


async def test_of_a_job_whose_second_picture_does_not_come_nothing_is_kept(submit, store):
    async def lost() -> bytes:
        assert await store.jobs()  # the first is there
        raise OSError("the chat does not give it")

    second = upload("b.png")
    with pytest.raises(OSError, match="does not give it"):
        await submit("job-1", uploads=[upload("a.png"), type(second)("b.png", 9, lost)])

    async def nothing_is_kept() -> bool:
        return not await store.jobs()

    await until(nothing_is_kept)


async def test_the_wrong_number_of_pictures_makes_no_job(submit, studio):
    with pytest.raises(CommandError, match="I see one picture"):
        await submit("job-1", uploads=[upload("a.png")])
    assert await studio.status("job-1") is None


async def test_cancel_while_waiting_and_while_painted(studio, front, submit, settings, worker):
    worker.may_end.clear()
    await submit("one")
    await submit("two")
    assert not await studio.cancel("two", "bob")
    assert await studio.cancel("two", "ann")
    async with working(settings, worker):
        async for status in studio.follow("one"):
            if status.state == "running":
                assert await studio.cancel("one", "ann")
                break
        await front.wait_for_answers(2)
    assert {job: status.state for job, status in front.answers} == {
        "one": "cancelled",
        "two": "cancelled",
    }
    assert not await studio.cancel("one", "ann")
    assert worker.painted == []


async def test_a_fault_in_the_painter_is_answered(front, submit, settings, worker):
    async with working(settings, worker):
        await submit("job-1", uploads=[upload("broken"), upload("b.png")])
        await submit("job-2")
        await front.wait_for_answers(2)
    states = dict(front.answers)
    assert states["job-1"].state == "failed"
    assert "Please try again" in states["job-1"].outcome.error
    assert states["job-2"].state == "done"


async def test_a_front_in_trouble_is_tried_again(front, submit, settings, worker, monkeypatch):
    monkeypatch.setattr("bot.jobs.background.RETRY_SECONDS", (0.05,))
    front.troubles = [OSError("no network"), TimeoutError()]
    async with working(settings, worker):
        await submit("job-1")
        await front.wait_for_answers(1)
    assert len(front.answers) == 1


async def test_edits_keep_the_pace_of_the_front(studio, front, submit, settings, worker):
    front.pace = 0.5
    worker.may_end.clear()
    async with working(settings, worker):
        await submit("job-1")
        await until(lambda: any(status.fraction == 1.0 for _, status in front.shown))
        worker.may_end.set()
        await front.wait_for_answers(1)
    moments = front.moments
    assert all(after - before >= 0.5 for before, after in pairwise(moments))
    assert len(front.shown) < 5  # of its three reports the newest that there was


async def test_an_answer_waits_for_no_pace(front, submit, settings, worker):
    front.pace = 10 * PATIENCE
    async with working(settings, worker):
        await submit("job-1")
        await front.wait_for_answers(1)


async def test_whoever_has_seen_nothing_is_shown_it_again(front, submit, monkeypatch):
    monkeypatch.setattr("bot.jobs.tracker.SHOW_AGAIN_SECONDS", 0.05)
    front.unshowable = [OSError("no network")] * 3
    await submit("job-1")
    await until(lambda: front.shown)
    assert front.unshowable == []


async def test_what_can_never_be_shown_is_not_tried_again(front, submit, settings, worker):
    front.unshowable = [Undeliverable("the channel is gone"), OSError("tried again")]
    await submit("job-1")
    await until(lambda: len(front.unshowable) == 1)
    await asyncio.sleep(0.2)
    assert len(front.unshowable) == 1
    async with working(settings, worker):
        await front.wait_for_answers(1)


async def test_each_front_forgets_whoever_is_forgotten(studio, front, submit):
    await submit("job-1")
    assert await studio.forget("ann") == 1
    assert front.forgotten == ["ann"]
    assert (await studio.unsay("test", "ann"), await studio.unsay("test", "ben")) == (1, 0)


async def test_how_a_front_is_stands_among_the_studios_parts(studio, front):
    assert studio.health.report()[1]["test"] == "ok"
    front.wrong = "out of reach"
    well, parts = studio.health.report()
    assert (well, parts["test"]) == (True, "out of reach")


async def test_nobody_left_to_answer_ends_the_job(studio, front, submit, settings, worker):
    front.troubles = [Undeliverable("the channel is gone")]
    async with working(settings, worker):
        await submit("job-1")
        await _until_all_is_answered(studio)
    assert front.answers == []


async def test_a_restart_answers_what_was_left(settings, submit, studio, front, worker, ledger):
    """The studio goes while jobs wait; another takes them up, also one that was not enqueued."""
    await submit("job-1")
    job = await ledger.get("job-1")
    other = Job.model_validate_json(job.model_dump_json().replace("job-1", "job-2"))
    await ledger.add(other)  # and died before enqueueing it
    await studio.__aexit__()
    async with working(settings, worker), Studio(settings) as again:
        later = NotingFront()
        again.enlist(later)
        await again.resume()
        await later.wait_for_answers(2)
        assert sorted(job for job, _ in later.answers) == ["job-1", "job-2"]
        await _until_all_is_answered(again)
    async with working(settings, worker), Studio(settings) as third:
        last = NotingFront()
        third.enlist(last)
        await third.resume()
        await submit_to(third, "job-3")
        await _until_all_is_answered(third)
        assert [job for job, _ in last.answers] == ["job-3"]  # and none of those before
    assert front.answers == []


async def test_once_taken_a_job_is_never_refused(
    studio, front, submit, settings, worker, monkeypatch
):
    """The database goes away between ledger and queue: the person is told that it waits."""
    monkeypatch.setattr("bot.jobs.background.RETRY_SECONDS", (0.2,))
    monkeypatch.setattr("bot.jobs.tracker.ENQUEUE_SECONDS", 0.1)
    enqueue, faults = Queue.enqueue, [OSError("away"), OSError("still away")]

    async def unsteady(queue, job, turn):
        if faults:
            raise faults.pop()
        await enqueue(queue, job, turn)

    monkeypatch.setattr(Queue, "enqueue", unsteady)
    assert (await submit("job-1")).state == "queued"
    async with working(settings, worker):
        await front.wait_for_answers(1)
    assert worker.painted == ["job-1"]


async def test_follow_ends_for_a_job_that_ended_long_ago(studio, front, submit, settings, worker):
    async with working(settings, worker):
        await submit("job-1")
        await _until_all_is_answered(studio)
    assert [status.state async for status in studio.follow("job-1")] == ["done"]


async def test_a_key_that_is_none_reads_as_absent(studio):
    for key in ("jobs/x/none.png", "../../etc/passwd", "", "jobs//x"):
        with pytest.raises(FileNotFoundError):
            await studio.read(key)


async def _until_all_is_answered(studio: Studio) -> None:
    ledger = Ledger(studio.engine)

    async def answered() -> bool:
        return not await ledger.unanswered()

    await until(answered)
