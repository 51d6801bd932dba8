from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "omnicrm.api"
    verbose_name = "API"
