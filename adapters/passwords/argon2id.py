"""Passwords by argon2id, with the parameters that OWASP asks for at least (Password Storage Cheat Sheet): 19 MiB, 2 passes."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

_KIB, _PASSES, _LANES = 19_456, 2, 1


class Argon2id:
    """See application.ports.password_hasher.PasswordHasher."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(_PASSES, _KIB, _LANES, type=Type.ID)
        self._nobodys = self._argon2.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """A salted hash, in the PHC string format."""
        return self._argon2.hash(password)

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the one. Without a hash it is compared with nobody's, so that it takes as long."""
        try:
            return self._argon2.verify(self._nobodys if hashed is None else hashed, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made with other parameters."""
        return self._argon2.check_needs_rehash(hashed)
