"""A second real S3 server for the tests, which checks signatures: SeaweedFS, as a process of its own."""

from infra.emulator.seaweed import find_weed, seaweed

__all__ = ["find_weed", "seaweed"]
