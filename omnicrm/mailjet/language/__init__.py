"""Mailjet's template language, read for checking: which names a template uses, and which tags Mailjet would refuse.

`parse` takes a template's HTML or text part. It never raises: whatever is wrong stands in what it returns.
"""

from omnicrm.mailjet.language.findings import Namespace, Parsed, Reference, SyntaxProblem
from omnicrm.mailjet.language.parsing import parse
from omnicrm.mailjet.language.phrases import Phrase, phrase

__all__ = ["Namespace", "Parsed", "Phrase", "Reference", "SyntaxProblem", "parse", "phrase"]
