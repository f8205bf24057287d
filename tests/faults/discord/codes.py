"""Discord's public list of JSON error codes: those that a message, an edit or a file can meet.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json gives code and meaning; the
HTTP status is the one that people report, else what suits the meaning. What belongs to requests
that the bot never makes (invites, roles, stages, polls, stickers …) is left out.
"""

from typing import NamedTuple


class Code(NamedTuple):
    code: int
    status: int
    meaning: str


NOT_NOW = (
    Code(0, 400, "General error (such as a malformed request body, amongst other things)"),
    Code(0, 401, "401: Unauthorized"),
    Code(20016, 429, "This action cannot be performed due to slowmode rate limit"),
    Code(20022, 429, "This message cannot be edited due to announcement rate limits"),
    Code(20028, 429, "The write action on the channel has hit the write rate limit"),
    Code(20029, 429, "The write action on the server has hit the write rate limit"),
    Code(30046, 429, "Maximum number of edits to messages older than 1 hour reached"),
    Code(40001, 401, "Unauthorized. Provide a valid token and try again"),
    Code(40003, 400, "You are opening direct messages too fast"),
    Code(40004, 403, "Send messages has been temporarily disabled"),
    Code(40006, 403, "This feature has been temporarily disabled server-side"),
    Code(40062, 429, "Service resource is being rate limited"),
    Code(40333, 403, "Cloudflare is blocking your request"),
    Code(50014, 401, "Invalid authentication token provided"),
    Code(110000, 400, "Index not yet available. Try again later"),
    Code(110001, 400, "Application not yet available. Try again later"),
    Code(130000, 400, "API resource is currently overloaded. Try again a little later"),
)
"""These may pass, and have to be tried again, but not for ever."""

CLOSED = (
    Code(10003, 404, "Unknown channel"),
    Code(10004, 404, "Unknown guild"),
    Code(10008, 404, "Unknown message"),
    Code(10013, 404, "Unknown user"),
    Code(10015, 404, "Unknown webhook"),
    Code(10062, 404, "Unknown interaction"),
    Code(40007, 403, "The user is banned from this guild"),
    Code(40058, 400, "Cannot send a message in a forum channel"),
    Code(50001, 403, "Missing access"),
    Code(50003, 400, "Cannot execute action on a DM channel"),
    Code(50007, 403, "Cannot send messages to this user"),
    Code(50008, 400, "Cannot send messages in a non-text channel"),
    Code(50009, 403, "Channel verification level is too high for you to gain access"),
    Code(50013, 403, "You lack permissions to perform that action"),
    Code(50024, 400, "Cannot execute action on this channel type"),
    Code(50033, 400, "Invalid Recipient(s)"),
    Code(50055, 400, "Invalid Guild"),
    Code(50083, 400, "Tried to perform an operation on an archived thread"),
    Code(50095, 403, "This server is not available in your location"),
    Code(50178, 403, "The user account must first be verified"),
    Code(50278, 403, "Cannot send messages to this user due to having no mutual guilds"),
    Code(60003, 403, "Two factor is required for this operation"),
    Code(160002, 403, "Cannot reply without permission to read message history"),
    Code(160005, 403, "Thread is locked"),
)
"""After these, words would not be taken, either; the painting is, elsewhere."""

UNWELCOME = (
    Code(20001, 400, "Bots cannot use this endpoint"),
    Code(20009, 400, "Explicit content cannot be sent to the desired recipient(s)"),
    Code(20012, 400, "You are not authorized to perform this action on this application"),
    Code(20015, 400, "This action requires a premium subscription"),
    Code(20018, 400, "Only the owner of this account can perform this action"),
    Code(20024, 400, "Under minimum age"),
    Code(20031, 400, "Your … channel names contain words that are not allowed"),
    Code(20035, 400, "Guild premium subscription level too low"),
    Code(30015, 400, "Maximum number of attachments in a message reached (10)"),
    Code(40002, 400, "You need to verify your account in order to perform this action"),
    Code(40005, 413, "Request entity too large. Try sending something smaller in size"),
    Code(40012, 400, "Connection has been revoked"),
    Code(40043, 400, "Application interaction failed to send"),
    Code(40060, 400, "Interaction has already been acknowledged"),
    Code(40067, 400, "A tag is required to create a forum post in this channel"),
    Code(40094, 400, "This interaction has hit the maximum number of follow up messages"),
    Code(50002, 400, "Invalid account type"),
    Code(50005, 400, "Cannot edit a message authored by another user"),
    Code(50006, 400, "Cannot send an empty message"),
    Code(50021, 400, "Cannot execute action on a system message"),
    Code(50027, 400, "Invalid webhook token provided"),
    Code(50035, 400, "Invalid form body, or invalid Content-Type provided"),
    Code(50041, 400, "Invalid API version provided"),
    Code(50045, 400, "File uploaded exceeds the maximum size"),
    Code(50046, 400, "Invalid file uploaded"),
    Code(50067, 400, "Invalid request origin"),
    Code(50068, 400, "Invalid message type"),
    Code(50080, 400, "Cannot edit stickers within a message"),
    Code(50097, 400, "This server needs monetization enabled in order to perform this action"),
    Code(50101, 400, "This server needs more boosts to perform this action"),
    Code(50109, 400, "The request body contains invalid JSON"),
    Code(50110, 400, "The provided file is invalid"),
    Code(50123, 400, "The provided file type is invalid"),
    Code(50124, 400, "The provided file duration exceeds maximum of 5.2 seconds"),
    Code(50138, 400, "Failed to resize asset below the maximum size: 262144"),
    Code(50146, 400, "Uploaded file not found"),
    Code(50159, 400, "Voice messages do not support additional content"),
    Code(50173, 400, "You cannot send voice messages in this channel"),
    Code(50192, 400, "The provided file does not have a valid duration"),
    Code(160014, 400, "You cannot forward a message whose content you cannot read"),
    Code(200000, 400, "Message was blocked by automatic moderation"),
    Code(200001, 400, "Title was blocked by automatic moderation"),
    Code(240000, 400, "Message blocked by harmful links filter"),
    Code(340015, 400, "Access to joining new servers has been limited for the user"),
    Code(400001, 403, "Access to file uploads has been limited for this guild"),
    Code(520003, 400, "Cannot edit a poll message"),
)
"""These would be said of the same message again, but words alone may be taken."""

CODES = (*NOT_NOW, *CLOSED, *UNWELCOME)
