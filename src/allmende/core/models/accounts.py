"""People who sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from allmende.core.prepared import prepared


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(
        self, email: str, password: str | None = None, *, name: str = "", is_operator: bool = False
    ) -> User:
        """Make and store a user; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email), name=name, is_operator=is_operator)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get(self, *args: Any, **kwargs: Any) -> User:
        """As ever; by ``pk`` alone, which every page of somebody signed in asks for, with SQL that is made once."""
        if args or len(kwargs) > 1 or not isinstance(kwargs.get("pk"), int):
            return super().get(*args, **kwargs)
        found = _by_number(int(kwargs["pk"]))
        if not found:
            raise self.model.DoesNotExist("User matching query does not exist.")
        return found[0]

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with an account.  What they may do follows from their memberships, see ``rules.py`` of each module."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    """Runs this installation: may do everything."""
    date_joined = models.DateTimeField(default=timezone.now)

    remembered: dict[str, object] | None = None
    """What was found out about this person in the running request; None: nothing is to be remembered."""

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or f"user {self.pk}"


@prepared
def _by_number(number: int) -> models.QuerySet[User]:
    return User.objects.filter(pk=number)
