"""Numbers as people write them: 4.5 × 10⁻⁵ where a machine prints ``4.5e-05``."""

import re

NUMBER = re.compile(
    r"(?<![\w.,-])(?P<sign>[-+]?)(?P<whole>\d+)(?P<part>\.\d+)?(?:e(?P<power>[-+]?\d+))?"
    r"(?!\w|[.,-]\w)"
)
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PLAIN_POWERS = range(-3, 4)
"""Powers of ten that are written out, as in 0.004 rather than 4 × 10⁻³."""
SPACE = "\N{NO-BREAK SPACE}"


def readable(value: object, spec: str = "") -> str:
    r"""Write a number for reading: a real minus, powers of ten, thousands apart.

    Args:
        value: a number, or a text, whose numbers are rewritten and whose words stay.
        spec: how Python is to format it first, such as ``.2f``.

    Returns:
        The text. What is no number of its own, such as 784-256-10 or a version, stays.

    Examples:
        >>> readable(-0.5, ".2f"), readable(52035584), readable("-13 ± 4")
        ('−0.50', '52,035,584', '−13 ± 4')
        >>> readable(4.5e-5, ".1e"), readable(1e-16, ".0e"), readable(0.004, ".1e")
        ('4.5\xa0×\xa010⁻⁵', '10⁻¹⁶', '0.0040')
    """
    return NUMBER.sub(_number, format(value, spec))


def _number(match: re.Match[str]) -> str:
    """Rewrite one number."""
    sign = match["sign"].replace("-", "−")
    power = int(match["power"] or 0)
    digits = match["whole"] + (match["part"] or "")
    if power in PLAIN_POWERS:
        places = max(0, len(match["part"] or ".") - 1 - power)
        return f"{sign}{_shifted(digits, power, places)}"
    factor = "" if digits == "1" else f"{digits}{SPACE}×{SPACE}"
    return f"{sign}{factor}10{str(power).translate(RAISED)}"


def _shifted(digits: str, power: int, places: int) -> str:
    """Move the point of a number and set its thousands apart, all digits kept."""
    if power == 0:
        whole, point, part = digits.partition(".")
        return f"{int(whole):,}{point}{part}"
    return f"{float(digits) * 10.0**power:,.{places}f}"
