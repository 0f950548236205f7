"""The errors of the HSMs: each sentence once, with its source.

AWS's command line prints sentences without a code: {"error_code": 1, "data": "Specified user does not exist"}. Few of
them are on record. If the guide prints a sentence for an error, it is declared here as documented.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-reference.html
"""

from __future__ import annotations

from dataclasses import dataclass

from mockaws.model.errors import CHOSEN, DOCUMENTED, RECORDED, CommittedError, Grade


class HsmError(Exception):
    """An error answer of the HSMs; *names_nothing* is True if the request names something that does not exist."""

    def __init__(self, sentence: str, *, names_nothing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.names_nothing = names_nothing


class CommittedHsmError(HsmError, CommittedError):
    """An error answer of the HSMs that must not undo the records of its call."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error sentence; `raise errors.UserExists(name=…)` fills in its blanks."""

    grade: Grade
    sentence: str
    names_nothing: bool
    error: type[HsmError]

    def __call__(self, **blanks: object) -> HsmError:
        """Return the error with the sentence's {blanks} filled in. Raises KeyError if a blank is missing."""
        return self.error(self.sentence.format_map(blanks), names_nothing=self.names_nothing)


declared: list[Refusal] = []


def _error(grade: Grade, sentence: str, *, names_nothing: bool = False, error: type[HsmError] = HsmError) -> Refusal:
    refusal = Refusal(grade, sentence, names_nothing, error)
    declared.append(refusal)
    return refusal


# --- resources -------------------------------------------------------------------------------------------------------
ClusterNotFound = _error(
    CHOSEN, "Cluster '{id}' does not exist: account {account} has {known} in {region}", names_nothing=True
)
HsmNotFound = _error(CHOSEN, "Cluster '{cluster}' has no HSM '{hsm}': it has {known}", names_nothing=True)
SubnetNotFound = _error(
    CHOSEN, "Subnet '{subnet}' does not exist: account {account} has {known} in {region}", names_nothing=True
)
SubnetInEc2 = _error(CHOSEN, "Subnet '{subnet}' belongs to EC2 in the other services: use EC2's API to change it")
SubnetOfAnotherCluster = _error(
    CHOSEN, "Subnet '{subnet}' is not a subnet of cluster '{cluster}': it has {known}", names_nothing=True
)
ZoneNotFound = _error(
    CHOSEN, "No subnet is in Availability Zone '{zone}': account {account} has subnets in {known}", names_nothing=True
)

# --- cluster states --------------------------------------------------------------------------------------------------
NotInitialized = _error(CHOSEN, "Cluster '{cluster}' is {state}: its HSMs answer after its initialization")
NoActiveHsm = _error(CHOSEN, "Cluster '{cluster}' has no active HSM")
NoWayToTheHsms = _error(RECORDED, "Failed to initialize hsm1 context")
NotActivated = _error(CHOSEN, "Cluster '{cluster}' has not been activated: activate it with `cluster activate`")
AlreadyActivated = _error(CHOSEN, "Cluster '{cluster}' has already been activated")
LimitedWrite = _error(CHOSEN, "Cluster '{cluster}' is {state}: its users and keys cannot change until it is ACTIVE")

# --- names and passwords ---------------------------------------------------------------------------------------------
UsernameLength = _error(CHOSEN, "The username has {length} characters: use 1 to {most}")
UsernameCharacter = _error(CHOSEN, "'{character}' is not permitted in a username: use letters, digits and '_'")
PasswordLength = _error(CHOSEN, "The password has {length} characters: use {least} to {most}")
PasswordCharacter = _error(CHOSEN, "'{character}' is not permitted in a password")
UnknownRole = _error(CHOSEN, "'{role}' is not the role of a user: use one of {known}")

# --- users -----------------------------------------------------------------------------------------------------------
UserNotFound = _error(RECORDED, "Specified user does not exist", names_nothing=True)
UserExists = _error(CHOSEN, "User '{name}' already exists")
TooManyUsers = _error(CHOSEN, "Cluster '{cluster}' already has {limit} users")
LastAdmin = _error(CHOSEN, "User '{name}' is the last admin of the cluster, which needs one")
OwnsKeys = _error(DOCUMENTED, "You can't delete user accounts that own keys.")
LoggedInAndDeleted = _error(DOCUMENTED, "You cannot delete a user who is currently logged into a HSM.")
LoggedInAndChanged = _error(
    DOCUMENTED, "You cannot change the password of a user who is currently logged in to the cluster."
)
KmsIsLoggedIn = _error(
    CHOSEN,
    "AWS KMS is logged in as kmsuser while custom key store '{store}' is {state}: disconnect the key store first",
)

# --- authorization ---------------------------------------------------------------------------------------------------
# Committed, because the count of wrong passwords must survive the error.
WrongCredentials = _error(RECORDED, "Incorrect authentication credentials", error=CommittedHsmError)
UserLocked = _error(CHOSEN, "User '{name}' is locked out: an admin can unlock it by a change of its password")
AdminOnly = _error(CHOSEN, "An admin must be logged in to {act}")
CryptoUserOnly = _error(CHOSEN, "A crypto-user must be logged in to {act}")

# --- keys ------------------------------------------------------------------------------------------------------------
NotOneKey = _error(
    DOCUMENTED, "Key selection criteria matched {count} keys. Refine selection criteria to select a single key."
)
FilterMalformed = _error(CHOSEN, "'{text}' is not a filter: use key-reference=<reference> or attr.<attribute>=<value>")
UnknownAttribute = _error(CHOSEN, "'{name}' is not an attribute of a key: use one of {known}")
MaxItemsNotValid = _error(CHOSEN, "'{text}' is not a number of items: use at least 1")
TokenNotValid = _error(CHOSEN, "'{text}' is not a starting token: use the next_token of an earlier page")
