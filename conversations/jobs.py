"""Jobs: the images on disk and the messages that name them, compared every night in both directions."""

from config.jobs import enqueue, job
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
