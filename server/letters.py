"""The letters that Coverslip sends of its own accord, in plain text."""

from __future__ import annotations

from access.invitations import Letter, NewLink


def password_letter(link: NewLink, address: str) -> Letter:
    """Return the letter that brings somebody a link to choose a password.

    Parameters
    ----------
    link
        Whose it is, and until when it holds.
    address
        The whole address to open.
    """
    until = f"{link.expires_at:%d %B %Y, %H:%M} UTC".lstrip("0")
    if link.is_first:
        subject = "Your account on Coverslip"
        text = "An account on Coverslip waits for you. Choose a password to open it:"
        otherwise = "If you did not expect this, leave the letter; nothing happens without you."
    else:
        subject = "A new password for Coverslip"
        text = "Somebody, probably you, asked for a new password. Choose it here:"
        otherwise = "If it was not you, leave the letter; your password stays as it is."
    body = f"{text}\n\n  {address}\n\nThe link holds until {until}, and once.\n{otherwise}\n"
    return Letter(to=link.email, subject=subject, text=body)
