"""Telephone numbers in E.164 form, as every vendor here wants them."""

from __future__ import annotations

import re

from providers.handler import Fault, Properties

E164 = re.compile(r"\+[1-9]\d{6,14}")


def number_faults(inputs: Properties) -> list[Fault]:
    """What is wrong with `phoneNumber`; nothing where it is not known yet."""
    number = inputs.get("phoneNumber")
    if number is not None and not E164.fullmatch(number):
        return [Fault("phoneNumber", "must be in E.164 form: + and 7 to 15 digits, like +15550100200")]
    return []
