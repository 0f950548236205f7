"""The errors of CloudHSM v2: each sentence once, with its source.

Two sentences are recorded, one of them in https://github.com/hashicorp/terraform-provider-aws/issues/7437. The others
are chosen in the same style. AWS does not document which error an exceeded quota is. Of those that CreateCluster and
CreateHsm declare, CloudHsmServiceException is the one for a valid request.
"""

from mockaws.model.errors import CHOSEN, DOCUMENTED, RECORDED
from mockaws.model.service import load

catalogue = _error = load("cloudhsmv2").catalogue()

# --- which resource --------------------------------------------------------------------------------------------------
ClusterNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Cluster '{id}' does not exist")
BackupNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Backup '{id}' does not exist")
ResourceNotFound = _error("CloudHsmResourceNotFoundException", CHOSEN, "Resource '{id}' does not exist")
HsmNotFound = _error(
    "CloudHsmResourceNotFoundException", CHOSEN, "Cluster '{cluster}' contains no HSM with {member} '{value}'"
)

# --- describing clusters and backups ---------------------------------------------------------------------------------
UnknownFilter = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{name}' is not a filter of {operation}: use one of {known}"
)
UnknownFilterValue = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{value}' is not a value of the filter {name}: use one of {known}"
)
NextTokenNotValid = _error("CloudHsmInvalidRequestException", CHOSEN, "The NextToken is not valid")

# --- creating, modifying and deleting clusters -----------------------------------------------------------------------
UnknownHsmType = _error("CloudHsmInvalidRequestException", RECORDED, "Provided HsmType is not supported.")
ModeNotOfType = _error("CloudHsmInvalidRequestException", CHOSEN, "HsmType {type} does not support mode {mode}")
RetentionOutOfRange = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "BackupRetentionPolicy of {days} days is out of range: use {least} to {most} days",
)
SeveralVpcs = _error("CloudHsmInvalidRequestException", CHOSEN, "The subnets are in several VPCs: {vpcs}")
SubnetsInOneZone = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Subnets '{one}' and '{other}' are in the same Availability Zone {zone}",
)
BackupOfOtherKind = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Backup '{id}' was made of {backup_type} in mode {backup_mode}, and cannot be restored to {type} in mode {mode}",
)
TooManyClusters = _error("CloudHsmServiceException", CHOSEN, "The account has {limit} clusters, which is its quota")
ClusterCannotBe = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Cluster '{cluster}' is in state {state}, in which it cannot be {changed}",
)
NothingToModify = _error("CloudHsmInvalidRequestException", CHOSEN, "Specify BackupRetentionPolicy or HsmType")
NoMigration = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "The HsmType of cluster '{cluster}' cannot be changed from {own} to {wanted}",
)
ClusterHasHsms = _error("CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' still contains HSMs: {hsms}")

# --- initializing clusters -------------------------------------------------------------------------------------------
NoRequestYet = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Cluster '{cluster}' has no certificate signing request before its first HSM is ACTIVE",
)
CertificateTooLong = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "{member} has {length} characters: use at most {longest}"
)
CertificateUnreadable = _error("CloudHsmInvalidRequestException", CHOSEN, "{member} {flaw}")
CertificatesSwapped = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "TrustAnchor is the certificate of the cluster's own key: SignedCert and TrustAnchor have been swapped",
)
OtherKeySigned = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "SignedCert is not a certificate for the key of the ClusterCsr of cluster '{cluster}'",
)
NotSelfSigned = _error("CloudHsmInvalidRequestException", CHOSEN, "TrustAnchor is not a self-signed root certificate")
NoAuthority = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "TrustAnchor is not the certificate of an authority: its extensions lack CA:TRUE, or do not permit signing",
)
WeakTrustAnchor = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "The key of TrustAnchor is {kind}: use RSA with 2048 to 4096 bits, or EC with at least 256 bits",
)
NotIssued = _error("CloudHsmInvalidRequestException", CHOSEN, "SignedCert was not signed by TrustAnchor")
NotValidNow = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "{member} is valid from {begin} to {end}, and it is {now}"
)

