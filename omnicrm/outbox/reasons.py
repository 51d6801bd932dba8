"""Why a message did not leave, in the words staff read. Stored in English, shown through gettext."""

from django.utils.translation import gettext_noop

EXPIRED = gettext_noop("Its time ran out before it could be sent.")
ERASED = gettext_noop("It was erased together with its customer.")
NOT_CONFIGURED = gettext_noop("crm_config.yaml has no section for this email.")
NEVER_PUSHED = gettext_noop("Mailjet has no template for this email yet: push it, then restart OmniCRM.")
CHECK_FAILED = gettext_noop("Whether it is still true could not be checked; it will be tried again.")
WORKER_LOST = gettext_noop("The worker was lost during the call; Mailjet will be asked.")
NOT_LISTED_YET = gettext_noop("Mailjet does not list it yet; it will be asked again.")
NEVER_ARRIVED = gettext_noop("Mailjet does not list it: it never arrived and is sent again.")
FOUND = gettext_noop("Mailjet had accepted it; its answer was lost.")
FILE_MISSING = gettext_noop("Its attached file is no longer in the storage; put it back, then queue the email again.")
FILE_CHANGED = gettext_noop("Its attached file has changed since it was attached; put the right one back.")
FILE_UNREADABLE = gettext_noop("Its attached file could not be read just now; it will be tried again.")
UNSUBSCRIBED = gettext_noop("The recipient unsubscribed by the link in an email.")
