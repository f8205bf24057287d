"""Where the fake Discord keeps files: each has an address from which anybody may download it."""

from tests.faults.discord.world import File, snowflake


class Cdn:
    """The files of all messages, at *url*."""

    def __init__(self) -> None:
        self.url = ""
        self._files: dict[int, File] = {}

    def keep(
        self, name: str, data: bytes, description: str | None = None, spoiler: bool = False
    ) -> File:
        id = snowflake()
        file = File(name, data, f"{self.url}/attachments/{id}/{name}", id, description, spoiler)
        self._files[id] = file
        return file

    def find(self, id: int) -> File | None:
        return self._files.get(id)
