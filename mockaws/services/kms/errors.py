"""The errors of KMS: each sentence once, with its source.

Sources: answers of AWS that were recorded in public test suites and issues, the KMS Developer Guide, and the service
model. The model's description of an error replaces its real sentence if that was not recorded.
"""

from mockaws.model.errors import CHOSEN, DOCUMENTED, RECORDED
from mockaws.model.service import load

catalogue = _error = load("kms").catalogue()

# --- naming keys ---------------------------------------------------------------------------------------------------
KeyNotFound = _error("NotFoundException", RECORDED, "Key '{arn}' does not exist")
InvalidKeyId = _error("NotFoundException", RECORDED, "Invalid keyId '{id}'")
InvalidKeyIdInArn = _error("NotFoundException", RECORDED, "Invalid keyId {id}")
OtherRegion = _error("NotFoundException", RECORDED, "Invalid arn {region}")
AliasNotFound = _error("NotFoundException", RECORDED, "Alias {arn} is not found.")
AliasNotSupported = _error("InvalidArnException", RECORDED, "Key Aliases are not supported for this operation.")
InvalidArn = _error("InvalidArnException", CHOSEN, "{arn} is not the ARN of a KMS key")
NotAuthorized = _error(
    "AccessDeniedException",
    RECORDED,
    "User: {principal} is not authorized to perform: {action} on resource: {arn} because no resource-based policy "
    "allows the {action} action",
)
NotAuthorizedElsewhere = _error(
    "AccessDeniedException",
    RECORDED,
    "User: {principal} is not authorized to perform: {action} on this resource because the resource does not exist in "
    "this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
)

# --- key states: the guide's footnotes, https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html ----------
Disabled = _error("DisabledException", RECORDED, "{arn} is disabled.")
PendingDeletion = _error("KMSInvalidStateException", RECORDED, "{arn} is pending deletion.")
PendingReplicaDeletion = _error("KMSInvalidStateException", RECORDED, "{arn} is pending replica deletion.")
NotPendingDeletion = _error("KMSInvalidStateException", DOCUMENTED, "{arn} is not pending deletion.")
PendingImport = _error("KMSInvalidStateException", RECORDED, "{arn} is pending import.")
Unavailable = _error("KMSInvalidStateException", DOCUMENTED, "{arn} is unavailable.")
Creating = _error("KMSInvalidStateException", DOCUMENTED, "{arn} is creating.")
Updating = _error("KMSInvalidStateException", DOCUMENTED, "{arn} is updating.")
OriginNotValid = _error(
    "UnsupportedOperationException", RECORDED, "{arn} origin is {origin} which is not valid for this operation."
)

# --- creating keys -----------------------------------------------------------------------------------------------
TwoKeySpecs = _error(
    "ValidationException",
    RECORDED,
    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
)
UsageNotOfSpec = _error("ValidationException", RECORDED, "KeyUsage {usage} is not compatible with KeySpec {spec}")
UsageMissing = _error(
    "ValidationException",
    RECORDED,
    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
)
SpecNotThere = _error("UnsupportedOperationException", RECORDED, "KeySpec {spec} is not supported in this Region")
OriginNotThere = _error(
    "UnsupportedOperationException",
    CHOSEN,
    "Origin {origin} is not supported by mockaws: use AWS_KMS, EXTERNAL or AWS_CLOUDHSM",
)
StoreNeedsOrigin = _error(
    "ValidationException", CHOSEN, "A key in a custom key store needs Origin AWS_CLOUDHSM or EXTERNAL_KEY_STORE"
)
OriginNeedsStore = _error("ValidationException", CHOSEN, "Origin {origin} needs a CustomKeyStoreId")
XksKeyIdNotValid = _error("ValidationException", CHOSEN, "XksKeyId is valid only with Origin EXTERNAL_KEY_STORE")
OnlySymmetricInStore = _error(
    "UnsupportedOperationException",
    CHOSEN,
    "Keys in a custom key store are symmetric encryption keys: KeySpec SYMMETRIC_DEFAULT, KeyUsage ENCRYPT_DECRYPT",
)
NoMultiRegionInStore = _error(
    "UnsupportedOperationException", CHOSEN, "Keys in a custom key store cannot be multi-Region keys"
)
TooManyKeys = _error(
    "LimitExceededException",
    RECORDED,
    "Key quota for this account in this region is {limit} but the current usage is {usage}.",
)
WindowNotValid = _error("ValidationException", RECORDED, "PendingWindowInDays must be between 7 and 30")

