"""From a model's floats to prices as they are stored: exact decimals, and still strictly within each other."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

from application.ports.forecaster import NoOutlook, Outlook
from domain.values import PRECISION, SCALE

_SIGNIFICANT = 8  # digits: far finer than any interval is wide
_CONTEXT = Context(prec=60)
_TOO_LARGE = Decimal(10) ** (PRECISION - SCALE)


@dataclass(frozen=True, slots=True)
class Bracket:
    """0 < lower < price < upper, all within decimal(38,18)."""

    price: Decimal
    lower: Decimal
    upper: Decimal


def bracket(outlook: Outlook | NoOutlook, last: Decimal) -> Bracket | NoOutlook:
    """Round to 8 significant digits, or to the places of the last price where those are finer; bounds outwards.

    A forecast of no change is the last price itself. Prices at the ends of decimal(38,18) cannot be enclosed: that is
    a reason not to forecast.
    """
    if isinstance(outlook, NoOutlook):
        return outlook
    exponent = last.normalize(_CONTEXT).as_tuple().exponent  # the value's own: databases differ in the zeros they add
    places = min(max(_SIGNIFICANT - 1 - last.adjusted(), -exponent if isinstance(exponent, int) else 0, 0), SCALE)
    unit = Decimal(1).scaleb(-places)

    def rounded(value: float, how: str) -> Decimal:
        return Decimal(value).quantize(unit, how, _CONTEXT)

    price = last if outlook.price == float(last) else rounded(outlook.price, ROUND_HALF_EVEN)
    lower = min(rounded(outlook.lower, ROUND_FLOOR), _CONTEXT.subtract(price, unit))
    upper = max(rounded(outlook.upper, ROUND_CEILING), _CONTEXT.add(price, unit))
    if lower <= 0:
        return NoOutlook(f"a price of {last} is too small for an interval around it in {SCALE} decimal places")
    if upper >= _TOO_LARGE:
        return NoOutlook(f"a price of {last} is too large for an interval around it in {PRECISION} digits")
    return Bracket(price, lower, upper)
