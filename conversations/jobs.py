"""Jobs: images on disk and the messages that name them are compared in both directions; old addresses are dropped."""

from django.utils import timezone

from config.jobs import enqueue, job
from conversations.services.blocks import forget_addresses
from conversations.services.files import find_missing_images, sweep_files


@job(name="conversations.sweep_files", cron="13 4 * * *")
def sweep_image_files(after: str = "") -> int:
    """Delete files that no message names; what takes long goes on in a job of its own."""
    swept = sweep_files(after=after)
    if swept.after is not None:
        enqueue("conversations.sweep_files", after=swept.after)
    return swept.count


@job(name="conversations.find_missing_images", cron="33 4 * * *")
def find_missing(after: str = "") -> int:
    """Note the messages whose image is not there; what takes long goes on in a job of its own."""
    swept = find_missing_images(after=after)
    if swept.after is not None:
        enqueue("conversations.find_missing_images", after=swept.after)
    return swept.count


@job(name="conversations.forget_addresses", cron="3 4 * * *")
def forget_old_addresses() -> int:
    """Drop the addresses of buyers after KEEP_ADDRESSES_DAYS, and blocks that ran out a month ago."""
    return forget_addresses(now=timezone.now())
