"""Port: how passwords are kept."""

from typing import Protocol


class PasswordHasher(Protocol):
    """Hashes slowly on purpose; what it returns tells how it was made, so that older ones can still be verified."""

    def hash(self, password: str) -> str:
        """A salted hash."""
        ...

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the one. Without a hash it takes as long as with one, and is False."""
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made in a weaker way than is usual now."""
        ...
