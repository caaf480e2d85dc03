from importlib import import_module

from django.apps import AppConfig

from config import celery

JOB_MODULES = (
    "agents.jobs",
    "conversations.jobs",
    "routing.jobs",
    "metrics.jobs",
    "outgoing.jobs",
    "config.upkeep",
)


class ConfigConfig(AppConfig):
    """The top: knows every app, wires the jobs to their runner."""

    name = "config"
    verbose_name = "Fenliu"

    def ready(self) -> None:
        for module in JOB_MODULES:
            import_module(module)
        import_module("config.checks")
        import_module("config.runner").install()
        celery.app.conf.beat_schedule = celery.beat_schedule()
