"""What a service of this machine lacks, and how to get it."""


class Missing(Exception):
    """A service cannot be provided here: one sentence says what is missing and how to get it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what = what
        self.remedy = remedy
