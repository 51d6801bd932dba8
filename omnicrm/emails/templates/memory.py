"""What is remembered of each template, in the database."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from omnicrm.emails.models import Drift, KnownTemplate
from omnicrm.emails.templates.account import Remote
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.parts import Parts, digest
from omnicrm.emails.templates.targets import Target


def recall(template_ids: Collection[int]) -> dict[int, KnownTemplate]:
    return KnownTemplate.objects.in_bulk(template_ids)


@transaction.atomic
def remember_in_step(target: Target, *, local: Parts, remote: Remote, now: datetime) -> None:
    """Both sides now say the same. A number that the template had before is forgotten."""
    KnownTemplate.objects.update_or_create(
        template_id=remote.info.id,
        defaults={
            "section": target.section,
            "language": target.language,
            "local_digest": digest(local),
            "mailjet_digest": digest(remote.parts),
            "in_step_at": now,
            "drift": Drift.SAME,
            "checked_at": now,
        },
    )
    if target.template_id != remote.info.id:
        KnownTemplate.objects.filter(template_id=target.template_id).delete()


@transaction.atomic
def remember_drift(comparisons: Collection[Comparison], *, now: datetime) -> None:
    """Notes what a check of all templates found, and forgets those that the configuration no longer names.

    Templates without a number, which were never pushed, cannot be remembered.
    """
    for each in (each for each in comparisons if each.target.template_id):
        KnownTemplate.objects.update_or_create(
            template_id=each.target.template_id,
            defaults={
                "section": each.target.section,
                "language": each.target.language,
                "drift": each.state,
                "checked_at": now,
            },
        )
    KnownTemplate.objects.exclude(template_id__in=[each.target.template_id for each in comparisons]).delete()
