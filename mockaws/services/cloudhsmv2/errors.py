"""The errors of CloudHSM v2, each sentence once, with where it comes from.

One sentence of CloudHSM's is on record (https://github.com/hashicorp/terraform-provider-aws/issues/7437); the others
are this project's, in its manner.
"""

from mockaws.model.errors import CHOSEN, RECORDED
from mockaws.model.service import load

catalogue = _error = load("cloudhsmv2").catalogue()

# --- which resource ----------------------------------------------------------------------------------------------
ClusterNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Cluster '{id}' does not exist")
BackupNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Backup '{id}' does not exist")
ResourceNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Resource '{id}' does not exist")
HsmNotFound = _error(
    "CloudHsmResourceNotFoundException", CHOSEN, "Cluster '{cluster}' contains no HSM with {member} '{value}'"
)

# --- describing clusters and backups -------------------------------------------------------------------------------
UnknownFilter = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{name}' is not a filter of {operation}: there are {known}"
)
UnknownFilterValue = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{value}' is not a value of the filter {name}: there are {known}"
)
NextTokenNotValid = _error("CloudHsmInvalidRequestException", CHOSEN, "The NextToken is not valid")

# --- creating and deleting HSMs ------------------------------------------------------------------------------------
NotYetActivated = _error(
    "CloudHsmInvalidRequestException",
    RECORDED,
    "Cluster '{cluster}' already contains an HSM but has not yet been fully activated",
)
ClusterTakesNoHsm = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' is in state {state}, in which it takes no HSM"
)
ClusterFull = _error("CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' already contains {limit} HSMs")
ZoneWithoutSubnet = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Cluster '{cluster}' has no subnet in Availability Zone {zone}, only in {zones}",
)
SubnetNotFound = _error("CloudHsmInvalidRequestException", CHOSEN, "Subnet '{subnet}' does not exist")
SubnetFull = _error("CloudHsmInvalidRequestException", CHOSEN, "Subnet '{subnet}' has no free addresses")
AddressNotInSubnet = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is not an address of subnet '{subnet}' ({cidr})"
)
AddressReserved = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is one that AWS reserves in subnet '{subnet}'"
)
AddressInUse = _error("CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is in use")
OneSelector = _error("CloudHsmInvalidRequestException", CHOSEN, "Specify exactly one of HsmId, EniId and EniIp")

# --- backups -------------------------------------------------------------------------------------------------------
BackupNotReady = _error("CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in state {state}, not READY")
BackupNotPendingDeletion = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in state {state}, not PENDING_DELETION"
)
CopyToSameRegion = _error("CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in {region} already")
RegionNotThere = _error("CloudHsmInvalidRequestException", CHOSEN, "There is no Region {region}")
CopyToOtherPartition = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' cannot be copied from {own} to {region}"
)

# --- resource policies ---------------------------------------------------------------------------------------------
MemberMissing = _error("CloudHsmInvalidRequestException", CHOSEN, "{member} is required")
NoResourcePolicies = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{arn}' is not a backup, and nothing else has a resource policy"
)
MalformedPolicy = _error("CloudHsmInvalidRequestException", CHOSEN, "The policy is not valid: {fault}")

# --- tags ----------------------------------------------------------------------------------------------------------
DuplicateTagKeys = _error("CloudHsmTagException", CHOSEN, "Duplicate tag keys")
ReservedTagKey = _error("CloudHsmTagException", CHOSEN, "Tags beginning with aws: are reserved")
TooManyTags = _error(
    "CloudHsmResourceLimitExceededException", CHOSEN, "Resource '{id}' would have more than {limit} tags"
)
TooManyTagsGiven = _error("CloudHsmTagException", CHOSEN, "A backup has at most {limit} tags")
