"""Uploaded files: bounded before they are decoded, and stored without what the sender did not mean to send."""

from core.uploads.containers import Container, ContainerError, read_container
from core.uploads.images import CleanImage, DecoderBusy, ImageRejected, ImageTooLarge, clean_image

__all__ = [
    "CleanImage",
    "Container",
    "ContainerError",
    "DecoderBusy",
    "ImageRejected",
    "ImageTooLarge",
    "clean_image",
    "read_container",
]
