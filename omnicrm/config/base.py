"""What every mapping of crm_config.yaml has in common."""

from pydantic import BaseModel, ConfigDict, model_validator


class Model(BaseModel):
    """A mapping of the file. A key without a value counts as left out, and a mapping without keys as empty."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, data: object) -> object:
        if data is None:
            return {}
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data
