"""Seeing the studio run, from the chat process alone: workers open no port.

metrics   what is counted and measured, for Prometheus
health    whether each part works, and in a sentence what is wrong
server    /metrics and /healthz, beside the room and independent of it
"""

from bot.monitor.health import Health, Probe
from bot.monitor.server import Monitor

__all__ = ["Health", "Monitor", "Probe"]
