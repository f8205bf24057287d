"""Where people meet the studio: each front is one chat, and talks to nothing but the studio.

``discord`` is a bot in Discord; ``room`` is a chat page of our own in the browser.
"""

from pathlib import Path

EXAMPLES = Path(__file__).with_name("examples.jpg")
"""Columns of a content picture, a style and the painting: what a front shows as help."""