# --- custom key stores --------------------------------------------------------------------------------------------
CustomKeyStoreNotFound = _error(
    "CustomKeyStoreNotFoundException",
    DOCUMENTED,
    "The request was rejected because KMS cannot find a custom key store with the specified key store name or ID.",
)
CustomKeyStoreNameInUse = _error(
    "CustomKeyStoreNameInUseException",
    DOCUMENTED,
    "The request was rejected because the specified custom key store name is already assigned to another custom "
    "key store in the account. Try again with a custom key store name that is unique in the account.",
)
CustomKeyStoreHasKeys = _error(
    "CustomKeyStoreHasCMKsException",
    DOCUMENTED,
    "The request was rejected because the custom key store contains KMS keys. After verifying that you do not "
    "need to use the KMS keys, use the ScheduleKeyDeletion operation to delete the KMS keys. After they are "
    "deleted, you can delete the custom key store.",
)
CustomKeyStoreInvalidState = _error(
    "CustomKeyStoreInvalidStateException",
    DOCUMENTED,
    "The request was rejected because of the ConnectionState of the custom key store. {operation} is not valid while "
    "it is {state}.",
)
TooManyCustomKeyStores = _error(
    "LimitExceededException", CHOSEN, "An account has at most {limit} custom key stores in each Region."
)
IdOrNameNotBoth = _error(
    "ValidationException", CHOSEN, "Specify the CustomKeyStoreId or the CustomKeyStoreName, but not both"
)
CloudHsmParametersMissing = _error(
    "ValidationException", CHOSEN, "A custom key store of type AWS_CLOUDHSM needs {missing}"
)
XksParametersNotValid = _error(
    "ValidationException", CHOSEN, "{parameters} is not valid for a custom key store of type AWS_CLOUDHSM"
)
ExternalKeyStoreNotThere = _error(
    "UnsupportedOperationException",
    CHOSEN,
    "CustomKeyStoreType EXTERNAL_KEY_STORE is not supported by mockaws: use AWS_CLOUDHSM",
)
NothingToUpdate = _error(
    "ValidationException", CHOSEN, "Specify at least one property of the custom key store to change"
)
ClusterNotFound = _error(
    "CloudHsmClusterNotFoundException",
    DOCUMENTED,
    "The request was rejected because KMS cannot find the CloudHSM cluster with the specified cluster ID. Retry "
    "the request with a different cluster ID.",
)
ClusterNotActive = _error(
    "CloudHsmClusterNotActiveException",
    DOCUMENTED,
    "The request was rejected because the CloudHSM cluster associated with the CloudHSM key store is not active. "
    "Initialize and activate the cluster and try the command again.",
)
ClusterInUse = _error(
    "CloudHsmClusterInUseException",
    DOCUMENTED,
    "The request was rejected because the specified CloudHSM cluster is already associated with an CloudHSM key "
    "store in the account, or it shares a backup history with an CloudHSM key store in the account. Each CloudHSM"
    " key store in the account must be associated with a different CloudHSM cluster.",
)
ClusterNotRelated = _error(
    "CloudHsmClusterNotRelatedException",
    DOCUMENTED,
    "The request was rejected because the specified CloudHSM cluster has a different cluster certificate than the"
    " original cluster. You cannot use the operation to specify an unrelated cluster for an CloudHSM key store.",
)
HsmsNotInTwoZones = _error(
    "CloudHsmClusterInvalidConfigurationException",
    RECORDED,
    "CloudHSM cluster must contain active HSMs in at least two Availability Zones",
)
SubnetsNotInTwoZones = _error(
    "CloudHsmClusterInvalidConfigurationException",
    CHOSEN,
    "CloudHSM cluster must be configured with private subnets in at least two Availability Zones",
)
SecurityGroupMissing = _error(
    "CloudHsmClusterInvalidConfigurationException",
    CHOSEN,
    "The security group of the CloudHSM cluster, {security_group}, must exist and allow TCP traffic on ports 2223-2225",
)
IncorrectTrustAnchor = _error(
    "IncorrectTrustAnchorException",
    DOCUMENTED,
    "The request was rejected because the trust anchor certificate in the request to create an CloudHSM key store"
    " is not the trust anchor certificate for the specified CloudHSM cluster.",
)
ClusterDoesNotAnswer = _error("KMSInvalidStateException", RECORDED, "KMS cannot communicate with your CloudHSM cluster")
# The page with the sentence describes it as "an error message about PKCS #11 sessions":
# https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-cmk-failed
NoSessions = _error(
    "KMSInternalException",
    DOCUMENTED,
    "The AWS CloudHSM cluster associated with the custom key store did not have any available PKCS #11 sessions.",
)
ClusterChangesType = _error(
    "KMSInternalException",
    CHOSEN,
    "The CloudHSM cluster makes no keys while it changes its HSM type. Retry the request.",
)
# CreateKey and GenerateRandom do not declare KMSInvalidStateException. With an external key store, whose errors are
# documented, this is their error if KMS cannot reach the store's proxy.
StoreDoesNotAnswer = _error(
    "CustomKeyStoreInvalidStateException", CHOSEN, "KMS cannot communicate with your CloudHSM cluster"
)

