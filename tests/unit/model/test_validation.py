"""Server-side validation of request documents, with AWS's messages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.model.errors import AWSError
from mockaws.model.service import load
from mockaws.model.validation import Input, snake_case

SHAPES: dict[str, dict[str, Any]] = {
    "Request": {
        "type": "structure",
        "required": ["KeyId"],
        "members": {
            name: {"shape": name}
            for name in (
                "KeyId",
                "NumberOfBytes",
                "KeySpec",
                "Alias",
                "Plaintext",
                "Secret",
                "Enabled",
                "ValidTo",
                "GrantTokens",
                "Operations",
                "Tags",
                "Context",
                "Filters",
                "Nested",
                "Big",
            )
        },
    },
    "KeyId": {"type": "string", "min": 1, "max": 5},
    "NumberOfBytes": {"type": "integer", "min": 1, "max": 1024},
    "Big": {"type": "long"},
    "KeySpec": {"type": "string", "enum": ["AES_256", "AES_128"]},
    "Alias": {"type": "string", "min": 1, "pattern": "^alias/[a-z]+$"},
    "Plaintext": {"type": "blob", "min": 1, "max": 4},
    "Secret": {"type": "string", "max": 3, "sensitive": True},
    "Enabled": {"type": "boolean"},
    "ValidTo": {"type": "timestamp"},
    "GrantTokens": {"type": "list", "member": {"shape": "GrantToken"}, "max": 2},
    "GrantToken": {"type": "string", "min": 2, "max": 8},
    "Operations": {"type": "list", "member": {"shape": "KeySpec"}},
    "Tags": {"type": "list", "member": {"shape": "Tag"}, "min": 1},
    "Tag": {
        "type": "structure",
        "required": ["TagKey"],
        "members": {"TagKey": {"shape": "KeyId"}, "TagValue": {"shape": "KeyId"}},
    },
    "Context": {"type": "map", "key": {"shape": "KeyId"}, "value": {"shape": "KeyId"}, "max": 2},
    "Filters": {"type": "map", "key": {"shape": "KeyId"}, "value": {"shape": "GrantTokens"}},
    "Nested": {"type": "structure", "members": {"KeyId": {"shape": "KeyId"}}},
}
CHECK = Input(SHAPES, "Request", load("kms").constraint_error)


def read(**members: Any) -> dict[str, Any]:
    """Return the arguments for a document with *members* and a good KeyId."""
    return CHECK.read({"KeyId": "key"} | members)


def refusal(document: Any) -> tuple[str, str]:
    """Return code and sentence of the error for *document*."""
    with pytest.raises(AWSError) as refused:
        CHECK.read(document)
    return refused.value.code, refused.value.message


def faults(**members: Any) -> list[str]:
    """Return the faults that a document with *members* and a good KeyId has."""
    code, sentence = refusal({"KeyId": "key"} | members)
    assert code == "ValidationException"
    found = re.fullmatch(r"([0-9]+) validation errors? detected: (.*)", sentence, re.DOTALL)
    assert found is not None
    each = found[2].split("; ")
    assert len(each) == int(found[1])
    return each


def test_good_documents() -> None:
    """Members become arguments in snake_case: blobs bytes, timestamps epoch seconds; unknown members are ignored."""
    assert read(
        NumberOfBytes=1024,
        KeySpec="AES_128",
        Alias="alias/a",
        Plaintext="AAH/",
        Enabled=False,
        ValidTo=1507133412.351,
        GrantTokens=["ab"],
        Operations=["AES_256"],
        Tags=[{"TagKey": "a", "Other": 1}],
        Context={"a": "b"},
        Filters={"a": ["bc"]},
        Nested={},
        Other=[None],
    ) == {
        "key_id": "key",
        "number_of_bytes": 1024,
        "key_spec": "AES_128",
        "alias": "alias/a",
        "plaintext": b"\x00\x01\xff",
        "enabled": False,
        "valid_to": 1507133412.351,
        "grant_tokens": ["ab"],
        "operations": ["AES_256"],
        "tags": [{"TagKey": "a"}],
        "context": {"a": "b"},
        "filters": {"a": ["bc"]},
        "nested": {},
    }


def test_null_is_left_out() -> None:
    """A member that is null counts as not given."""
    assert read(KeySpec=None, Tags=[{"TagKey": "a", "TagValue": None}]) == {"key_id": "key", "tags": [{"TagKey": "a"}]}
    assert refusal({"KeyId": None}) == (
        "ValidationException",
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    )


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        (
            {"NumberOfBytes": 0},
            (
                "Value '0' at 'numberOfBytes' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
        (
            {"NumberOfBytes": 1025},
            (
                "Value '1025' at 'numberOfBytes' failed to satisfy constraint: "
                "Member must have value less than or equal to 1024"
            ),
        ),
        (
            {"KeySpec": "HMAC_random"},
            (
                "Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: "
                "Member must satisfy enum value set: [AES_256, AES_128]"
            ),
        ),
        (
            {"KeyId": "longer"},
            "Value 'longer' at 'keyId' failed to satisfy constraint: Member must have length less than or equal to 5",
        ),
        (
            {"KeyId": ""},
            "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            {"Alias": "name"},
            (
                "Value 'name' at 'alias' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ^alias/[a-z]+$"
            ),
        ),
        (
            {"Plaintext": "AAAAAAAA"},
            "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4",
        ),
        (
            {"Secret": "password"},
            "Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 3",
        ),
        (
            {"GrantTokens": ["ab", "x"]},
            (
                "Value '[ab, x]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must have length less than or equal to 8, Member must have length greater than or equal to 2]"
            ),
        ),
        (
            {"GrantTokens": ["ab", "cd", "ef"]},
            (
                "Value '[ab, cd, ef]' at 'grantTokens' failed to satisfy constraint: "
                "Member must have length less than or equal to 2"
            ),
        ),
        (
            {"Operations": ["Encrypt"]},
            (
                "Value '[Encrypt]' at 'operations' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must satisfy enum value set: [AES_256, AES_128]]"
            ),
        ),
        (
            {"Tags": []},
            "Value '[]' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            {"Tags": [{"TagKey": "a"}, {"TagValue": "b"}]},
            "Value null at 'tags.2.member.tagKey' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"Tags": [{"TagKey": "longer"}]},
            (
                "Value 'longer' at 'tags.1.member.tagKey' failed to satisfy constraint: "
                "Member must have length less than or equal to 5"
            ),
        ),
        (
            {"Context": {"longer": "b"}},
            (
                "Value '{longer=b}' at 'context' failed to satisfy constraint: Map keys must satisfy constraint: "
                "[Member must have length less than or equal to 5, Member must have length greater than or equal to 1]"
            ),
        ),
        (
            {"Context": {"a": ""}},
            (
                "Value '{a=}' at 'context' failed to satisfy constraint: Map value must satisfy constraint: "
                "[Member must have length less than or equal to 5, Member must have length greater than or equal to 1]"
            ),
        ),
        (
            {"Context": {"a": "1", "b": "2", "c": "3"}},
            (
                "Value '{a=1, b=2, c=3}' at 'context' failed to satisfy constraint: "
                "Member must have length less than or equal to 2"
            ),
        ),
        (
            {"Filters": {"a": ["x"]}},
            (
                "Value '[x]' at 'filters.a.member' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must have length less than or equal to 8, Member must have length greater than or equal to 2]"
            ),
        ),
        (
            {"Nested": {"KeyId": ""}},
            (
                "Value '' at 'nested.keyId' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"
            ),
        ),
    ],
)
def test_broken_constraints(members: dict[str, Any], fault: str) -> None:
    """Each kind of constraint has a sentence of its own; blobs and secrets are not shown in it."""
    assert faults(**members) == [fault]


def test_all_faults_at_once() -> None:
    """All faults are told in one answer, in the order of the model; the length before the pattern."""
    assert [
        re.sub(" failed to satisfy constraint: ", ": ", fault)
        for fault in faults(NumberOfBytes=0, KeySpec="X", Alias="")
    ] == [
        "Value '0' at 'numberOfBytes': Member must have value greater than or equal to 1",
        "Value 'X' at 'keySpec': Member must satisfy enum value set: [AES_256, AES_128]",
        "Value '' at 'alias': Member must have length greater than or equal to 1",
        "Value '' at 'alias': Member must satisfy regular expression pattern: ^alias/[a-z]+$",
    ]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"KeyId": 1}, "NUMBER_VALUE can not be converted to a String"),
        ({"KeyId": 1.5}, "DECIMAL_VALUE can not be converted to a String"),
        ({"KeyId": True}, "TRUE_VALUE can not be converted to a String"),
        ({"KeyId": False}, "FALSE_VALUE can not be converted to a String"),
        ({"KeyId": []}, "Start of list found where not expected"),
        ({"KeyId": {}}, "Start of structure or map found where not expected."),
        ({"NumberOfBytes": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ({"NumberOfBytes": True}, "TRUE_VALUE can not be converted to an Integer"),
        ({"NumberOfBytes": float("inf")}, "DECIMAL_VALUE can not be converted to an Integer"),
        ({"NumberOfBytes": 1 << 70_000}, "NUMBER_VALUE can not be converted to an Integer"),
        ({"Big": "1"}, "STRING_VALUE can not be converted to a Long"),
        ({"Enabled": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
        ({"Enabled": "true"}, "STRING_VALUE can not be converted to a Boolean"),
        ({"Plaintext": 1}, "NUMBER_VALUE can not be converted to a Blob"),
        ({"Plaintext": "no base64"}, "Expected a base64-encoded string"),
        ({"Plaintext": "AAA"}, "Expected a base64-encoded string"),
        ({"Plaintext": "é==="}, "Expected a base64-encoded string"),
        ({"ValidTo": "2017-10-04"}, "STRING_VALUE can not be converted to a Timestamp"),
        ({"ValidTo": True}, "TRUE_VALUE can not be converted to a Timestamp"),
        ({"ValidTo": float("nan")}, "DECIMAL_VALUE can not be converted to a Timestamp"),
        ({"ValidTo": 1e300}, "DECIMAL_VALUE can not be converted to a Timestamp"),
        ({"ValidTo": 10**400}, "NUMBER_VALUE can not be converted to a Timestamp"),
        ({"GrantTokens": "ab"}, "Expected list or null"),
        ({"GrantTokens": {}}, "Start of structure or map found where not expected."),
        ({"GrantTokens": [1]}, "NUMBER_VALUE can not be converted to a String"),
        ({"GrantTokens": [None]}, "A list must not hold null values"),
        ({"GrantTokens": [1 << 70_000] * 3}, "NUMBER_VALUE can not be converted to a String"),
        ({"Tags": ["a"]}, "Expected null"),
        ({"Tags": [None]}, "A list must not hold null values"),
        ({"Context": "a"}, "Expected map or null"),
        ({"Context": []}, "Start of list found where not expected"),
        ({"Context": {"a": 1}}, "NUMBER_VALUE can not be converted to a String"),
        ({"Context": {"a": None}}, "A map must not hold null values"),
        ({"Context": {1: "a"}}, "NUMBER_VALUE can not be converted to a String"),
        ({"Nested": "a"}, "Expected null"),
        ({"Nested": 1}, "Expected null"),
        ({"Nested": []}, "Start of list found where not expected"),
    ],
)
def test_wrong_types(members: dict[str, Any], sentence: str) -> None:
    """A value of a wrong type cannot be read: SerializationException, before any constraint is looked at."""
    assert refusal({"KeyId": "key", "KeySpec": "wrong"} | members) == ("SerializationException", sentence)


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_documents_that_are_no_structures(document: Any) -> None:
    """A request's document is a structure."""
    assert refusal(document)[0] == "SerializationException"


