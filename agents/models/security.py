from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import NOTICES
from agents.models.account import Account
from agents.models.sign_in import Device
from agents.vocabulary import NoticeKind
from core.secrets import EncryptedTextField


class Authenticator(models.Model):
    """A second factor of an account: an app that shows codes (TOTP), or a passkey (WebAuthn)."""

    class Kind(models.TextChoices):
        TOTP = "totp", _("authenticator app")
        PASSKEY = "passkey", _("passkey")

    account = models.ForeignKey(Account, models.CASCADE, related_name="authenticators", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=50)
    secret = EncryptedTextField(_("secret"))
    """TOTP: the shared secret. Passkey: the public key, base64."""
    credential_id = models.CharField(_("credential"), max_length=1400, null=True, unique=True)
    counter = models.BigIntegerField(_("counter"), default=0)
    """TOTP: the last time step that was used, so that no code is good twice. Passkey: the signature counter."""
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class RecoveryCode(models.Model):
    """A code that replaces a lost second factor once. Only a keyed digest is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes", verbose_name=_("account"))
    digest = models.CharField(_("digest"), max_length=64)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.account_id}"


class ExternalIdentity(models.Model):
    """A person's identity at a provider (OIDC, WeCom …), linked to the account that it signs in."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="identities", verbose_name=_("account"))
    provider = models.CharField(_("provider"), max_length=20)
    subject = models.CharField(_("subject"), max_length=320)
    name = models.CharField(_("name"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("linked sign-in")
        verbose_name_plural = _("linked sign-ins")
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="identity_of_one_account")]

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"


class AccountSession(models.Model):
    """A session of an account, with the browser and address that it was seen from last."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="sessions", verbose_name=_("account"))
    session_key = models.CharField(_("session"), max_length=40, unique=True)
    device = models.ForeignKey(Device, models.SET_NULL, null=True, related_name="+", verbose_name=_("device"))
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    address = models.CharField(_("from where"), max_length=45, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.account_id} {self.address}"


class AccountNotice(models.Model):
    """A message to the holder about the account's security: in the product, and by mail to a verified address."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notices", verbose_name=_("account"))
    kind = models.CharField(_("what"), max_length=30, choices=[(k.value, v) for k, v in NOTICES.items()])
    at = models.DateTimeField(_("when"), default=timezone.now)
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    address = models.CharField(_("from where"), max_length=45, blank=True)
    seen_at = models.DateTimeField(_("seen"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("security notice")
        verbose_name_plural = _("security notices")
        indexes = [models.Index(fields=["account", "seen_at"], name="notices_unseen")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"

    @property
    def label(self) -> str:
        return str(NOTICES[NoticeKind(self.kind)])


class AccountMail(models.Model):
    """A mail to an account's holder that a job sends. Links in it are made when it is sent, never kept."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("security notice")
        VERIFY = "verify", _("check of an address")
        RESET = "reset", _("new password")

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    address = models.EmailField(_("to"))
    notice = models.ForeignKey(AccountNotice, models.CASCADE, null=True, related_name="+", verbose_name=_("notice"))
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("mail to an account")
        verbose_name_plural = _("mails to accounts")
        indexes = [models.Index(fields=["sent_at", "tries"], name="mails_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}"
