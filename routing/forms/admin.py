import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.errors import Refused
from agents.models import Shop
from core.http.parameters import NumberField
from routing.models import RoutingSettings
from routing.selectors import current_version
from routing.services import checked_document

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[RoutingSettings]
else:
    ModelForm = forms.ModelForm


class PublishForm(ModelForm):
    """A shop's routing document as JSON. Saving publishes it as the next version, if nobody has in the meantime."""

    document = forms.JSONField(
        label=_("routing document"),
        widget=forms.Textarea(attrs={"rows": 40, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=_("What is left out has its default. Saving publishes it as the next version."),
    )
    version = NumberField(widget=forms.HiddenInput)

    class Meta:
        model = RoutingSettings
        fields: tuple[str, ...] = ("shop",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shop = self.instance.shop if self.instance.pk else None
        standing = None if shop is None else current_version(shop)
        self.initial["version"] = standing.number if standing else 1
        if standing is not None:
            self.initial["document"] = standing.document
            self.fields["shop"].disabled = True
        field = self.fields["document"]
        if isinstance(field, forms.JSONField):
            field.encoder = _Readable

    def clean(self) -> dict[str, Any]:
        """The place of what is wrong is named, as in the API."""
        given: dict[str, Any] = super().clean() or {}
        shop = given.get("shop")
        if not isinstance(shop, Shop):
            return given
        version = current_version(shop).number
        if self.instance.pk and given.get("version") != version:
            words = now("Version %(now)s is in force; you started from version %(seen)s.")
            self.add_error("document", words % {"now": version, "seen": given.get("version")})
        elif "document" in given:
            try:
                given["document"] = checked_document(shop, given["document"])
            except Refused as refused:
                self.add_error("document", str(refused.message))
        return given


class _Readable(json.JSONEncoder):
    """Indented, and Chinese as Chinese."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"indent": 2, "ensure_ascii": False})
