"""What the domain refuses, each with one sentence that says what, and what was expected."""


class DomainError(Exception):
    """Base of everything the domain refuses."""


class InvalidValue(DomainError, ValueError):
    """A value that cannot be: a negative price, a pair without a quote, a time without a zone.

    `field` names what was wrong, so that an API can point at it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(DomainError):
    """A command that the aggregate's present state forbids, such as acknowledging a resolved alert."""


class NotFound(DomainError, LookupError):
    """Nothing of that name exists."""


class ConcurrencyError(DomainError):
    """Somebody else changed the aggregate first: read it again and decide anew."""
