"""Jobs of accounts."""

from agents.services.recovery import send_mails
from config.jobs import job


@job(name="agents.send_account_mails", cron="* * * * *")
def send_account_mails() -> int:
    """Send notices and links to accounts; how many."""
    return send_mails()
