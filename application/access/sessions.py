"""Signing in and out, whose session a token is, and changing one's own password."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.access.tokens import hashed, new_token
from application.ports.access_store import AccessLookups, AccessStore, AccessTransaction
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from domain.access.account import IDLE, LONGEST_SESSION, Principal, Session, User
from domain.access.lockout import FAMILIAR_FOR, Failures, network_of, subjects
from domain.access.names import LONGEST_PASSWORD, check_password, same_password
from domain.errors import DomainError

_SEEN_EVERY = timedelta(minutes=1)
_FAILURES_KEPT = timedelta(days=2)
_AT_ONCE = 4  # each verification takes 19 MiB


class SignInRefused(DomainError):
    """One sentence for every reason: it does not tell whether the name exists, is disabled, or has to wait.

    `known_name` is for the audit trail: a user's name, or nothing, as what is no name may be a password.
    """

    def __init__(self, known_name: str) -> None:
        self.known_name = known_name
        super().__init__("this name and password do not fit, or there were too many attempts: try again a little later")


class WrongPassword(DomainError):
    """Whoever has the session does not know its user's password, or has tried too often."""

    def __init__(self) -> None:
        super().__init__("this is not your present password, or there were too many attempts: try again a little later")


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
        """Begin a session; that of the token `before` ends. Raises SignInRefused."""
        name = name.strip().lower()[:LONGEST_PASSWORD]
        kept, counted = self._verified(name, password, address)
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

        Raises InvalidValue for what cannot be a password, and WrongPassword, which counts as a failed sign-in and takes as
        long as if `current` had been right.
        """
        check_password(new, name=name)
        with self._turns:
            hashed_password = self._hasher.hash(same_password(new))
        try:
            kept, counted = self._verified(name, current, address)
            with self._store.begin() as tx:
                now = self._clock.now()
                _still_right(tx, name, kept, counted, now)
                _forgive(tx, counted)
                tx.put_familiar(name, network_of(address), now)
                tx.put_password_hash(name, hashed_password)
                tx.end_sessions_of(name, but=hashed(token))
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

    def _verified(self, name: str, password: str, address: str) -> tuple[str, dict[str, int]]:
        """The hash that the password fits, and what a failure would have counted for. Raises SignInRefused.

        Whatever the reason of a refusal is, the same is done for it: one look, one verification, one write.
        """
        with self._store.look() as found:
            user, kept = found.user(name), found.password_hash(name)
            counted = subjects(name, address, familiar=found.is_familiar(name, network_of(address)))
            locked = _locked(found, counted, self._clock.now())
        with self._turns:
            fits = self._hasher.verify(same_password(password[: 4 * LONGEST_PASSWORD]), kept)
        if user is None or kept is None or not user.enabled or locked or not fits:
            self._note_failure(counted, locked=locked)
            raise SignInRefused(user.name if user else "")
        return kept, counted

    def _note_failure(self, counted: dict[str, int], *, locked: bool) -> None:
        """An attempt while locked counts for nothing: it would only make the lock last."""
        now = self._clock.now()
        with self._store.begin() as tx:
            _forget_what_is_over(tx, now)
            failures = tx.failures(counted)
            if not locked:
                failures = {
                    subject: failures.get(subject, Failures()).another(now, free=free)
                    for subject, free in counted.items()
                }
            for subject, failed in failures.items():
                tx.put_failures(subject, failed)


def _locked(found: AccessLookups, counted: dict[str, int], now: datetime) -> bool:
    return any(one.locks(now) for one in found.failures(counted).values())


def _still_right(tx: AccessTransaction, name: str, kept: str, counted: dict[str, int], now: datetime) -> User:
    """The user, who meanwhile may have been disabled, deleted, given another password, or guessed at by many at once."""
    user = tx.user(name)
    if user is None or not user.enabled or tx.password_hash(name) != kept or _locked(tx, counted, now):
        raise SignInRefused(name)
    return user


def _forgive(tx: AccessTransaction, counted: dict[str, int]) -> None:
    """What somebody mistyped before he got it right: his network's count keeps only what others failed at."""
    own, network, *_ = counted
    failed = tx.failures((own, network))
    if own in failed and network in failed:
        tx.put_failures(network, failed[network].without(failed[own].count))
    tx.clear_failures(own)


def _forget_what_is_over(tx: AccessTransaction, now: datetime) -> None:
    tx.forget_before(
        created=now - LONGEST_SESSION, seen=now - IDLE, failed=now - _FAILURES_KEPT, familiar=now - FAMILIAR_FOR
    )