def test_the_member_of_a_wrong_type() -> None:
    """AWS's parser writes the member of its sentence with a capital letter, and AWS's validator does not."""
    with pytest.raises(AWSError) as refused:
        read(KeyId=1)
    assert refused.value.member == "Message"
    with pytest.raises(AWSError) as refused:
        read(KeyId="")
    assert refused.value.member == "message"


def test_numbers_with_a_fraction() -> None:
    """AWS drops the fraction of a number where it wants an integer."""
    assert read(NumberOfBytes=32.0)["number_of_bytes"] == 32
    assert read(NumberOfBytes=32.9)["number_of_bytes"] == 32


@pytest.mark.parametrize("number", [10**12, -(2**63)])
def test_numbers_beyond_an_integer(number: int) -> None:
    """A number that is too large for its bounds is a broken constraint, however large."""
    assert faults(NumberOfBytes=number)[0].startswith(f"Value '{number}' at 'numberOfBytes'")


def test_moments() -> None:
    """A timestamp may be a whole number, and the CBOR decoder hands in a datetime."""
    assert read(ValidTo=1507133412)["valid_to"] == 1507133412.0
    assert read(ValidTo=datetime(2017, 10, 4, 16, 10, 12, tzinfo=UTC))["valid_to"] == 1507133412.0


