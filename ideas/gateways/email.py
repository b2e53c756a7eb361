"""E-mail through Django's mail settings (EMAIL_URL: SMTP, or files in the demo)."""

import smtplib
from collections.abc import Mapping

from django.core.mail import EmailMessage

from ideas.errors import GatewayError
from ideas.gateways import Rendered


class DjangoEmail:
    """Sends a plain text mail; the key goes into a header of its own and makes the Message-ID."""

    def send(self, *, template: str, variables: Mapping[str, str], rendered: Rendered, address: str, key: str) -> None:
        mail = EmailMessage(
            subject=rendered.subject,
            body=rendered.body,
            to=[address],
            headers={"Message-ID": f"<{key}@golden-ideas>", "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise GatewayError("recipient refused", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError(type(error).__name__) from error
