"""One mail to a mail server (RFC 5321), over TLS as the settings say."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.watch.base import Misconfigured, NotDelivered, Undeliverable
from sekisho.watch.channel import deadline, trust
from sekisho.watch.targets import Security
from sekisho.watch.wording import one_line

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Submission:
    """A mail server. `timeout` bounds each step, four times that the whole, in seconds.

    With `security` other than `none` nothing is said before the channel is encrypted and the server's
    certificate verified; a login is never sent without.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 10.0
    ca_file: str | None = None

    def send(self, sender: str, recipients: Sequence[str], message: bytes) -> None:
        """Hand a mail over; when this returns the server answers for every recipient.

        Raises NotDelivered, Misconfigured or Undeliverable.
        """
        if self.security == "none" and self.user is not None:
            raise Misconfigured("a login is only sent over TLS")
        try:
            refused = self._send(sender, recipients, message)
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(f"{self.host}: {error.verify_message}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Misconfigured(f"{self.host}: {error}") from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            text = f"{self.host} takes no mail for {_refusals(error.recipients)}"
            raise (NotDelivered if min(codes) < 500 else Misconfigured)(text) from error
        except smtplib.SMTPDataError as error:
            text = f"{self.host}: {error.smtp_code} {_said(error.smtp_error)}"
            raise (NotDelivered if error.smtp_code < 500 else Undeliverable)(text) from error
        except smtplib.SMTPResponseException as error:
            text = f"{self.host}: {error.smtp_code} {_said(error.smtp_error)}"
            raise (NotDelivered if error.smtp_code < 500 else Misconfigured)(text) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(f"{self.host}: {one_line(str(error), _SHOWN)}") from error
        if refused:
            # Said as a failure that is not repeated: the others have it.
            raise Undeliverable(
                f"{self.host} takes no mail for {_refusals(refused)}; the others have it"
            )

    def _send(
        self, sender: str, recipients: Sequence[str], message: bytes
    ) -> dict[str, tuple[int, bytes]]:
        context = trust(self.ca_file)
        name = socket.gethostname() or "localhost"
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=name, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(local_hostname=name, timeout=self.timeout)
        # Verifying needs the name, which smtplib takes from its constructor when that connects at once.
        server._host = self.host  # type: ignore[attr-defined]
        with deadline(lambda: server.sock, 4 * self.timeout):
            try:
                code, said = server.connect(self.host, self.port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, said)
                if self.security == "starttls":
                    server.starttls(context=context)
                if self.user is not None:
                    server.login(self.user, self.password or "")
                refused = server.sendmail(sender, list(recipients), message)
            except BaseException:
                server.close()
                raise
            # The mail is taken: a server that then fails to say goodbye changes nothing.
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()
        return refused


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(text, _SHOWN)


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{who} ({code} {_said(said)})" for who, (code, said) in refused.items())
