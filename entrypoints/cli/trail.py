"""What the command line changes is in the audit trail, beside what people and programs do over HTTP."""

from entrypoints.settings import Settings


def note(settings: Settings, action: str, target: str = "", detail: str = "") -> None:
    """Note that a command has done its work. Raises what `open_house` raises."""
    from domain.access.account import COMMAND_LINE
    from entrypoints.house import open_house

    with open_house(settings) as house:
        house.audit().note(actor=COMMAND_LINE, action=action, target=target, detail=detail, outcome=200, address="")
