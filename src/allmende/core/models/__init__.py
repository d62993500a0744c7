"""Tables of the core."""

from allmende.core.models.accounts import User
from allmende.core.models.address_change import AddressChange
from allmende.core.models.audit import AuditEntry
from allmende.core.models.form_draft import FormDraft
from allmende.core.models.letters import CalendarFeed, LetterChoice, NoticeChoice, NoticeMute
from allmende.core.models.notice import Notice
from allmende.core.models.privacy import Consent, ErasureRequest
from allmende.core.models.rate import RateCount
from allmende.core.models.sign_in import SignIn
from allmende.core.models.stamp import ContentStamp

__all__ = [
    "AddressChange",
    "AuditEntry",
    "CalendarFeed",
    "Consent",
    "ContentStamp",
    "ErasureRequest",
    "FormDraft",
    "LetterChoice",
    "Notice",
    "NoticeChoice",
    "NoticeMute",
    "RateCount",
    "SignIn",
    "User",
]
