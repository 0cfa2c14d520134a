"""Secrets that have a shape of their own: keys, tokens, private keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Anthropic key", re.compile(r"\bsk-ant-[A-Za-z0-9_-]{16,}")),
    ("OpenAI key", re.compile(r"\bsk-(?!ant-)(?:[a-z]{2,12}-)?[A-Za-z0-9_-]{20,}")),
    ("AWS access key", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b")),
    (
        "AWS secret key",
        re.compile(r"(?i)aws_?secret_?(?:access_?)?key\W{1,5}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"),
    ),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("Slack webhook", re.compile(r"hooks\.slack\.com/services/(T\w+/B\w+/\w+)")),
    ("Stripe key", re.compile(r"\b(?:(?:sk|rk)_(?:live|test)|whsec)_[A-Za-z0-9]{16,}")),
    ("Google key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("Google secret", re.compile(r"\b(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})")),
    ("Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{6,}\.[\w-]{6,}")),
    ("private key", re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----")),
    ("bearer token", re.compile(r"(?i)\bbearer[ \t]+([A-Za-z0-9._~+/-]{16,}=*)")),
    (
        "password in an address",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:([^\s/@]{1,100})@"),
    ),
    (
        "password",
        re.compile(
            r"(?i)\b(?:password|passwd|passphrase|passcode|api[_ -]?key|client[_ -]?secret)\b"
            r"[\"']?(?:\s{0,3}[:=]\s{0,3}[\"']?(?=\S{6})|\s{1,3}is:?\s{1,3}[\"']?(?=\S{0,40}\d))"
            r"([^\s\"',;]{4,200})"
        ),
    ),
)
"""Kind and pattern; the secret itself is the first group where there is one."""

_FIELDS = (
    "password passwd pwd passphrase passcode pin_code secret client_secret api_key apikey "
    "api_token token access_token refresh_token id_token auth_token session_token bearer_token "
    "authorization proxy_authorization x_api_key private_key secret_key access_key "
    "secret_access_key aws_secret_access_key cookie set_cookie credentials"
)
FIELDS = frozenset(_FIELDS.split())
"""Names of JSON fields, in snake case, whose text is a secret."""


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and value of each secret in `text` that has a shape of its own."""
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            yield kind, match.group(match.lastindex or 0)
