"""What browsers let the HTML of an email do when we show one: its Content-Security-Policy."""

from typing import Final

EMAIL: Final = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src https: data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    ]
)
"""Others wrote it: it runs nothing, leads nowhere and knows no cookie of ours."""