# --- aliases ------------------------------------------------------------------------------------------------------
AliasPrefixMissing = _error(
    "ValidationException",
    RECORDED,
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
)
AliasCharacters = _error("ValidationException", RECORDED, "{name} contains invalid characters for an alias")
# Not recorded, but two independent emulators of AWS agree on this code without a sentence.
AliasReserved = _error("NotAuthorizedException", CHOSEN)
AliasExists = _error("AlreadyExistsException", RECORDED, "An alias with the name {arn} already exists")
AliasOfAlias = _error("ValidationException", CHOSEN, "Aliases must refer to keys. Not aliases")
AliasOfOtherAccount = _error(
    "ValidationException", CHOSEN, "An alias and its key must be in the same account and Region"
)
AliasTypeDiffers = _error(
    "ValidationException",
    CHOSEN,
    "Alias {arn} cannot move from a {before} key to a {after} key: type and usage must agree",
)
TooManyAliases = _error("LimitExceededException", CHOSEN, "A KMS key has at most {limit} aliases")

# --- policies -----------------------------------------------------------------------------------------------------
Lockout = _error(
    "MalformedPolicyDocumentException",
    RECORDED,
    "The new key policy will not allow you to update the key policy in the future.",
)
InvalidPrincipals = _error(
    "MalformedPolicyDocumentException", RECORDED, "Policy contains a statement with one or more invalid principals."
)
InvalidPolicyArn = _error("InvalidArnException", RECORDED, "An ARN in the specified key policy is invalid.")
# AWS has no sentence here (recorded in 2018); this one names the mistake.
MalformedPolicy = _error("MalformedPolicyDocumentException", CHOSEN, "The key policy is not valid: {flaw}")
PolicyTooLong = _error("LimitExceededException", CHOSEN, "A key policy has at most {limit} bytes")
NoSuchPolicy = _error("NotFoundException", CHOSEN, "No such policy exists")
PolicyOfRam = _error("ValidationException", DOCUMENTED, "The AWS_RAM policy can only be managed by the RAM service.")