# --- creating and deleting HSMs --------------------------------------------------------------------------------------
NotYetActivated = _error(
    "CloudHsmInvalidRequestException",
    RECORDED,
    "Cluster '{cluster}' already contains an HSM but has not yet been fully activated",
)
ClusterTakesNoHsm = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' is in state {state}, in which no HSM can be added"
)
ClusterLosesNoHsm = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' is in state {state}, in which no HSM can be deleted"
)
TooManyHsms = _error("CloudHsmServiceException", CHOSEN, "The account has {limit} HSMs, which is its quota")
ZoneOut = _error(
    "CloudHsmServiceException", CHOSEN, "No HSM can be created in Availability Zone {zone} at present; try another"
)
ClusterFull = _error("CloudHsmInvalidRequestException", CHOSEN, "Cluster '{cluster}' already contains {limit} HSMs")
ZoneWithoutSubnet = _error(
    "CloudHsmInvalidRequestException",
    CHOSEN,
    "Cluster '{cluster}' has no subnet in Availability Zone {zone}, only in {zones}",
)
SubnetNotFound = _error("CloudHsmInvalidRequestException", CHOSEN, "Subnet '{subnet}' does not exist")
SubnetFull = _error("CloudHsmInvalidRequestException", CHOSEN, "Subnet '{subnet}' has no free addresses")
SecurityGroupNotFound = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Security group '{group}' of cluster '{cluster}' does not exist"
)
AddressNotInSubnet = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is not an address of subnet '{subnet}' ({cidr})"
)
AddressReserved = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is reserved by AWS in subnet '{subnet}'"
)
AddressInUse = _error("CloudHsmInvalidRequestException", CHOSEN, "IpAddress {address} is in use")
OneSelector = _error("CloudHsmInvalidRequestException", CHOSEN, "Specify exactly one of HsmId, EniId and EniIp")

# --- backups ---------------------------------------------------------------------------------------------------------
BackupNotReady = _error("CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in state {state}, not READY")
BackupNotPendingDeletion = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in state {state}, not PENDING_DELETION"
)
CopyToSameRegion = _error("CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' is in {region} already")
RegionNotThere = _error("CloudHsmInvalidRequestException", CHOSEN, "Region {region} does not exist")
CopyToOtherPartition = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "Backup '{id}' cannot be copied from {own} to {region}"
)

# --- resource policies -----------------------------------------------------------------------------------------------
MemberMissing = _error("CloudHsmInvalidRequestException", CHOSEN, "{member} is required")
NoResourcePolicies = _error(
    "CloudHsmInvalidRequestException", CHOSEN, "'{arn}' is not the ARN of a backup: only backups have resource policies"
)
MalformedPolicy = _error("CloudHsmInvalidRequestException", CHOSEN, "The policy is not valid: {flaw}")

# --- tags ------------------------------------------------------------------------------------------------------------
DuplicateTagKeys = _error("CloudHsmTagException", CHOSEN, "Duplicate tag keys")
ReservedTagKey = _error("CloudHsmTagException", CHOSEN, "Tags beginning with aws: are reserved")
TooManyTags = _error(
    "CloudHsmResourceLimitExceededException", CHOSEN, "Resource '{id}' would have more than {limit} tags"
)
TooManyTagsGiven = _error("CloudHsmTagException", CHOSEN, "A resource has at most {limit} tags")

# --- what AWS fails with, and a world only where a fault of it says so -----------------------------------------------
InternalFailure = _error(
    "CloudHsmInternalFailureException",
    DOCUMENTED,
    "The request was rejected because of an CloudHSM internal failure. The request can be retried.",
)
Throttled = _error("ThrottlingException", CHOSEN, "Rate exceeded")
