"""From the data of a file to its model, with everything that is wrong told at once."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from omnicrm.config.mistakes import problem_of
from omnicrm.config.problems import ConfigInvalid
from omnicrm.config.source import Source

AnyModel = TypeVar("AnyModel", bound=BaseModel)


def checked(
    model: type[AnyModel], source: Source, data: Mapping[str, Any], *, context: dict[str, Any] | None = None
) -> AnyModel:
    """The file's data as `model`. Raises ConfigInvalid."""
    try:
        valid = model.model_validate(data, context=context)
    except ValidationError as error:
        known = {problem.where for problem in source.problems}
        found = [problem_of(each, source, model) for each in error.errors(include_url=False, include_input=False)]
        raise ConfigInvalid([*source.problems, *(p for p in found if p and p.where not in known)]) from None
    if source.problems:
        raise ConfigInvalid(source.problems)
    return valid