# --- grants -------------------------------------------------------------------------------------------------------
GrantNotFound = _error("NotFoundException", CHOSEN, "Grant ID {id} not found")
InvalidGrantId = _error(
    "InvalidGrantIdException", DOCUMENTED, "The request was rejected because the specified GrantId is not valid."
)
InvalidGrantToken = _error(
    "InvalidGrantTokenException", DOCUMENTED, "The request was rejected because the specified grant token is not valid."
)
GrantNotNamed = _error(
    "ValidationException",
    DOCUMENTED,
    "To identify the grant to retire, use a grant token, or both the grant ID and a key identifier (key ID or key ARN) "
    "of the KMS key.",
)
PrincipalNotValid = _error("InvalidArnException", RECORDED, "ARN does not refer to a valid principal: {principal}")
PrincipalArnNotValid = _error("InvalidArnException", RECORDED, "ARN is not valid: {principal}")
# For a text that is no ARN: recorded with the unique id of a deleted role as GranteePrincipal.
MemberNotPrincipal = _error("InvalidArnException", RECORDED, "{member} does not refer to a valid principal.")
InputNotPrincipal = _error("InvalidArnException", RECORDED, "Input does not refer to a valid principal")
RetireeNotFound = _error("NotFoundException", RECORDED, "Retiring principal {principal} could not be found")
GranteeNotOne = _error(
    "ValidationException",
    DOCUMENTED,
    "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
)
RetireeNotOne = _error(
    "ValidationException",
    DOCUMENTED,
    "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
)
TwoGrantees = _error(
    "ValidationException",
    DOCUMENTED,
    "You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
)
TwoRetirees = _error(
    "ValidationException",
    DOCUMENTED,
    "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
)
SourceArnMissing = _error(
    "ValidationException",
    DOCUMENTED,
    "When you specify a GranteeServicePrincipal, you must also specify a SourceArn grant constraint.",
)
RetireeMissing = _error(
    "ValidationException",
    DOCUMENTED,
    "When you specify a GranteeServicePrincipal, you must also specify either a RetiringPrincipal or a "
    "RetiringServicePrincipal.",
)
NotAService = _error(
    "AccessDeniedException", DOCUMENTED, "This filter is only usable by callers in a service principal."
)
GrantPermitsNothing = _error("ValidationException", CHOSEN, "A grant must contain at least one operation.")
OnlyCreateGrant = _error("ValidationException", RECORDED, "Grants must not contain only the CreateGrant operation.")
OperationsNotOfKey = _error(
    "ValidationException",
    RECORDED,
    "Operations [{operations}] are not supported when creating a grant for {kind} KMS key with key usage {usage}. "
    "Valid operations are [{valid}]",
)
TwoContexts = _error(
    "ValidationException",
    DOCUMENTED,
    "You can specify either EncryptionContextEquals or EncryptionContextSubset, but not both.",
)
TooManyPairs = _error(
    "ValidationException", DOCUMENTED, "Each constraint value can include up to 8 encryption context pairs."
)
ConstraintTooLong = _error(
    "ValidationException",
    DOCUMENTED,
    "The encryption context value in each constraint cannot exceed 384 characters.",
)
ContextNotOfKey = _error(
    "ValidationException",
    RECORDED,
    "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.",
)
TooManyGrants = _error("LimitExceededException", CHOSEN, "A KMS key has at most {limit} grants")

# --- tags ---------------------------------------------------------------------------------------------------------
TooManyTags = _error("TagException", RECORDED, "Too many tags")
DuplicateTagKeys = _error("TagException", RECORDED, "Duplicate tag keys")
ReservedTagKey = _error("TagException", RECORDED, "Tags beginning with aws: are reserved")

