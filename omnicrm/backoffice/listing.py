"""Lists that stay quick on tables of any size: counted up to a limit, read under a time limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from unfold.views import ChangeList

COUNT_LIMIT = 1_000
"""Lists end here: whoever looks for more narrows them down."""
SECONDS_TO_READ = 5


class TakesTooLong(OperationalError):
    """What was asked of the database takes longer than anybody should wait."""


class BoundedPaginator(Paginator[Any]):
    """Pages of the first 1,000 rows. `has_more` says that there are others."""

    template_name = "backoffice/pagination.html"

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: COUNT_LIMIT + 1].count()  # type: ignore[no-any-return]  # the admin pages query sets only

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNT_LIMIT)

    @property
    def has_more(self) -> bool:
        return self._counted > COUNT_LIMIT


class BoundedChangeList(ChangeList):
    """A list whose rows are read at once, in 5 seconds or not at all."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            with time_limit(SECONDS_TO_READ):
                super().get_results(request)
                self.result_list = list(self.result_list)
                self.full_result_count = self.result_count
        except TakesTooLong:
            messages.warning(request, _("That takes too long to look up. Choose a shorter period, or search."))
            self.queryset = self.queryset.none()
            super().get_results(request)


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Of each statement inside. Raises TakesTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TakesTooLong(str(error)) from error.__cause__
        raise
