from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.models import ChatSettings


class ChatForm(forms.Form):
    """The settings of a shop's chat; what the service refuses stands at its field."""

    on = forms.BooleanField(label=_("Buyers can write to the shop here"), required=False)
    title = forms.CharField(label=_("Title"), required=False)
    welcome = forms.CharField(label=_("Line below the title"), required=False)
    origins = forms.CharField(
        label=_("Websites that may show the chat"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "https://www.example.com", "spellcheck": "false"}),
    )

    @classmethod
    def of(cls, row: ChatSettings) -> "ChatForm":
        """The form with what is in force."""
        initial = {name: getattr(row, name) for name in ("on", "title", "welcome")}
        return cls(initial=initial | {"origins": "\n".join(row.origins)})

    def values(self) -> dict[str, Any]:
        """What `save_chat` takes."""
        return self.cleaned_data | {"origins": self.cleaned_data["origins"].splitlines()}
