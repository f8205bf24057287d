"""How Discord says no: an HTTP status, a code of its own, a sentence."""


class ApiError(Exception):
    """Raised by a handler, sent as JSON."""

    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def unknown_channel() -> ApiError:
    return ApiError(404, 10003, "Unknown Channel")


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def unknown_webhook() -> ApiError:
    return ApiError(404, 10015, "Unknown Webhook")


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")


def already_acknowledged() -> ApiError:
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def closed_to_messages() -> ApiError:
    return ApiError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def invalid_token() -> ApiError:
    return ApiError(401, 50027, "Invalid Webhook Token")


def invalid_form(what: str) -> ApiError:
    return ApiError(400, 50035, f"Invalid Form Body: {what}")


def thread_archived() -> ApiError:
    return ApiError(400, 50083, "Thread is archived")


def no_history_to_reply() -> ApiError:
    return ApiError(403, 160002, "Cannot reply without permission to read message history")
