"""Runs the bundle as on Lambda, without AWS: functions behind an HTTP API and a queue."""
