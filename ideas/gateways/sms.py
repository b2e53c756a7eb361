"""SMS. Providers differ, so an office names its own class in IDEAS_SMS_GATEWAY. The demo's writes a file."""

import json
import os
from collections.abc import Mapping

from ideas import conf
from ideas.gateways import Rendered


class FileSms:
    """Appends one JSON line per SMS to var/sms.jsonl, what a provider would be sent."""

    def send(self, *, template: str, variables: Mapping[str, str], rendered: Rendered, address: str, key: str) -> None:
        line = {"key": key, "to": address, "template": template, "variables": dict(variables), "text": rendered.body}
        descriptor = os.open(conf.sms_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
