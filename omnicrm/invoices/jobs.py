"""What passes between the processes that draw invoices and those that ask them to."""

from dataclasses import dataclass

from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.template_files import Template


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Of one invoice. Seconds are of processor time, but for `wait_seconds`, which is a last resort.

    An invoice of 5,000 lines takes 0.2 s in its template, 1 s in all and 200 MB.
    """

    template_seconds: float = 5
    seconds: int = 30
    memory_mb: int = 2048
    wait_seconds: float = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    document: InvoiceDocument
    template: Template
