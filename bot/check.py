"""``stylenet check``: says in plain words what is and what is not ready."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from bot.config import Settings
from bot.fronts.base import Front, NotReady, found
from bot.jobs.ledger import connect
from bot.jobs.migrations import NewerDatabase, refuse_newer
from bot.jobs.store import Store


async def check(settings: Settings) -> bool:
    """Look at each part and print a line about it; True when all that is wanted is ready."""
    settings.data.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "config": _config,
        "weights": _weights,
        "device": _device,
        "database": _database,
        "store": _store,
        **{name: _front(kind) for name, kind in found().items()},
    }
    ready = True
    for name, look in parts.items():
        try:
            print(f"ok   {name}: {await look(settings)}", flush=True)
        except NotReady as problem:
            ready = False
            print(f"NOT  {name}: {problem}", flush=True)
    print("All is ready." if ready else "Some parts are not ready; see the lines with NOT.")
    return ready


async def _config(settings: Settings) -> str:
    painting = settings.painting
    steps = "as many steps as they need" if painting.steps == "auto" else f"{painting.steps} steps"
    summary = (
        f"paintings of {painting.size} px in {steps}, "
        f"at most {painting.max_size} px and {painting.max_steps} steps"
    )
    return "; ".join([summary, *settings.renamed])


async def _ask_painter(code: str, *arguments: str) -> dict[str, str]:
    """Ask in a process of its own, for the painter loads torch."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *arguments, stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-1:]
        raise NotReady("".join(last).partition(": ")[2] or "the painter does not start")
    answer: dict[str, str] = json.loads(output)
    return answer


async def _weights(settings: Settings) -> str:
    source = settings.painting.encoder_weights
    await _ask_painter(
        "import sys, json; from stylize.encoders import load_encoder;"
        "from stylize.subject import session; session(1);"
        "load_encoder('vgg19', weights=sys.argv[1]); print(json.dumps({}))",
        source,
    )
    return f"VGG-19 from {source} and U²-Net†, verified"


async def _device(settings: Settings) -> str:
    answer = await _ask_painter(
        "import sys, json, torch; from stylize.paint import choose_device;"
        "d = choose_device(sys.argv[1]);"
        "n = torch.cuda.get_device_name() if d.type == 'cuda' else '';"
        "print(json.dumps({'type': d.type, 'name': n, 'threads': str(torch.get_num_threads())}))",
        settings.workers.device,
    )
    if answer["type"] == "cpu":
        return (
            f"the CPU, {answer['threads']} threads; a painting takes about a minute. "
            "A GPU is found by itself when torch can use it"
        )
    return f"{answer['name']}; consider size = 512 in [painting]"


async def _database(settings: Settings) -> str:
    try:
        engine = connect(settings.database_url)
        async with engine.connect() as connection:
            await connection.run_sync(refuse_newer)
        await engine.dispose()
    except NewerDatabase as error:
        raise NotReady(str(error)) from None
    except (sa.exc.SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise NotReady(f"cannot be used: {reason}. Look at `database`") from None
    return sa.make_url(settings.database_url).render_as_string(hide_password=True)


async def _store(settings: Settings) -> str:
    try:
        store = Store(settings.store_url)
        await store.probe()
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise NotReady(f"cannot be written: {reason}. Look at `store` and `data`") from None
    return settings.store_url


def _front(kind: type[Front]) -> Callable[[Settings], Awaitable[str]]:
    return lambda settings: kind.check(getattr(settings, kind.name))
