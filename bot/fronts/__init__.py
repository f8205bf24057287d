"""Where people meet the studio: each front is one chat, and talks to nothing but the studio.

``discord`` is a bot in Discord; ``web`` is a chat page of our own in the browser.
"""
