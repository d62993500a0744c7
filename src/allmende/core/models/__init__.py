"""Tables of the core."""

from allmende.core.models.accounts import User
from allmende.core.models.audit import AuditEntry
from allmende.core.models.form_draft import FormDraft
from allmende.core.models.notice import Notice
from allmende.core.models.rate import RateCount
from allmende.core.models.stamp import ContentStamp

__all__ = ["AuditEntry", "ContentStamp", "FormDraft", "Notice", "RateCount", "User"]
