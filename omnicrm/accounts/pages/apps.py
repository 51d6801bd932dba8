from django.apps import AppConfig


class AccountPagesConfig(AppConfig):
    name = "omnicrm.accounts.pages"
    label = "account_pages"
