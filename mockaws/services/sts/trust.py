"""Trust policies of roles, if IAM is available. The role also limits the length of its sessions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.services import iam, policies
from mockaws.services.sts import errors

if TYPE_CHECKING:
    from mockaws.arns import Arn
    from mockaws.model.errors import AWSError
    from mockaws.services.iam import Role
    from mockaws.services.operation import Call
    from mockaws.services.sts.web_identity import WebIdentity

# Identity providers that a trust policy may name although IAM has no entity for them:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")


def role_for_caller(call: Call, arn: Arn, session_name: str, external_id: str | None) -> Role | None:
    """Return the role, if it trusts the caller; None if no IAM can confirm the role.

    Raises AccessDeniedException if the role does not trust the caller, and if no such role exists.
    """
    caller = call.caller
    context: dict[str, str | None] = {
        "aws:principalaccount": caller.account,
        "aws:userid": caller.user_id,
        "sts:externalid": external_id,
        "sts:rolesessionname": session_name,
    }
    if ":user/" in caller.arn:  # the ARN of a session omits the path of its role, so the role's ARN is unknown
        context["aws:principalarn"] = caller.arn
    request = policies.PolicyRequest(caller, "sts:AssumeRole", arn.account, context)
    return _trusting_role(call, arn, request, errors.MayNotAssume(caller=caller.arn, role=arn))


def role_for_token(call: Call, arn: Arn, session_name: str, identity: WebIdentity) -> Role | None:
    """Return the role, if it trusts the bearer of a token; None if no IAM can confirm the role.

    Raises AccessDeniedException if the role does not trust the bearer. Raises InvalidIdentityTokenException if the
    role's account has no such provider, or if the provider does not accept the token's audience.
    """
    provider = identity.issuer.removeprefix("https://")
    entity = arn._replace(resource=f"oidc-provider/{provider}")
    context = _claims(provider.lower(), identity) | {"sts:rolesessionname": session_name}
    request = policies.PolicyRequest(
        call.caller, "sts:AssumeRoleWithWebIdentity", arn.account, context, providers=(provider, str(entity))
    )
    role = _trusting_role(call, arn, request, errors.MayNotAssumeWithToken())
    if role is not None and provider not in _BUILT_IN:
        _require_provider(call, entity, identity)
    return role


def _claims(provider: str, identity: WebIdentity) -> dict[str, str | None]:
    return {f"{provider}:aud": identity.audience, f"{provider}:sub": identity.subject}


def _trusting_role(call: Call, arn: Arn, request: policies.PolicyRequest, denied: AWSError) -> Role | None:
    role = iam.role(call, arn)
    if role is None and iam.has_principal(call, arn):
        iam.remember_assumed_role(call, arn)
        return None
    if role is None or not policies.is_allowed(role.trusted, request):
        raise denied
    return role


def _require_provider(call: Call, entity: Arn, identity: WebIdentity) -> None:
    """Require that the role's account has the provider, with the token's audience.

    Raises InvalidIdentityTokenException.
    """
    audiences = iam.audiences(call, entity)
    if audiences is None:
        raise errors.NoProvider(issuer=identity.issuer)
    if identity.audience not in audiences:
        raise errors.WrongAudience()
