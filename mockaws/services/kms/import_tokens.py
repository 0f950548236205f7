"""Import tokens: the facts that ImportKeyMaterial needs from GetParametersForImport.

A token names the KMS key. It holds the wrapping algorithm, the private half of the wrapping key, and the end of their
validity, sealed with a secret of the account and Region in a blob like a ciphertext's. The form and length of AWS's
tokens show that they are sealed as well.
https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.records.kms import DomainKey
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call

_DOMAIN_KEY = "import-tokens"
_NO_MATERIAL = bytes(symmetric.MATERIAL_NAME_BYTES)
_SEPARATOR = b"\n"


class Parameters(NamedTuple):
    """The algorithm that wraps material, in AWS's words, and the bits and private half of the wrapping key."""

    algorithm: str
    size: str
    private_der: bytes


def seal(call: Call, key: Key, parameters: Parameters, valid_to: float) -> bytes:
    """Return a token of *key*."""
    domain_key = call.lookup(DomainKey, _DOMAIN_KEY)
    if domain_key is None:
        domain_key = DomainKey(
            account=call.account, region=call.region, id=_DOMAIN_KEY, secret=symmetric.new_material()
        )
        call.put(domain_key)
    content = (parameters.algorithm.encode(), parameters.size.encode(), repr(valid_to).encode(), parameters.private_der)
    name = symmetric.KeyName(key.account, key.id, _NO_MATERIAL)
    return symmetric.encrypt(_SEPARATOR.join(content), {}, name=name, secret=domain_key.secret)


def read(call: Call, key: Key, token: bytes) -> Parameters:
    """Return the parameters in *token*.

    Raises InvalidImportTokenException unless it is a token of *key*, and ExpiredImportTokenException after its end.
    """
    domain_key = call.lookup(DomainKey, _DOMAIN_KEY)
    try:
        name = symmetric.key_name(token)
        if domain_key is None or (name.account, name.key_id) != (key.account, key.id):
            raise errors.InvalidImportToken()
        content = symmetric.decrypt(token, {}, domain_key.secret)
    except InvalidCiphertextError:
        raise errors.InvalidImportToken() from None
    algorithm, size, valid_to, private_der = content.split(_SEPARATOR, 3)
    if call.now >= float(valid_to):
        raise errors.ExpiredImportToken()
    return Parameters(algorithm.decode(), size.decode(), private_der)
