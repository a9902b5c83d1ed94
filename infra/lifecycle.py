"""The lifecycle rules of a result bucket, for `aws s3api put-bucket-lifecycle-configuration`.

`python -m infra.lifecycle [PREFIX]`, with the prefix of INTERLEDE_RESULTS=s3://bucket/prefix.
"""

import json
import sys
from typing import Any

from services.adapters.aws import folder
from services.retention import RETENTION


def rules(prefix: str = "") -> dict[str, Any]:
    """A rule for each kind of key that expires (Amazon S3 user guide, "Lifecycle configuration elements")."""
    below = folder(prefix)
    return {
        "Rules": [
            {
                "ID": f"{below}{kind}",
                "Status": "Enabled",
                "Filter": {"Prefix": f"{below}{kind}/"},
                "Expiration": {"Days": age.days},
            }
            for kind, age in RETENTION.items()
        ]
    }


if __name__ == "__main__":
    print(json.dumps(rules(*sys.argv[1:2]), indent=2))
