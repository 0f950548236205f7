"""Whom a role lets in, where IAM is there to tell: its trust policy decides, and how long a session may be.

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

# The providers that a trust policy names without an entity in IAM:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")


def of_caller(call: Call, arn: Arn, session_name: str, external_id: str | None) -> Role | None:
    """Return the role that lets the caller in; None for one that is taken at its word, as IAM cannot be asked.

    Raises AccessDeniedException, also where there is no such role.
    """
    caller = call.caller
    context: dict[str, str | None] = {
        "aws:principalaccount": caller.account,
        "aws:userid": caller.user_id,
        "sts:externalid": external_id,
        "sts:rolesessionname": session_name,
    }
    if ":user/" in caller.arn:  # the ARN of a role is not told by its sessions, which leave out its path
        context["aws:principalarn"] = caller.arn
    asked = policies.Asked(caller, "sts:AssumeRole", arn.account, context)
    return _trusting(call, arn, asked, errors.MayNotAssume(caller=caller.arn, role=arn))


def of_bearer(call: Call, arn: Arn, session_name: str, identity: WebIdentity) -> Role | None:
    """Return the role that lets the bearer of a token in; None for one that is taken at its word.

    Raises AccessDeniedException, InvalidIdentityTokenException.
    """
    provider = identity.issuer.removeprefix("https://")
    entity = arn._replace(resource=f"oidc-provider/{provider}")
    context = _claims(provider.lower(), identity) | {"sts:rolesessionname": session_name}
    asked = policies.Asked(
        call.caller, "sts:AssumeRoleWithWebIdentity", arn.account, context, providers=(provider, str(entity))
    )
    role = _trusting(call, arn, asked, errors.MayNotAssumeWithToken())
    if role is not None and provider not in _BUILT_IN:
        _check_provider(call, entity, identity)
    return role


def _claims(provider: str, identity: WebIdentity) -> dict[str, str | None]:
    return {f"{provider}:aud": identity.audience, f"{provider}:sub": identity.subject}


def _trusting(call: Call, arn: Arn, asked: policies.Asked, denied: AWSError) -> Role | None:
    role = iam.role(call, arn)
    if role is None and iam.exists(call, arn):
        iam.believe(call, arn)
        return None
    if role is None or not policies.allow(role.trusted, asked):
        raise denied
    return role


def _check_provider(call: Call, entity: Arn, identity: WebIdentity) -> None:
    """A provider is an entity of the role's account, which says for whom its tokens may be."""
    audiences = iam.audiences(call, entity)
    if audiences is None:
        raise errors.NoProvider(issuer=identity.issuer)
    if identity.audience not in audiences:
        raise errors.WrongAudience()
