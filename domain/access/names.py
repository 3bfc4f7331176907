"""What users may be called, and what may be their password."""

import re
import unicodedata

from domain.errors import InvalidValue

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LONGEST_TITLE = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}", re.ASCII)

# What is guessed first, among those that are long enough.
_COMMON = frozenset(
    (
        "0123456789", "0987654321", "1029384756", "1111111111", "1122334455", "1212121212", "123123123123",
        "1234512345", "123456123456", "1234567890", "12345678900", "123456789a", "12345678910", "123456789q",
        "1234554321", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "2222222222", "5555555555", "9876543210",
        "987654321a", "aaaaaaaaaa", "abc1234567", "abcd123456", "abcdefghij", "adminadmin", "administrator",
        "asdfghjkl1", "asdfghjkl;", "azertyuiop", "basketball", "bitcoin123", "changeme123",
        "correcthorsebatterystaple", "cryptoviz1", "cryptoviz123", "cryptovizadmin", "football123",
        "iloveyou12", "iloveyou123", "letmein123", "liverpool1", "manchester", "master1234", "michael123",
        "monkey1234", "p@ssw0rd123", "passw0rd123", "password01", "password10", "password11", "password12",
        "password123", "password1234", "password12345", "passwordpassword", "princess12", "q1w2e3r4t5",
        "q1w2e3r4t5y6", "qazwsxedcrfv", "qwer123456", "qwerasdfzxcv", "qwerty1234", "qwerty12345",
        "qwerty123456", "qwertyqwerty", "qwertyuiop", "qwertyuiop1", "secret1234", "starwars123", "sunshine12",
        "superman12", "test123456", "trustno1234", "welcome123", "welcome1234", "zaq12wsxcde3", "zxcvbnm123",
    )
)  # fmt: skip


def user_name(text: str) -> str:
    """A user's name in lower case: 1 to 64 of a-z, 0-9, and `.`, `_`, `@`, `-` after the first. Raises InvalidValue."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            "name",
            f"name '{text[:20]}' cannot be: expected 1 to 64 of a-z, 0-9, '.', '_', '@' and '-', a letter or digit first",
        )
    return name


def title(text: str) -> str:
    """What an API key is called. Raises InvalidValue."""
    if not 1 <= len(text.strip()) <= LONGEST_TITLE or not text.isprintable():
        raise InvalidValue("title", f"title must have 1 to {LONGEST_TITLE} printable characters")
    return text.strip()


def same_password(text: str) -> str:
    """A password in the one form in which it is hashed: keyboards spell the same letters differently (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, *, name: str) -> None:
    """Raises InvalidValue for what is guessed too soon: NIST SP 800-63B, 3.1.1.2; no rules of composition, as it says."""
    password = same_password(text)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidValue("password", f"password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    plain = password.casefold().strip()
    if plain in {name, name[::-1]} or (plain.replace(name, "", 1).strip("0123456789!.-_ ") == "" and name in plain):
        raise InvalidValue("password", "password is the name, or hardly more: choose another")
    if plain in _COMMON or len(set(plain)) <= 2:
        raise InvalidValue("password", "password is one of those that are guessed first: choose another")
