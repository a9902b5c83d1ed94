from email.message import Message

import pytest

from infra.bundle.licences import Policy
from infra.bundle.targets import BundleFailed

POLICY = Policy.read()


def metadata(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "Apache-2.0 AND CNRI-Python"}, "Apache-2.0 AND CNRI-Python"),
        ({"License": "MPL-2.0 AND MIT"}, "MPL-2.0 AND MIT"),
        ({"License": "Apache License, Version 2.0"}, "Apache-2.0"),
        ({"License": "see the file", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
    ],
)
def test_a_licence_is_read_wherever_a_wheel_says_it(fields: dict[str, str], licence: str) -> None:
    assert POLICY.licence("some", metadata(**fields)) == licence


def test_a_licence_that_nobody_can_read_is_asked_for() -> None:
    with pytest.raises(BundleFailed, match=r"some does not say its licence .* add it to licences\.toml"):
        POLICY.licence("some", metadata(License="Do what you want"))


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "LGPL-3.0-only",
        "MIT AND GPL-2.0-or-later",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ],
)
def test_what_would_bind_the_whole_is_refused(licence: str) -> None:
    with pytest.raises(BundleFailed, match=r"some is under .*, which is not shipped"):
        POLICY.check("some", licence)


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("some", "MIT"),
        ("some", "GPL-3.0-only OR BSD-3-Clause"),
        ("some", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("pycountry", "LGPL-2.1-only"),
    ],
)
def test_what_leaves_the_rest_free_is_shipped(name: str, licence: str) -> None:
    POLICY.check(name, licence)


def test_an_allowance_is_for_one_licence() -> None:
    with pytest.raises(BundleFailed, match=r"pycountry is under AGPL-3\.0-only"):
        POLICY.check("pycountry", "AGPL-3.0-only")


def test_a_classifier_of_the_gpl_is_believed_whatever_else_is_said() -> None:
    gpl = metadata(License="MIT", Classifier="License :: OSI Approved :: GNU General Public License v3 (GPLv3)")
    with pytest.raises(BundleFailed, match="what is under the GPL is not shipped"):
        POLICY.licence("some", gpl)
