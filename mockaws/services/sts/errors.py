"""The errors of STS: each sentence once, with its source.

The recorded sentences are from answers of AWS in public test suites, issues and guides (LocalStack's snapshots,
Hadoop's S3A guide, Envoy's tests), and from other projects' probes of the real service.
"""

from mockaws.model.errors import CHOSEN, RECORDED
from mockaws.model.service import load

catalogue = _error = load("sts").catalogue()

# --- assuming a role -------------------------------------------------------------------------------------------------
ArnMalformed = _error("ValidationException", RECORDED, "{arn} is invalid")
NotARole = _error("ValidationException", RECORDED, "Request ARN is invalid")
ChainedTooLong = _error(
    "ValidationException",
    RECORDED,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
)
MayNotAssume = _error(
    "AccessDeniedException",
    RECORDED,
    "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}",
)
TooLong = _error(
    "ValidationException",
    RECORDED,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
)
SessionCredentials = _error("AccessDeniedException", RECORDED, "Cannot call GetSessionToken with session credentials")

# --- session policies and tags ---------------------------------------------------------------------------------------
PolicyNotJson = _error("MalformedPolicyDocumentException", RECORDED, "The policy is not in the valid JSON format.")
PolicySyntax = _error("MalformedPolicyDocumentException", RECORDED, "Syntax errors in policy.")
PolicyWithPrincipal = _error(
    "MalformedPolicyDocumentException", RECORDED, "Policy document should not specify a principal."
)
PolicyTooLarge = _error(
    "PackedPolicyTooLargeException",
    RECORDED,
    "Packed policy consumes {percent}% of allotted space, please use smaller policy.",
)
PolicyArnMalformed = _error("ValidationException", CHOSEN, "{arn} is not the ARN of a managed policy")
TooManyPolicyArns = _error("ValidationException", CHOSEN, "A session has at most {limit} managed session policies")
DuplicateTagKeys = _error(
    "InvalidParameterValue", RECORDED, "Duplicate tag keys found. Please note that Tag keys are case insensitive."
)
TransitiveTagMissing = _error(
    "InvalidParameterValue",
    RECORDED,
    "The specified transitive tag key must be included in the requested tags.",
)

# --- web identity tokens ---------------------------------------------------------------------------------------------
NotAJwt = _error(
    "InvalidIdentityTokenException",
    RECORDED,
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
)
ClaimMissing = _error("InvalidIdentityTokenException", CHOSEN, "Missing a required claim: {claim}")
TokenExpired = _error(
    "ExpiredTokenException",
    RECORDED,
    "Token expired: current date/time {now} must be before the expiration date/time {expiry}",
)
MayNotAssumeWithToken = _error(
    "AccessDeniedException", RECORDED, "Not authorized to perform sts:AssumeRoleWithWebIdentity"
)
NoProvider = _error(
    "InvalidIdentityTokenException", RECORDED, "No OpenIDConnect provider found in your account for {issuer}"
)
WrongAudience = _error("InvalidIdentityTokenException", RECORDED, "Incorrect token audience")
ProviderNotThere = _error(
    "InvalidIdentityTokenException",
    CHOSEN,
    "mockaws accepts OpenID Connect ID tokens without a ProviderId; it cannot verify an access token of {provider}",
)

# --- what AWS fails with, and a world only where a fault of it says so -----------------------------------------------
Throttled = _error("ThrottlingException", RECORDED, "Rate exceeded")