def test_bytes_are_blobs() -> None:
    """CBOR has blobs of its own, which are not base64."""
    assert read(Plaintext=b"AAA")["plaintext"] == b"AAA"


def test_half_a_surrogate_pair() -> None:
    r"""JSON can escape half a surrogate pair, which is no text (`"\ud800"`): a question mark stands for it."""
    assert read(KeyId="a\ud800b") == {"key_id": "a?b"}
    assert read(Context={"a\udfff": "\ud800"}) == {"key_id": "key", "context": {"a?": "?"}}


def test_lengths_are_counted_in_characters() -> None:
    """A length counts characters, not bytes and not UTF-16 units: recorded for role ARNs of STS."""
    assert read(KeyId="😀" * 5)["key_id"] == "😀" * 5
    assert len(faults(KeyId="😀" * 6)) == 1


def test_ids_that_are_excused() -> None:
    """An id that a fixture defines may break its pattern, and nothing else."""
    document = {"KeyId": "key", "Alias": "irregular"}
    assert CHECK.read(document, {"irregular"})["alias"] == "irregular"
    with pytest.raises(AWSError, match="regular expression"):
        CHECK.read(document, {"irregula"})
    with pytest.raises(AWSError, match=r"^ValidationException: 1 validation error detected: Value 'longer' at 'keyId'"):
        CHECK.read({"KeyId": "longer", "Alias": "irregular"}, {"irregular", "longer"})