# --- using keys ---------------------------------------------------------------------------------------------------
InvalidCiphertext = _error("InvalidCiphertextException", RECORDED)
IncorrectKey = _error(
    "IncorrectKeyException",
    RECORDED,
    "The key ID in the request does not identify a CMK that can perform this operation.",
)
CiphertextOfUnknownKey = _error(
    "AccessDeniedException",
    RECORDED,
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
    "allowed to access.",
)
CiphertextMissing = _error(
    "ValidationException",
    RECORDED,
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
)
UsageNotValid = _error(
    "InvalidKeyUsageException", RECORDED, "{arn} key usage is {usage} which is not valid for {operation}."
)
AlgorithmNotOfSpec = _error(
    "InvalidKeyUsageException", RECORDED, "Algorithm {algorithm} is incompatible with key spec {spec}."
)
PlaintextTooLong = _error(
    "ValidationException",
    RECORDED,
    "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes.",
)
ContextNotValid = _error(
    "ValidationException",
    RECORDED,
    "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.",
)
KeyIdMissing = _error("ValidationException", RECORDED, "KeyId must not be null")
DataKeyUnderAsymmetricKey = _error(
    "InvalidKeyUsageException", RECORDED, "You cannot generate a data key with an asymmetric CMK"
)
DataKeyPairUnderAsymmetricKey = _error(
    "InvalidKeyUsageException", RECORDED, "You cannot generate a data key pair with an asymmetric CMK"
)
DigestLength = _error("ValidationException", RECORDED, "Digest is invalid length for algorithm {algorithm}.")
MuLength = _error("ValidationException", RECORDED, "External Mu is invalid length for algorithm {algorithm}.")
MessageTypeNotOfAlgorithm = _error(
    "ValidationException", RECORDED, "Message type {message_type} is incompatible with algorithm {algorithm}."
)
MessageTypeNotOfSpec = _error(
    "ValidationException", RECORDED, "Message type {message_type} is incompatible with key spec {spec}."
)
InvalidSignature = _error("KMSInvalidSignatureException", RECORDED)
InvalidMac = _error("KMSInvalidMacException", RECORDED)
# Recorded without a sentence.
PublicKeyNotValid = _error("ValidationException", RECORDED)
# Recorded without a sentence.
NoPublicKey = _error("UnsupportedOperationException", RECORDED)
BytesOrSpec = _error("ValidationException", RECORDED, "Please specify either number of bytes or key spec.")
NumberOfBytesMissing = _error("ValidationException", RECORDED, "NumberOfBytes is required.")
DryRun = _error("DryRunOperationException", RECORDED, "The request would have succeeded, but the DryRun option is set.")
RecipientIncomplete = _error(
    "ValidationException",
    CHOSEN,
    "1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must not be null",
)
# Neither the sentence nor the error of AWS for a bad document was recorded.
AttestationNotValid = _error("ValidationException", CHOSEN, "The attestation document is not valid: {flaw}")

# --- lists --------------------------------------------------------------------------------------------------------
# Recorded without a sentence.
InvalidMarker = _error("InvalidMarkerException", RECORDED)

# --- multi-Region keys --------------------------------------------------------------------------------------------
NotPrimary = _error("UnsupportedOperationException", RECORDED, "{arn} is not a multi-region primary key.")
ReplicaExists = _error(
    "AlreadyExistsException", RECORDED, "You can create only one replica of each primary key in each AWS Region."
)
NotPrimaryToReplace = _error("KMSInvalidStateException", RECORDED, "{arn} is not a multi-Region primary key.")
ReplicaNotValid = _error(
    "UnsupportedOperationException",
    RECORDED,
    "{arn} is a multi-region replica key which is not valid for {operation}.",
)
RegionOfPrimary = _error(
    "ValidationException", RECORDED, "{region} cannot have a replica because it contains the primary."
)
OtherPartition = _error(
    "ValidationException",
    RECORDED,
    "The replica key Region must be in the same AWS partition as the primary key Region.",
)
RegionNotThere = _error(
    "ValidationException",
    RECORDED,
    "Region {region} is not a valid Region or multi-Region keys are not supported in Region {region}.",
)
NoReplicaInRegion = _error("ValidationException", RECORDED, "{id} does not have a replica key in the specified Region.")

