"""Logging, the same in every process."""

import logging


def log_to_stderr(level: str) -> None:
    """Log to standard error: time, level, logger, message."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    for chatty in ("aiohttp.access", "aiosqlite", "dbos", "discord.client", "discord.gateway"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
