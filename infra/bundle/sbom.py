"""The bill of materials of a bundle (CycloneDX 1.6), and the same as a list to read."""

import hashlib
import tomllib
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra.bundle.licences import POLICY, Policy, embedded_in, unnamed
from infra.bundle.targets import BundleFailed

_KINDS = {"model": ComponentType.MACHINE_LEARNING_MODEL, "library": ComponentType.LIBRARY}


@dataclass(frozen=True, slots=True)
class Part:
    """A component: where its files lie in the tree, what they are, and the SHA-256 of the wheel or the file."""

    name: str
    version: str | None
    kind: str
    licence: str
    sha256: str
    places: tuple[str, ...]


def parts_of(tree: Path, wheels: Sequence[Path], policy: Policy) -> list[Part]:
    """All components, each with a licence that may be shipped. Raises BundleFailed."""
    if unknown := unnamed(tree, policy):
        raise BundleFailed(f"{unknown[0]} is of no known licence; find it out and add it to {POLICY.name}")
    parts = [_distribution(wheel, policy) for wheel in wheels]
    for entry, files in embedded_in(tree, policy).items():
        places = tuple(file.relative_to(tree).as_posix() for file in files)
        parts.append(Part(entry.name, None, entry.kind, entry.licence, _sha256(files[0]), places))
    for part in parts:
        policy.check(part.name, part.licence)
    return parts


def sbom(parts: Sequence[Part], project: Path, at: int, digest: str) -> str:
    """CycloneDX in JSON; the serial number is made of the digest of the inputs."""
    described = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    root = _component(described["name"], described["version"], ComponentType.APPLICATION, described["license"])
    components = [_component_of(part) for part in parts]
    metadata = BomMetaData(component=root, timestamp=datetime.fromtimestamp(at, UTC))
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:sha256:{digest}")
    bom = Bom(components=components, metadata=metadata, serial_number=serial)
    bom.register_dependency(root, components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def licence_list(parts: Sequence[Part]) -> str:
    """One line for each component, to read."""
    rows = [
        f"{part.name} {part.version or ''}".strip() + f": {part.licence}\n    {', '.join(part.places)}"
        for part in parts
    ]
    head = (
        "What this bundle carries beside Interlede (Apache-2.0), and under which licence (SPDX); NOTICE tells more.\n"
    )
    return head + "\n" + "\n".join(rows) + "\n"


def _distribution(wheel: Path, policy: Policy) -> Part:
    metadata = _metadata(wheel)
    name, version = metadata["Name"], metadata["Version"]
    place = f"{wheel.name.split('-')[0]}-{version}.dist-info/"
    return Part(name, version, "distribution", policy.licence(name, metadata), _sha256(wheel), (place,))


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (n for n in packed.namelist() if n.count("/") == 1 and n.endswith(".dist-info/METADATA"))
        return BytesHeaderParser().parsebytes(packed.read(name))


def _component_of(part: Part) -> Component:
    is_distribution = part.kind == "distribution"
    kind = ComponentType.LIBRARY if is_distribution else _KINDS[part.kind]
    purl = PackageURL("pypi", None, part.name.lower(), part.version) if is_distribution else None
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)]
    return _component(part.name, part.version, kind, part.licence, purl, hashes)


def _component(
    name: str,
    version: str | None,
    kind: ComponentType,
    licence: str,
    purl: PackageURL | None = None,
    hashes: Sequence[HashType] = (),
) -> Component:
    reference = purl.to_string() if purl else f"{kind.value}:{name}"
    return Component(
        name=name,
        version=version,
        type=kind,
        licenses=[LicenseExpression(licence)],
        purl=purl,
        hashes=hashes,
        bom_ref=reference,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
