"""What the log must not hold: the key of a form or a photo opens it for whoever reads it."""

import logging
import re

KEY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class MaskKeys(logging.Filter):
    """Takes keys out of every line; Django logs the address of each failed request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = KEY.sub("…", record.getMessage()), ()
        return True