# --- rotation -----------------------------------------------------------------------------------------------------
NotRotatable = _error("UnsupportedOperationException", RECORDED)
AutomaticRotationIsNear = _error(
    "ConflictException",
    DOCUMENTED,
    "The request was rejected because an automatic rotation of this key is currently in progress or scheduled to begin "
    "within the next 20 minutes.",
)
NoMaterialPendingRotation = _error(
    "KMSInvalidStateException", RECORDED, "No available key material pending rotation for the key: {arn}."
)
MaterialNotInEveryRegion = _error(
    "KMSInvalidStateException",
    RECORDED,
    "Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.",
)
MaterialsOnlyOfSymmetric = _error(
    "ValidationException", RECORDED, "Input parameter includeKeyMaterial can only be used with symmetric keys."
)
TooManyOnDemandRotations = _error(
    "LimitExceededException",
    RECORDED,
    "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed "
    "for this key: {arn}",
)

# --- imported key material ----------------------------------------------------------------------------------------
NoImportForSpec = _error("ValidationException", RECORDED, "KeySpec {spec} is not supported for Origin EXTERNAL")
WrappingNotValid = _error(
    "ValidationException",
    RECORDED,
    "Wrapping algorithm {algorithm} and wrapping key spec {wrapping_spec} cannot be used to import a {spec} key.",
)
ValidToMissing = _error(
    "ValidationException", RECORDED, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
)
ValidToNotExpected = _error(
    "ValidationException",
    RECORDED,
    "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
)
ValidToPast = _error("ValidationException", RECORDED, "ValidTo must be in the future")
ValidToFar = _error("ValidationException", RECORDED, "ValidTo must be less than 365 days in the future")
# Recorded without a sentence.
InvalidImportToken = _error("InvalidImportTokenException", RECORDED)
ExpiredImportToken = _error(
    "ExpiredImportTokenException",
    DOCUMENTED,
    "The request was rejected because the specified import token is expired. Use GetParametersForImport to get a new "
    "import token and public key, use the new public key to encrypt the key material, and then try the request again.",
)
WrappedLength = _error("ValidationException", RECORDED, "Invalid encrypted key size.")
NoMaterialBefore = _error(
    "IncorrectKeyMaterialException",
    DOCUMENTED,
    "The request was rejected because the key material in the request is, expired, invalid, or does not meet "
    "expectations. For example, it is not the same key material that was previously imported or KMS expected new key "
    "material but the key material being imported is already associated with the KMS key.",
)
OtherMaterialExpected = _error(
    "IncorrectKeyMaterialException",
    RECORDED,
    "Imported key material does not have the expected identifier ({expected}).",
)
MaterialNotNew = _error(
    "IncorrectKeyMaterialException",
    RECORDED,
    "Key material (id: {id}) being imported as NEW_KEY_MATERIAL is already associated with KMS key {arn}.",
)
OnlyOneMaterial = _error(
    "ValidationException", RECORDED, "Input parameter {parameter} cannot be used with {spec} imported keys."
)
IdOfNewMaterial = _error(
    "ValidationException", RECORDED, "Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType."
)
NewMaterialOnReplica = _error(
    "ValidationException",
    RECORDED,
    "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys",
)
DescriptionOnReplica = _error(
    "ValidationException", RECORDED, "Key material description can only be specified on primary Multi-Region keys"
)
AnotherMaterialPending = _error(
    "KMSInvalidStateException",
    RECORDED,
    "New key material (id: {id}) cannot be imported into KMS key {arn}, because another key material (id: {pending}) "
    "is pending rotation.",
)
MaterialNeverImported = _error(
    "ValidationException", RECORDED, "Key material (id: {id}) has never been imported into KMS key {arn}."
)

# --- failures of AWS, which only an injected fault causes ---------------------------------------------
DependencyTimeout = _error(
    "DependencyTimeoutException",
    DOCUMENTED,
    "The system timed out while trying to fulfill the request. You can retry the request.",
)
InternalFailure = _error(
    "KMSInternalException",
    DOCUMENTED,
    "The request was rejected because an internal exception occurred. The request can be retried.",
)
KeyUnavailable = _error(
    "KeyUnavailableException",
    DOCUMENTED,
    "The request was rejected because the specified KMS key was not available. You can retry the request.",
)
Throttled = _error(
    "ThrottlingException",
    RECORDED,
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
)
