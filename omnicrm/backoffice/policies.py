"""What browsers let the back office's answers do: their Content-Security-Policy."""

from typing import Final

PAGE: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",  # Alpine, which unfold brings, evaluates the expressions in its attributes
        "style-src 'self' 'unsafe-inline'",  # unfold's colours are a style element, Alpine hides by style attributes
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
PAGE_WITH_EMAILS: Final = f"{PAGE}; frame-src 'self'"
"""Of a page that shows emails in frames."""

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
"""Of an email's HTML, which others wrote: it runs nothing, leads nowhere and knows no cookie of ours."""
