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

PAGE_OF_EMAILS: Final = PAGE_WITH_EMAILS.replace("img-src 'self' data:", "img-src 'self' data: https:")
"""Of a page that holds emails itself, in frames without an address of their own: they are under its policy."""

DOCUMENT: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Of a PDF: browsers show it by a viewer of their own, which counts as an object of the page."""
