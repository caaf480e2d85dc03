"""What changes who there is: verbs, keyword-only, one transaction each.

What can free somebody (roles, cap, enabling, status) is called by routing.services inside the shop's lane.
"""

from .accounts import change_password, create_operator, reset_password
from .audit import record, record_changes
from .devices import note_device
from .invitations import accept_invitation, decline_invitation, invite_account, withdraw_invitation
from .keys import create_key, revoke_key, touch_key
from .leases import beat, drop_lease, renew_leases, take_lease
from .presence import note_app_login, set_status
from .readings import record_live_reading, record_readings
from .shift_templates import use_template
from .shifts import copy_week, remove_kind, save_kind, set_follows, set_shift
from .shops import create_shop, update_shop
from .sign_in_limits import lift_lock, locked_accounts, unlock_sign_in
from .sub_accounts import (
    UNSET,
    add_login,
    add_sub_account,
    attach_account,
    prepare_sub_account,
    touch_sub_account,
    update_sub_account,
)
from .suspensions import suspend_guest_places, tell_guest_shops
from .tokens import create_token

__all__ = [
    "UNSET",
    "accept_invitation",
    "add_login",
    "add_sub_account",
    "attach_account",
    "beat",
    "change_password",
    "copy_week",
    "create_key",
    "create_operator",
    "create_shop",
    "create_token",
    "decline_invitation",
    "drop_lease",
    "invite_account",
    "lift_lock",
    "locked_accounts",
    "note_app_login",
    "note_device",
    "prepare_sub_account",
    "record",
    "record_changes",
    "record_live_reading",
    "record_readings",
    "remove_kind",
    "renew_leases",
    "reset_password",
    "revoke_key",
    "save_kind",
    "set_follows",
    "set_shift",
    "set_status",
    "suspend_guest_places",
    "take_lease",
    "tell_guest_shops",
    "touch_key",
    "touch_sub_account",
    "unlock_sign_in",
    "update_shop",
    "update_sub_account",
    "use_template",
    "withdraw_invitation",
]
