"""Jobs of what goes out. The web processes look every few seconds; these look where no web process runs."""

from django.utils import timezone

from config.jobs import each, job
from outgoing.services import drop_old_deliveries, sweep
from outgoing.services.recipients import ask_recipient, drop_old_mails, waiting_recipients


@job(name="outgoing.sweep", cron="* * * * *")
def sweep_outgoing() -> int:
    """Turn the shops' new events into deliveries and send what is due."""
    return sweep(patience=45)


@job(name="outgoing.drop_old", cron="23 4 * * *")
def drop_old() -> int:
    """Forget deliveries older than what is kept, a piece at a time."""
    dropped = 0
    while piece := drop_old_deliveries(now=timezone.now()):
        dropped += piece
    return dropped + drop_old_mails(now=timezone.now())


@job(name="outgoing.ask_recipients", cron="* * * * *")
def ask_recipients() -> int:
    """Send the confirmation mails that are to go out; how many went out."""
    return each("outgoing.recipients", waiting_recipients(), ask_recipient)
