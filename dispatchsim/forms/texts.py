"""A text field that keeps what is too long, and says so."""

from typing import Any, ClassVar

from django import forms


class WholeText(forms.CharField):
    """A text that is said to be too long, where a browser would cut what is pasted."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": "At most %(limit_value)d characters; these are %(show_value)d."
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Give the widget's attributes, without the length at which it would cut."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
