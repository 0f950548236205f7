"""What the HSMs refuse, each sentence once, with where it comes from.

AWS's command line tells sentences without a code: {"error_code": 1, "data": "Specified user does not exist"}. Few of
them are on record; where the guide has a sentence beside the command that says what is wrong, it stands here.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-reference.html
"""

from __future__ import annotations

from dataclasses import dataclass

from mockaws.model.errors import CHOSEN, DOCUMENTED, RECORDED, Grade


class HsmError(Exception):
    """A refusal on its way to the caller; *names_nothing* tells that what the caller names is not there."""

    def __init__(self, sentence: str, *, names_nothing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.names_nothing = names_nothing


@dataclass(frozen=True, slots=True)
class Refusal:
    """One sentence; `raise errors.UserExists(name=…)` fills in its blanks."""

    grade: Grade
    sentence: str
    names_nothing: bool

    def __call__(self, **blanks: object) -> HsmError:
        """Return the error with the sentence's {blanks} filled in; a missing blank is a KeyError."""
        return HsmError(self.sentence.format_map(blanks), names_nothing=self.names_nothing)


declared: list[Refusal] = []


def _error(grade: Grade, sentence: str, *, names_nothing: bool = False) -> Refusal:
    refusal = Refusal(grade, sentence, names_nothing)
    declared.append(refusal)
    return refusal


# --- which one -----------------------------------------------------------------------------------------------------
ClusterNotFound = _error(
    CHOSEN, "Cluster '{id}' does not exist: account {account} has {known} in {region}", names_nothing=True
)
HsmNotFound = _error(CHOSEN, "Cluster '{cluster}' has no HSM '{hsm}': it has {known}", names_nothing=True)
SubnetNotFound = _error(
    CHOSEN, "Subnet '{subnet}' does not exist: account {account} has {known} in {region}", names_nothing=True
)
SubnetInEc2 = _error(
    CHOSEN, "Subnet '{subnet}' is in the other services' EC2: delete it, or take its addresses, by EC2's own calls"
)
SubnetOfAnotherCluster = _error(
    CHOSEN, "Subnet '{subnet}' is none of cluster '{cluster}': it has {known}", names_nothing=True
)
ZoneNotFound = _error(
    CHOSEN, "No subnet lies in Availability Zone '{zone}': account {account} has some in {known}", names_nothing=True
)

# --- whether an HSM answers ----------------------------------------------------------------------------------------
NotInitialized = _error(CHOSEN, "Cluster '{cluster}' is {state}: its HSMs answer when it is initialized")
NoActiveHsm = _error(CHOSEN, "Cluster '{cluster}' has no active HSM that could answer")
NoWayToTheHsms = _error(RECORDED, "Failed to initialize hsm1 context")
NotActivated = _error(CHOSEN, "Cluster '{cluster}' has not been activated: do that first, with `cluster activate`")
AlreadyActivated = _error(CHOSEN, "Cluster '{cluster}' has already been activated")
LimitedWrite = _error(CHOSEN, "Cluster '{cluster}' is {state}: its users and keys cannot change meanwhile")

# --- names and passwords -------------------------------------------------------------------------------------------
UsernameLength = _error(CHOSEN, "A username has 1 to {most} characters, and this one has {length}")
UsernameCharacter = _error(CHOSEN, "'{character}' is not permitted in a username: letters, digits and '_' are")
PasswordLength = _error(CHOSEN, "A password has {least} to {most} characters, and this one has {length}")
PasswordCharacter = _error(CHOSEN, "'{character}' is not permitted in a password")
UnknownRole = _error(CHOSEN, "'{role}' is not a role that a user can be given: there are {known}")

# --- users ---------------------------------------------------------------------------------------------------------
UserNotFound = _error(RECORDED, "Specified user does not exist", names_nothing=True)
UserExists = _error(CHOSEN, "User '{name}' already exists")
TooManyUsers = _error(CHOSEN, "Cluster '{cluster}' already has {limit} users")
LastAdmin = _error(CHOSEN, "User '{name}' is the last admin of the cluster, which cannot do without one")
OwnsKeys = _error(DOCUMENTED, "You can't delete user accounts that own keys.")
LoggedInAndDeleted = _error(DOCUMENTED, "You cannot delete a user who is currently logged into a HSM.")
LoggedInAndChanged = _error(
    DOCUMENTED, "You cannot change the password of a user who is currently logged in to the cluster."
)
KmsIsLoggedIn = _error(
    CHOSEN, "AWS KMS is logged in as kmsuser while custom key store '{store}' is {state}: disconnect that first"
)

# --- who may -------------------------------------------------------------------------------------------------------
WrongCredentials = _error(RECORDED, "Incorrect authentication credentials")
UserLocked = _error(CHOSEN, "User '{name}' is locked out: an admin unlocks it by changing its password")
AdminOnly = _error(CHOSEN, "An admin must be logged in to {act}")
CryptoUserOnly = _error(CHOSEN, "A crypto-user must be logged in to {act}")

# --- keys ----------------------------------------------------------------------------------------------------------
NotOneKey = _error(
    DOCUMENTED, "Key selection criteria matched {count} keys. Refine selection criteria to select a single key."
)
FilterMalformed = _error(
    CHOSEN, "'{text}' is not a filter: one is key-reference=<reference> or attr.<attribute>=<value>"
)
UnknownAttribute = _error(CHOSEN, "'{name}' is not an attribute of a key: there are {known}")
MaxItemsNotValid = _error(CHOSEN, "'{text}' is not a number of items: it is at least 1")
TokenNotValid = _error(CHOSEN, "'{text}' is not a starting token: one is the next_token of an earlier page")
