"""The words of the buyer's screen, for its scripts: in braces stands what they put in."""

from django.utils.translation import gettext as _


def screen_words() -> dict[str, str]:
    return {
        # who answers
        "robot": _("Robot"),
        "auto": _("Automatic answer"),
        "agent": _("Customer service"),
        "with_robot": _("The robot answers; a person takes over when you ask"),
        "with_agent": _("{name} is serving you"),
        "with_somebody": _("A person is serving you"),
        "with_nobody": _("Our agent is offline right now"),
        "away": _("Our agent is offline right now. Your message is kept and will be answered."),
        "nobody": _("Nobody is online right now. Leave a message: it will be answered in order."),
        "before": _("Ask us anything"),
        "waiting": _("Waiting for an agent"),
        "position": _("You are number {position} in the line"),
        "joined": _("{name} has taken over"),
        "joined_somebody": _("A person has taken over"),
        # the talk
        "picks": _("What is it about?"),
        "hot": _("You may want to ask"),
        "order": _("Order"),
        "image": _("Image"),
        "image_lost": _("The image could not be loaded."),
        "you": _("You"),
        "yesterday": _("Yesterday"),
        "human": _("Ask for a person"),
        # sending
        "sending": _("Sending…"),
        "kept": _("Not sent yet: goes out when the network is back"),
        "failed": _("Not sent"),
        "retry": _("Try again"),
        "discard": _("Discard"),
        "too_long": _("{over} characters too many"),
        "image_only": _("Only images can be sent: JPEG, PNG, GIF or WebP."),
        "image_large": _("The image is larger than 5 MB."),
        "offline": _("No network. What you write is kept and sent when it is back."),
        # the end
        "close": _("End the chat"),
        "close_sure": _("End it now?"),
        "closed": _("The conversation is over"),
        "closed_by_agent": _("The agent has ended the conversation"),
        "closed_by_system": _("The conversation has ended because nothing was written for a while"),
        "thanks": _("Thank you, the shop will read it."),
        "fault": _("Something went wrong. Please try again."),
        "gone": _("The chat is not available right now."),
    }
