"""Dead letters and their records."""

from adapters.avro.mapping import PLAIN, enveloped
from domain.dead_letter import DeadLettered, DeadLetterSettled

MAPPINGS = (
    enveloped(
        DeadLettered,
        kind=PLAIN,
        place=PLAIN,
        reason=PLAIN,
        raw=PLAIN,
        partition=PLAIN,
        offset=PLAIN,
        reader=PLAIN,
        location=PLAIN,
    ),
    enveloped(DeadLetterSettled, letter_id=PLAIN, outcome=PLAIN),
)
