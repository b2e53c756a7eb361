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
        except UnicodeError as error:  # an address that no server takes, today or tomorrow
            raise GatewayError("address cannot be written", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError(_reason(error), permanent=_is_final(error)) from error


def _codes(error: Exception) -> list[int]:
    """What the server answered: one code, or one for each recipient; none where the line broke or was never there."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_final(error: Exception) -> bool:
    """RFC 5321: 4xx asks to try again, wherever it was said; 5xx does not. A wrong password is the office's to mend."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False
    codes = _codes(error)
    return bool(codes) and all(500 <= code <= 599 for code in codes)


def _reason(error: Exception) -> str:
    """For the admin: no words of the server, which may quote the address."""
    codes = ", ".join(map(str, _codes(error)))
    return f"{type(error).__name__} {codes}".strip()
