"""Numbers and names as people write them in a prompt or read them in a result."""


def usd(amount: float) -> str:
    """Write an amount, as in `1,450 dollars`."""
    return f"{number(amount)} dollars"


def number(value: float) -> str:
    """Write a number with thousands apart and no needless decimals: `1,450`, `9.5`."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hours(value: float) -> str:
    """Write a length of time, as in `9.5 hours`."""
    rounded = round(value, 1)
    return f"{number(rounded)} hour{'' if rounded == 1 else 's'}"


def yes_no(value: bool) -> str:
    """Write a truth."""
    return "yes" if value else "no"


def degrees(value: float) -> str:
    """Write a temperature, as in `minus 10 degrees`."""
    return f"{'minus ' if value < 0 else ''}{number(abs(value))} degrees"


def trailer(equipment: str, length_ft: float | None) -> str:
    """Write a trailer, as in `53 foot reefer`."""
    return equipment if length_ft is None else f"{number(length_ft)} foot {equipment}"
