"""What does a week look like? The review as one self-contained page: words, numbers that unfold, and pictures."""

from daemon.page.contents import contents, in_mail
from daemon.page.document import document, index

__all__ = ["contents", "document", "in_mail", "index"]
