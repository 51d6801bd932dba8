"""Users: welcomed into a role, changed, helped back in, shut out. The operations decide; the audit log remembers."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Entry
from omnicrm.customers.models import Customer
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, signed_in, staff

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")
HOME = reverse("admin:index")
NEW = {"full_name": "Sam Port", "email": "sam@YourCompany.com", "role": "Support", "language": "en", "welcome": "on"}
IP = "203.0.113.7"


def page(user: User, name: str = "change") -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def sent(section: str) -> list[Message]:
    return list(Message.objects.filter(section=f"api_crmCommunication{section}").order_by("id"))


def last_entry() -> tuple[str, str, str, str | None]:
    """What was done, by whom, to whom, from where."""
    entry = Entry.objects.latest("id")
    return entry.action, entry.actor_name, entry.target_name, entry.ip


def of_a_customer(owner: Customer | None = None, **more: Any) -> User:
    owner = owner or customer()
    fields = {"email": "karim@example.org", "full_name": "Karim Benali", "role": Role.CUSTOMER, **more}
    return create_user(**fields, customer_id=owner.pk, language="en", now=now())


@pytest.fixture
def sam(admin: Client) -> User:
    """A member of staff whom the administrator has added."""
    return staff(Role.SUPPORT, email="sam@yourcompany.com")


class TestAdding:
    def test_sends_the_welcome_with_a_temporary_password(self, admin: Client) -> None:
        response = admin.post(ADD, NEW, follow=True)
        assert words(response) == [
            "Sam Port is a user now. The welcome with a temporary password is queued for sam@yourcompany.com."
        ]
        user = User.objects.get(email="sam@yourcompany.com")
        assert (user.role, user.language, user.is_staff) == (Role.SUPPORT, "en", True)
        (welcome,) = sent("UserWelcome")
        assert Client().login(username=user.email, password=welcome.variables["temp_password"])
        assert len(sent("EmailVerification")) == 1

    def test_shows_the_temporary_password_to_nobody(self, admin: Client) -> None:
        shown = admin.post(ADD, NEW, follow=True).content.decode()
        (welcome,) = sent("UserWelcome")
        pages = [LIST, reverse("admin:outbox_message_change", args=[welcome.id])]
        shown += "".join(admin.get(address).content.decode() for address in pages)
        assert welcome.variables["temp_password"] not in shown

    def test_the_welcome_is_ticked_beforehand(self, admin: Client) -> None:
        assert admin.get(ADD).context["form"]["welcome"].initial is True

    def test_without_the_tick_nothing_is_sent(self, admin: Client) -> None:
        response = admin.post(ADD, {**NEW, "welcome": ""}, follow=True)
        assert "No email was sent" in words(response)[0]
        assert not Message.objects.exists()
        assert not User.objects.get(email="sam@yourcompany.com").has_usable_password()

    @pytest.mark.parametrize(("field", "value"), [("email", "no"), ("email", ""), ("full_name", ""), ("role", "Root")])
    def test_wrong_input_is_said_beside_its_field(self, admin: Client, field: str, value: str) -> None:
        response = admin.post(ADD, NEW | {field: value})
        assert list(response.context["form"].errors) == [field]
        assert User.objects.count() == 1

    def test_nobody_is_made_a_customer_here(self, admin: Client) -> None:
        assert list(admin.post(ADD, NEW | {"role": "Customer"}).context["form"].errors) == ["role"]

    def test_an_address_has_one_user_in_any_case(self, admin: Client) -> None:
        admin.post(ADD, NEW)
        response = admin.post(ADD, NEW | {"email": "SAM@yourcompany.com"})
        assert "A user has this address already." in response.content.decode()

    def test_is_in_the_audit_log_with_its_place(self, admin: Client) -> None:
        admin.post(ADD, {**NEW, "welcome": ""}, REMOTE_ADDR=IP)
        assert last_entry() == ("user_created", "Admin Person", "Sam Port", IP)


class TestChanging:
    def test_changes_name_role_and_language(self, admin: Client, sam: User) -> None:
        admin.post(page(sam), {"full_name": "New Name", "role": "Billing", "language": "fr"})
        sam.refresh_from_db()
        assert (sam.full_name, sam.role, sam.language) == ("New Name", Role.BILLING, "fr")

    def test_is_in_the_audit_log_from_what_to_what_and_in_no_other(self, admin: Client, sam: User) -> None:
        admin.post(page(sam), {"full_name": sam.full_name, "role": "Billing", "language": "en"})
        assert last_entry()[:2] == ("user_changed", "Admin Person")
        assert Entry.objects.latest("id").detail == {"role": {"from": "Support", "to": "Billing"}}
        assert not LogEntry.objects.exists()

    def test_nobody_becomes_more_by_fields_that_are_not_there(self, admin: Client, sam: User) -> None:
        extra = {"is_superuser": "on", "email": "other@example.com", "is_staff": ""}
        admin.post(page(sam), {"full_name": "A", "role": "Support", "language": "fr", **extra})
        sam.refresh_from_db()
        assert (sam.is_superuser, sam.email, sam.is_staff) == (False, "sam@yourcompany.com", True)

    def test_the_last_administrator_stays_one(self, admin: Client) -> None:
        me = User.objects.get()
        response = admin.post(page(me), {"full_name": "A", "role": "Support", "language": "fr"}, follow=True)
        assert "Nobody else could manage users then" in words(response)[0]
        me.refresh_from_db()
        assert (me.role, me.full_name) == (Role.ADMIN, "Admin Person")

    def test_a_user_of_a_customer_keeps_the_role(self, admin: Client) -> None:
        user = of_a_customer()
        admin.post(page(user), {"full_name": "Karim", "role": "Admin", "language": "fr"})
        user.refresh_from_db()
        assert (user.full_name, user.language, user.role, user.is_staff) == ("Karim", "fr", Role.CUSTOMER, False)


class TestTheList:
    def test_shows_staff_unless_customers_are_asked_for(self, admin: Client, sam: User) -> None:
        of_a_customer()
        shown = admin.get(LIST).content.decode()
        assert "sam@yourcompany.com" in shown
        assert "karim@example.org" not in shown

    def test_of_customers_leads_to_the_customer(self, admin: Client, sam: User) -> None:
        user = of_a_customer()
        shown = admin.get(LIST, {"kind": "customers"}).content.decode()
        assert "karim@example.org" in shown
        assert reverse("admin:customers_customer_change", args=[user.customer_id]) in shown
        assert "sam@yourcompany.com" not in shown

    def test_tells_who_waits_with_a_temporary_password_and_whose_ran_out(self, admin: Client, sam: User) -> None:
        for hours, said in ((1, "temporary password"), (-1, "temporary password expired")):
            User.objects.filter(pk=sam.pk).update(temporary_password_until=now() + timedelta(hours=hours))
            assert said in admin.get(LIST).content.decode()

    def test_finds_who_has_no_second_factor(self, admin: Client, sam: User) -> None:
        Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={})
        assert "sam@yourcompany.com" in admin.get(LIST, {"second_factor": "on"}).content.decode()
        assert "sam@yourcompany.com" not in admin.get(LIST, {"second_factor": "off"}).content.decode()

    def test_leaves_out_who_belongs_to_nobody(self, admin: Client) -> None:
        outsider = create_user(email="c@example.com", full_name="C", role=Role.READ_ONLY, now=now(), is_staff=False)
        assert "c@example.com" not in admin.get(LIST, {"kind": "customers"}).content.decode()
        assert admin.get(page(outsider)).status_code == 302


class TestTheWelcomeAgain:
    def test_says_first_what_follows(self, admin: Client, sam: User) -> None:
        asked = admin.get(page(sam, "welcome_page")).content.decode()
        assert "The password they have now stops working at once" in asked
        assert "valid for 3 days" in asked
        assert not sent("UserWelcome")

    def test_sends_another_temporary_password(self, admin: Client, sam: User) -> None:
        admin.post(page(sam, "welcome_page"), follow=True)
        response = admin.post(page(sam, "welcome_page"), follow=True)
        assert words(response) == ["A welcome with a new temporary password is queued for sam@yourcompany.com."]
        first, second = sent("UserWelcome")
        assert (first.state, second.state) == (State.CANCELLED, State.QUEUED)
        assert first.variables["temp_password"] != second.variables["temp_password"]

    def test_is_not_offered_for_users_of_customers(self, admin: Client) -> None:
        user = of_a_customer()
        assert page(user, "welcome_page") not in admin.get(page(user)).content.decode()
        response = admin.post(page(user, "welcome_page"), follow=True)
        assert words(response) == ["Only active staff users are welcomed by email."]


class TestPassword:
    def test_the_new_password_holds_and_old_sessions_end(self, admin: Client, sam: User) -> None:
        their_browser = signed_in(sam)
        response = admin.post(page(sam, "password_page"), {"password": "correct horse 43"}, follow=True)
        assert words(response) == ["The new password of Support Person is set."]
        assert their_browser.get(HOME).status_code == 302
        assert Client().login(username=sam.email, password="correct horse 43")

    def test_its_owner_reads_who_changed_it(self, admin: Client, sam: User) -> None:
        admin.post(page(sam, "password_page"), {"password": "correct horse 43"})
        (told,) = sent("UserPasswordChange")
        assert (told.to_email, told.variables["changed_by"]) == (sam.email, "Admin Person")

    def test_who_sets_their_own_stays_signed_in(self, admin: Client) -> None:
        admin.post(page(User.objects.get(), "password_page"), {"password": "correct horse 43"})
        assert admin.get(HOME).status_code == 200

    @pytest.mark.parametrize("weak", ["password", "short", "support person", ""])
    def test_a_weak_password_is_refused(self, admin: Client, sam: User, weak: str) -> None:
        response = admin.post(page(sam, "password_page"), {"password": weak})
        assert list(response.context["form"].errors) == ["password"]

    def test_no_password_stands_in_the_log(self, admin: Client, sam: User) -> None:
        admin.post(page(sam, "password_page"), {"password": "correct horse 43"}, REMOTE_ADDR=IP)
        assert last_entry() == ("password_changed", "Admin Person", "Support Person", IP)
        assert Entry.objects.latest("id").detail == {}


class TestHelpingBackIn:
    def test_the_verification_is_sent_again_after_a_while(self, admin: Client, sam: User) -> None:
        first = admin.post(page(sam, "verification_page"), follow=True)
        assert words(first) == ["The verification is queued for sam@yourcompany.com."]
        assert "Try again in" in words(admin.post(page(sam, "verification_page"), follow=True))[0]
        assert len(sent("EmailVerification")) == 1

    def test_a_verified_address_needs_none(self, admin: Client, sam: User) -> None:
        User.objects.filter(pk=sam.pk).update(email_verified_at=now())
        assert page(sam, "verification_page") not in admin.get(page(sam)).content.decode()

    def test_the_second_factor_of_a_lost_phone_is_removed(self, admin: Client, sam: User) -> None:
        assert page(sam, "second_factor_page") not in admin.get(page(sam)).content.decode()
        Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={})
        assert page(sam, "second_factor_page") in admin.get(page(sam)).content.decode()
        response = admin.post(page(sam, "second_factor_page"), follow=True, REMOTE_ADDR=IP)
        assert words(response) == ["The second factor of Support Person is removed."]
        assert not Authenticator.objects.exists()
        assert last_entry() == ("second_factor_off", "Admin Person", "Support Person", IP)

    def test_they_are_signed_out_everywhere(self, admin: Client, sam: User) -> None:
        their_browser = Client()
        User.objects.filter(pk=sam.pk).update(password=make_password("correct horse 42"))
        their_browser.post(reverse("account_login"), {"login": sam.email, "password": "correct horse 42"})
        assert their_browser.get(HOME).status_code == 200
        response = admin.post(page(sam, "sessions_page"), follow=True, REMOTE_ADDR=IP)
        assert words(response) == ["1 session of Support Person is ended."]
        assert their_browser.get(HOME).status_code == 302
        assert last_entry() == ("sessions_ended", "Admin Person", "Support Person", IP)


class TestDeactivating:
    def test_asks_first_then_ends_all_sessions(self, admin: Client, sam: User) -> None:
        their_browser = signed_in(sam)
        assert "Deactivate Support Person?" in admin.get(page(sam, "deactivate_page")).content.decode()
        assert their_browser.get(HOME).status_code == 200
        admin.post(page(sam, "deactivate_page"))
        assert their_browser.get(HOME).status_code == 302

    def test_can_be_taken_back_and_nothing_else_is_offered_meanwhile(self, admin: Client, sam: User) -> None:
        admin.post(page(sam, "deactivate_page"))
        shown = admin.get(page(sam)).content.decode()
        assert page(sam, "reactivate_page") in shown
        assert page(sam, "password_page") not in shown
        admin.post(page(sam, "reactivate_page"))
        sam.refresh_from_db()
        assert sam.is_active

    def test_the_last_administrator_cannot_be(self, admin: Client) -> None:
        me = User.objects.get()
        response = admin.post(page(me, "deactivate_page"), follow=True)
        assert "Nobody else could manage users then" in words(response)[0]
        me.refresh_from_db()
        assert me.is_active

    def test_one_of_two_administrators_can_be(self, admin: Client) -> None:
        other = staff(email="other@yourcompany.com")
        admin.post(page(other, "deactivate_page"))
        other.refresh_from_db()
        assert not other.is_active


class TestOnTheCustomersPage:
    def test_administrators_reach_its_users(self, admin: Client) -> None:
        user = of_a_customer()
        shown = admin.get(reverse("admin:customers_customer_change", args=[user.customer_id])).content.decode()
        assert page(user) in shown

    def test_support_sees_who_has_an_account(self, sign_in: SignIn) -> None:
        user = of_a_customer()
        address = reverse("admin:customers_customer_change", args=[user.customer_id])
        shown = sign_in(Role.SUPPORT).get(address).content.decode()
        assert "karim@example.org" in shown
        assert page(user) not in shown

    def test_says_when_nobody_has(self, admin: Client) -> None:
        shown = admin.get(reverse("admin:customers_customer_change", args=[customer().pk])).content.decode()
        assert "Nobody of this customer has an account in self-care." in shown
