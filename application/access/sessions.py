"""Signing in and out, whose session a token is, and changing one's own password."""

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.access.tokens import hashed, new_token
from application.ports.access_store import AccessLookups, AccessStore, AccessTransaction
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from domain.access.account import IDLE, LONGEST_SESSION, Principal, Session, User
from domain.access.lockout import FAMILIAR_FOR, Allowance, Failures, network_of, own_password_subjects, subjects
from domain.access.names import LONGEST_PASSWORD, check_password, same_password
from domain.errors import DomainError

_SEEN_EVERY = timedelta(minutes=1)
_FAILURES_KEPT = timedelta(days=2)
_AT_ONCE = 4  # each verification takes 19 MiB


class SignInRefused(DomainError):
    """One sentence for every reason: it does not tell whether the name exists or is disabled.

    `known_name` is for the audit trail: a user's name, or nothing, as what is no name may be a password.
    """

    def __init__(self, known_name: str, message: str = "this name and password do not fit") -> None:
        self.known_name = known_name
        super().__init__(message)


class SignInLocked(SignInRefused):
    """There were too many failed attempts, for this name or from this address; right or wrong, the next has to wait."""

    def __init__(self, known_name: str, wait: timedelta) -> None:
        self.wait_s = max(1, math.ceil(wait.total_seconds()))
        super().__init__(known_name, f"there were too many failed attempts: try again in {self.wait_s} s")


