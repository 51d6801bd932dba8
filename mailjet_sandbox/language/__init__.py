"""Mailjet's template language: `{{ }}`, `{% %}` and the older `[[ ]]`, with the error texts Mailjet gives.

Where Mailjet documents nothing, this renderer reads strictly: a template that passes here should pass there. Own
choices: keywords are lower case, both sides of `and` and `or` are evaluated, and 0, "" and what is empty are false.
"""

from mailjet_sandbox.language.parser import parse
from mailjet_sandbox.language.renderer import Rendered, Unresolved, render
from mailjet_sandbox.language.syntax import Reference, Template

__all__ = ["Reference", "Rendered", "Template", "Unresolved", "parse", "render"]