def test_no_input_at_all() -> None:
    """An operation without an input shape takes whatever is sent."""
    assert Input(SHAPES, None, load("kms").constraint_error).read({"KeyId": 1}) == {}


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("KeyId", "key_id"),
        ("XksProxyUriPath", "xks_proxy_uri_path"),
        ("CloudHsmClusterId", "cloud_hsm_cluster_id"),
        ("KMSKey", "kms_key"),
        ("arn", "arn"),
    ],
)
def test_python_names(member: str, name: str) -> None:
    """The Python name of a member is its snake_case."""
    assert snake_case(member) == name


@pytest.mark.parametrize("service", ["kms", "cloudhsmv2", "sts"])
def test_every_input_of_aws_compiles(service: str) -> None:
    """The shapes of all operations can be compiled, patterns in Java's dialect among them."""
    for operation in load(service).operations.values():
        assert isinstance(operation.input, Input)


@pytest.mark.parametrize("letters", ["Größe", "大小", "٣٤", "a b", "a\u00a0b", "k_.:/=+-@"])
def test_patterns_with_unicode_categories(letters: str) -> None:
    r"""In a pattern with `\p{L}`, `\p{N}` or `\p{Z}`, letters, digits and spaces of all scripts match."""
    tags = load("cloudhsmv2").operations["TagResource"].input
    document = {"ResourceId": "cluster-abcdefghijk", "TagList": [{"Key": letters, "Value": letters}]}
    assert tags.read(document)["tag_list"] == document["TagList"]
    with pytest.raises(AWSError, match="regular expression pattern"):
        tags.read(document | {"TagList": [{"Key": letters + "<", "Value": ""}]})


def test_patterns_without_unicode_categories() -> None:
    r"""In Java `\w` and `\d` are ASCII, and a pattern must match to the end, a newline included."""
    roles = load("sts").operations["AssumeRole"].input
    document = {"RoleArn": "arn:aws:iam::111122223333:role/x", "RoleSessionName": "Größe"}
    for name in ("Größe", "name\n", "٣٣"):
        with pytest.raises(AWSError, match=r"at 'roleSessionName' failed .* regular expression pattern"):
            roles.read(document | {"RoleSessionName": name})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(list(SHAPES)), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(list(SHAPES["Request"]["members"])), values) | values)
def test_any_document(document: Any) -> None:
    """Whatever is sent is either read, or refused with one of the two errors."""
    try:
        assert isinstance(CHECK.read(document), dict)
    except AWSError as refused:
        assert refused.code in {"SerializationException", "ValidationException"}  # noqa: PT017
        assert refused.message.encode()  # noqa: PT017
