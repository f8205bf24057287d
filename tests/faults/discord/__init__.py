"""A fake Discord on loopback, faithful where faults are: the real discord.py connects to it.

``FakeDiscord`` lives in the test's process, so it and what was said in it outlive a bot that is
killed. In a test:

```python
async with FakeDiscord() as fake, RunningStudio(data, discord=fake) as studio:
    await fake.bot_arrives()
    alice = fake.join("alice")
    asked = await fake.post(fake.art, alice, "#stylenet size=64 steps=3", (photo, style))
    fake.acknowledgements_of(asked)   # the messages with a button that showed how the job stands
    fake.answers_to(asked)            # paintings and refusals, wherever they were sent; one at most
```

Both lists hold every message ever made, also those deleted since (``message.deleted``), so a
second answer cannot hide. ``tests.bot.processes.RunningStudio`` starts the product by
``studio.py``. To start it otherwise: ``python -m tests.faults.discord.studio <fake.url> run …``,
with the repository's root as ``PYTHONPATH`` and ``TOKEN`` as ``STYLENET_DISCORD__TOKEN``.

``fake.faults`` makes requests fail, on demand or at random; ``fake.gateway`` breaks connections;
``fake.deny``, ``delete_channel`` and the like change the world below the bot's feet.
"""

from tests.faults.discord.server import TOKEN, FakeDiscord, point_discord_py_at

__all__ = ["TOKEN", "FakeDiscord", "point_discord_py_at"]
