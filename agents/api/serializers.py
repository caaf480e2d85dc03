from typing import Any

from rest_framework import serializers

from agents.api.strict import StrictSerializer
from agents.models import ShopKey, SubAccount
from agents.vocabulary import Platform, Role, Status


class TokenRequest(StrictSerializer):
    account = serializers.CharField(max_length=50)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    code = serializers.CharField(
        max_length=32, required=False, help_text="Of the second factor, for an account that has one."
    )


class TokenAnswer(serializers.Serializer[Any]):
    token = serializers.CharField()


class PlaceSerializer(serializers.ModelSerializer[SubAccount]):
    """One's own sub-account in one shop."""

    shop = serializers.SlugField(source="shop.slug")
    shop_name = serializers.CharField(source="shop.name")
    platform = serializers.ChoiceField(source="shop.platform", choices=[(p.value, p.value) for p in Platform])
    account = serializers.CharField(source="name")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=[(r.value, r.value) for r in Role]))
    status = serializers.ChoiceField(choices=[(s.value, s.value) for s in Status])

    class Meta:
        model = SubAccount
        fields = ["shop", "shop_name", "platform", "account", "roles", "max_concurrent", "status", "status_since"]


class MeSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    display_name = serializers.CharField()
    is_operator = serializers.BooleanField()
    sub_accounts = PlaceSerializer(many=True)


class ShopSerializer(StrictSerializer):
    slug = serializers.CharField(max_length=50)
    name = serializers.CharField(max_length=100, required=False)
    platform = serializers.CharField(max_length=20)
    timezone = serializers.CharField(max_length=64, required=False)


class KeySerializer(serializers.ModelSerializer[ShopKey]):
    class Meta:
        model = ShopKey
        fields = ["id", "name", "prefix", "created_at", "last_used_at"]
        read_only_fields = fields


class KeyRequest(StrictSerializer):
    name = serializers.CharField(max_length=100)


class NewKeySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    key = serializers.CharField(help_text="Shown this once.")
