"""Personal data: what can be told by its shape and check digits, and by a field's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w-])"
)
_CARD = re.compile(r"(?<![\w.+-])[2-6](?:[ -]?\d){12,18}(?![\w-])")
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d|2\d\d)\d{12,15}"
)
"""Lengths and first digits that the large card schemes issue."""
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_SSN = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_PHONES = (
    # With the country: +49 170 1234567, +1 (212) 555-0123
    re.compile(r"(?<![\w.+])\+[1-9]\d{0,2}(?:[ ./-]{0,2}\(?\d{1,5}\)?){2,7}(?![\w:])"),
    # North America: (212) 555-0123, 212-555-0123
    re.compile(r"(?<![\w.+/-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])\d{3}[-. ]\d{4}(?![\w:-])"),
    # Elsewhere, in groups after a 0: 020 7946 0958, 0170/1234567, 06 12 34 56 78
    re.compile(r"(?<![\w.,:+/-])(?<!\d )\(?0[1-9]\d{0,4}\)?(?:[ ./-]\d{2,8}){1,5}(?![\w:-])"),
    # Any digits that are called a phone number
    re.compile(
        r"(?i)\b(?:phone|telephone|mobile|cell|whatsapp|fax)(?:\s+(?:number|no\.?))?"
        r"(?:\s+is|:)?\s+(\d(?:[ ./-]?\d){6,14})(?![\w-])"
    ),
)
_DATE = re.compile(r"\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}(?!\d)")
_PHONE_DIGITS = range(8, 16)
"""ITU-T E.164 allows 15; fewer than 8 say too little."""

_IBAN_REGISTRY = (
    "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 "
    "CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 "
    "GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LI:21 "
    "LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 "
    "PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 "
    "TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
)
_IBAN_LENGTHS = dict(entry.split(":") for entry in _IBAN_REGISTRY.split())
"""Country to length of its IBANs, from the SWIFT IBAN registry."""

_FIELDS: dict[str, str] = {
    name: kind
    for kind, names in {
        "name": "first_name last_name full_name middle_name given_name family_name surname "
        "maiden_name forename customer_name passenger_name patient_name cardholder_name "
        "card_holder holder_name contact_name recipient_name firstname lastname fullname",
        "date of birth": "dob date_of_birth birth_date birthdate birthday",
        "address": "address address1 address2 address_1 address_2 address_line address_line1 "
        "address_line2 address_line_1 address_line_2 street street_address street_name "
        "home_address postal_address mailing_address shipping_address billing_address "
        "delivery_address zip zip_code zipcode postal_code postcode",
        "phone number": "phone phone_number phone_no telephone telephone_number tel mobile "
        "mobile_number mobile_phone cell cell_phone cellphone fax fax_number whatsapp",
        "e-mail address": "email e_mail email_address mail_address",
        "identity number": "ssn social_security_number social_security national_id "
        "national_insurance_number passport passport_number passport_no tax_id tax_number "
        "driver_license driver_license_number drivers_license driving_licence id_card_number",
        "payment card": "card_number credit_card_number cc_number cvv cvc card_cvv",
        "bank account": "iban bank_account bank_account_number account_number routing_number",
        "IP address": "ip ip_address client_ip remote_addr",
    }.items()
    for name in names.split()
}


def kind_of_field(name: str) -> str | None:
    """Return the kind of personal data that a field of this name (in snake case) holds."""
    return _FIELDS.get(name)


def personal_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and value of the personal data in `text` that shows by its shape.

    E-mail addresses, phone numbers, payment cards (Luhn), IBANs (ISO 7064 MOD 97-10), US
    social security numbers. Order numbers, dates, prices and UUIDs are none of these; a name in
    running text has no shape, so it is not found.
    """
    taken: list[tuple[int, int]] = []
    for kind, pattern, holds in _SHAPES:
        for match in pattern.finditer(text):
            start, end = match.span()
            free = all(end <= other or start >= stop for other, stop in taken)
            if free and holds(match.group(match.lastindex or 0)):
                taken.append((start, end))
                yield kind, match.group(match.lastindex or 0)


def is_card(text: str) -> bool:
    """Tell whether `text` is a payment card's number: issued, and right by Luhn's check."""
    digits = _digits(text)
    if not _ISSUED.fullmatch(digits):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether `text` begins with an IBAN: the country's length, and check digits."""
    compact = text.replace(" ", "")
    length = int(_IBAN_LENGTHS.get(compact[:2], 0))
    if not length or len(compact) < length:
        return False
    turned = compact[4:length] + compact[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _is_phone(text: str) -> bool:
    return len(_digits(text)) in _PHONE_DIGITS and not _DATE.search(text)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def _always(text: str) -> bool:
    return True


_SHAPES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("e-mail address", _EMAIL, _always),
    ("bank account (IBAN)", _IBAN, is_iban),
    ("payment card", _CARD, is_card),
    ("social security number", _SSN, _always),
    *(("phone number", pattern, _is_phone) for pattern in _PHONES),
)