class WrongPassword(DomainError):
    """Whoever has the session does not know its user's password."""

    def __init__(self) -> None:
        super().__init__("this is not your present password")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun; its token is known to nobody else."""

    token: str
    user: User
    session: Session


class Sessions:
    """Sessions end at sign-out, when the password changes, when the user is disabled or deleted, and by themselves."""

    def __init__(self, store: AccessStore, hasher: PasswordHasher, clock: Clock) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def sign_in(self, name: str, password: str, *, address: str, before: str | None = None) -> SignedIn:
        """Begin a session; that of the token `before` ends. Raises SignInRefused, SignInLocked."""
        name = name.strip().lower()[:LONGEST_PASSWORD]

        def counts(found: AccessLookups) -> dict[str, Allowance]:
            return subjects(name, address, familiar=found.is_familiar(name, network_of(address)))

        kept, counted = self._verified(name, password, counts)
        rehashed = self._hasher.hash(same_password(password)) if self._hasher.is_outdated(kept) else None
        token, now = new_token(), self._clock.now()
        session = Session(user_name=name, created_at=now, seen_at=now)
        with self._store.begin() as tx:
            user = _still_right(tx, name, kept, counted, now)
            _forget_what_is_over(tx, now)
            _forgive(tx, counted)
            tx.put_familiar(name, network_of(address), now)
            if before:
                tx.end_session(hashed(before))
            tx.put_session(hashed(token), session)
            user = replace(user, last_sign_in_at=now)
            tx.put_user(user)
            if rehashed:
                tx.put_password_hash(name, rehashed)
        return SignedIn(token, user, session)

    def change_password(self, name: str, current: str, new: str, *, token: str, address: str) -> None:
        """Another password for the user whose session `token` is: that goes on, all his others end.

        Raises InvalidValue for what cannot be a password; WrongPassword, which takes as long as if `current` had been
        right; and SignInLocked after too many of them.
        """
        check_password(new, name=name)
        with self._turns:
            hashed_password = self._hasher.hash(same_password(new))
        try:
            kept, counted = self._verified(name, current, lambda _: own_password_subjects(name, address))
            with self._store.begin() as tx:
                now = self._clock.now()
                _still_right(tx, name, kept, counted, now)
                _forgive(tx, counted)
                tx.put_familiar(name, network_of(address), now)
                tx.put_password_hash(name, hashed_password)
                tx.end_sessions_of(name, but=hashed(token))
        except SignInLocked:
            raise
        except SignInRefused as refused:
            raise WrongPassword from refused

    def begin(self, user: User, *, address: str) -> SignedIn:
        """Begin a session without a password, for who has just been made."""
        token, now = new_token(), self._clock.now()
        session = Session(user_name=user.name, created_at=now, seen_at=now)
        with self._store.begin() as tx:
            tx.put_familiar(user.name, network_of(address), now)
            tx.put_session(hashed(token), session)
            user = replace(user, last_sign_in_at=now)
            tx.put_user(user)
        return SignedIn(token, user, session)

    def principal(self, token: str) -> Principal | None:
        """Whose session it is; None where it is over, or none."""
        now = self._clock.now()
        with self._store.look() as found:
            session = found.session(hashed(token))
            user = found.user(session.user_name) if session else None
        if session is None or user is None or not user.enabled or now >= session.expires_at:
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            session = replace(session, seen_at=now)
            with self._store.begin() as tx:
                if tx.session(hashed(token)):  # it may have ended meanwhile
                    tx.put_session(hashed(token), session)
        return Principal(name=user.name, role=user.role, session=session)

    def sign_out(self, token: str) -> None:
        """End the session."""
        with self._store.begin() as tx:
            tx.end_session(hashed(token))

    def _verified(
        self, name: str, password: str, counts: Callable[[AccessLookups], dict[str, Allowance]]
    ) -> tuple[str, dict[str, Allowance]]:
        """The hash that the password fits, and what a failure would have counted for. Raises SignInRefused, SignInLocked.

        Whatever the reason of a refusal is, the same is done for it: one look, one verification, one write.
        """
        with self._store.look() as found:
            user, kept = found.user(name), found.password_hash(name)
            counted = counts(found)
            wait = _wait(found, counted, self._clock.now())
        with self._turns:
            fits = self._hasher.verify(same_password(password[: 4 * LONGEST_PASSWORD]), kept)
        if user is None or kept is None or not user.enabled or wait or not fits:
            self._note_failure(counted, locked=bool(wait))
            known_name = user.name if user else ""
            raise SignInLocked(known_name, wait) if wait else SignInRefused(known_name)
        return kept, counted

    def _note_failure(self, counted: dict[str, Allowance], *, locked: bool) -> None:
        """An attempt while locked counts for nothing: it would only make the lock last."""
        now = self._clock.now()
        with self._store.begin() as tx:
            _forget_what_is_over(tx, now)
            failures = tx.failures(counted)
            if not locked:
                failures = {
                    subject: failures.get(subject, Failures()).another(now, allowed)
                    for subject, allowed in counted.items()
                }
            for subject, failed in failures.items():
                tx.put_failures(subject, failed)


def _wait(found: AccessLookups, counted: Iterable[str], now: datetime) -> timedelta:
    """How long the next attempt has to wait; nothing where it need not."""
    failures = found.failures(list(counted)).values()
    return max((one.locked_until - now for one in failures if one.locked_until and one.locks(now)), default=timedelta())


def _still_right(tx: AccessTransaction, name: str, kept: str, counted: Iterable[str], now: datetime) -> User:
    """The user, who meanwhile may have been disabled, deleted, given another password, or guessed at by many at once."""
    user = tx.user(name)
    if user is None or not user.enabled or tx.password_hash(name) != kept:
        raise SignInRefused(name)
    if wait := _wait(tx, counted, now):
        raise SignInLocked(name, wait)
    return user


def _forgive(tx: AccessTransaction, counted: Iterable[str]) -> None:
    """What users mistyped before they got it right: their network's count keeps only what others failed at."""
    own, *others = counted
    failed = tx.failures((own, *others[:1]))
    if own in failed:
        for network in others[:1]:
            if network in failed:
                tx.put_failures(network, failed[network].without(failed[own].count))
    tx.clear_failures(own)


def _forget_what_is_over(tx: AccessTransaction, now: datetime) -> None:
    tx.forget_before(
        created=now - LONGEST_SESSION, seen=now - IDLE, failed=now - _FAILURES_KEPT, familiar=now - FAMILIAR_FOR
    )
