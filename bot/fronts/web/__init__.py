"""The local room: a chat page in the browser, the way in that needs no token and no account.

form          an HTTP request ─► text and pictures, counted while they stream in
conversation  hears a message, asks the studio, replies; every reply is a row of messages
messages      the chat log, in the studio's database
views, texts  a job as JSON, and as a sentence
settings      its section of the settings
forms         what can be asked for, as JSON: the page draws its forms from it
feed          what changed, to every open page
guard         who may ask: Host, Origin, password, headers
server        the routes; front ties it all to the studio
"""

from bot.fronts.web.front import Room

__all__ = ["Room"]
