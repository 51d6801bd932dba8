"""Pages of customers: the portal, and those that links in emails lead to."""

from django.urls import path

from omnicrm.balances.links import Purpose
from omnicrm.selfcare import emails, home, invoice_link, invoices, services, services_by_link, sign_up
from omnicrm.selfcare.support import support_page
from omnicrm.selfcare.unsubscribe import unsubscribe_page

urlpatterns = [
    path("self-care/", home.home, name="self_care"),
    path("self-care/profile/", home.profile, name="profile"),
    path("self-care/profile/marketing/", home.marketing, name="marketing"),
    path("self-care/my-data/", home.my_data, name="my_data"),
    path("self-care/emails/", emails.my_emails, name="my_emails"),
    path("self-care/emails/<uuid:message_id>/", emails.my_email, name="my_email"),
    path("self-care/emails/<uuid:message_id>/content/", emails.my_email_content, name="my_email_content"),
    path("self-care/invoices/", invoices.my_invoices, name="my_invoices"),
    path("self-care/invoices/<int:invoice_id>/", invoices.my_invoice, name="my_invoice"),
    path("self-care/invoices/<int:invoice_id>/pdf/", invoices.my_invoice_pdf, name="my_invoice_pdf"),
    path("self-care/invoices/<int:invoice_id>/pay/", invoices.my_invoice_pay, name="my_invoice_pay"),
    path("self-care/invoices/<int:invoice_id>/copy/", invoices.my_invoice_copy, name="my_invoice_copy"),
    path("self-care/services/", services.my_services, name="my_services"),
    path("self-care/services/<int:service_id>/", services.my_service, name="my_service"),
    *(
        path(
            f"self-care/services/<int:service_id>/{purpose}/",
            services_by_link.service_page,
            {"purpose": purpose},
            name=f"service_link_{purpose}",
        )
        for purpose in Purpose
    ),
    path("self-care/support/", support_page, name="support"),
    path("self-care/sign-up/", sign_up.sign_up, name="sign_up"),
    path("self-care/sign-up/code/", sign_up.code, name="sign_up_code"),
    path("self-care/sign-up/again/", sign_up.send_again, name="sign_up_again"),
    path("self-care/sign-up/<str:token>/", sign_up.link, name="sign_up_link"),
    path("invoice/<str:token>/", invoice_link.invoice_page, name="invoice_link"),
    path("invoice/<str:token>/pdf/", invoice_link.invoice_pdf, name="invoice_link_pdf"),
    path("invoice/<str:token>/pay/", invoice_link.invoice_pay, name="invoice_link_pay"),
    path("unsubscribe/<str:token>/", unsubscribe_page, name="unsubscribe"),
]
