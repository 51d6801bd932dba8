"""True when sent: what is no longer true is cancelled with its reason, just before the call."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from mailjet_sandbox.control import SandboxControl
from omnicrm.outbox import reasons
from omnicrm.outbox.guards import guard
from omnicrm.outbox.states import State
from tests.integration.outbox.conftest import NOW, Act, Note, note_to, queue, states

pytestmark = pytest.mark.django_db(transaction=True)


@guard("api_crmCommunicationUserPasswordReset")
async def the_key_tells(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """A guard of these tests: untrue if the key says so, and failing in the database if the key says that."""
    cursor = await connection.execute(
        "SELECT id, 'it is paid', 1 / CASE WHEN key = 'guard fails' THEN 0 ELSE 1 END "
        "FROM outbox_message WHERE id = ANY (%s) AND key IN ('untrue', 'guard fails')",
        [list(ids)],
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


GUARDED = Note(section="api_crmCommunicationUserPasswordReset")


def test_what_is_no_longer_true_is_cancelled_with_the_reason(drain: Act, sandbox: SandboxControl) -> None:
    true, untrue = queue(note_to("c1@example.com", note=GUARDED), note_to("c2@example.com", note=GUARDED, key="untrue"))
    drain()
    untrue.refresh_from_db()
    assert states([true]) == [State.ACCEPTED]
    assert (untrue.state, untrue.reason) == (State.CANCELLED, "it is paid")
    assert len(sandbox.messages()) == 1


def test_a_guard_that_fails_holds_back_its_own_emails_only(drain: Act) -> None:
    unchecked, other = queue(note_to("c1@example.com", note=GUARDED, key="guard fails"), note_to("c2@example.com"))
    drain()
    unchecked.refresh_from_db()
    assert states([other]) == [State.ACCEPTED]
    assert (unchecked.state, unchecked.reason) == (State.QUEUED, reasons.CHECK_FAILED)
    assert unchecked.not_before > NOW
