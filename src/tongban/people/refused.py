"""What an act answers when it cannot be done."""


class Refused(ValueError):
    """The act cannot be done as asked; the message (Chinese) says what, why and what to do. Nothing was changed.

    ``fields`` maps a form field to its own message where the fault lies in a field.
    """

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}
