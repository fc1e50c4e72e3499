"""The filters of the history, and which calls they mean."""

from typing import Any

from django import forms
from django.http import QueryDict

from dispatchsim.domain.conversation import ConversationStatus, EndReason, VoiceProvider
from dispatchsim.domain.freight.verdict import Result
from dispatchsim.domain.guards import Guard
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.history import INLINE, CallFilter, known_labels
from dispatchsim.templatetags.words import result_name

MAX_QUERY = 200  # characters; more is no search
MAX_SHOWN = 30  # characters of what was not understood; enough to see what was meant
STATUSES = {
    "running": ("Running", tuple(status for status in ConversationStatus if not status.is_final)),
    "ended": ("Ended", (ConversationStatus.ENDED,)),
    "failed": ("Failed", (ConversationStatus.FAILED,)),
}
_PROVIDERS = {VoiceProvider.REHEARSAL: "Rehearsal", VoiceProvider.OPENAI: "OpenAI"}


def _choice(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False)


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class HistoryForm(forms.Form):
    """Whatever can be asked of the history. What cannot be understood is left out and said to be, never refused."""

    q = forms.CharField(required=False)
    status = forms.ChoiceField(required=False, choices=[(key, label) for key, (label, _) in STATUSES.items()])
    verdict = forms.ChoiceField(required=False, choices=[(result.value, result_name(result)) for result in Result])
    scenario = _choice("Scenario")
    persona = _choice("Persona")
    provider = _choice("Voice model")
    reason = _choice("End reason")
    guard = _choice("Guard that acted")
    label = _choice("Label")
    since = _day("From")
    until = _day("To")

    def __init__(self, query: QueryDict) -> None:
        cleaned = query.copy()
        cleaned["q"] = " ".join(query.get("q", "").replace("\0", "").split())[:MAX_QUERY]
        super().__init__(cleaned)
        personas = Persona.objects.values_list("slug", "name")
        self._offer("scenario", [*Scenario.objects.values_list("slug", "title"), (INLINE, "Written on the spot")])
        self._offer("persona", [(slug, f"{name} ({slug})") for slug, name in personas])
        self._offer("provider", [(provider.value, words) for provider, words in _PROVIDERS.items()])
        self._offer("reason", [(reason.value, reason.sentence) for reason in EndReason])
        self._offer("guard", [(guard.value, guard.label) for guard in Guard])
        self._offer("label", [(label, label) for label in known_labels()])
        self.is_valid()

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(
            label=self.fields[name].label, required=False, choices=[("", "Any"), *choices]
        )

    def wanted(self) -> CallFilter:
        """Give the calls that are asked for."""
        given: dict[str, Any] = self.cleaned_data
        provider, reason, verdict = given.get("provider"), given.get("reason"), given.get("verdict")
        guard = given.get("guard")
        return CallFilter(
            words=given.get("q", ""),
            statuses=STATUSES[given["status"]][1] if given.get("status") else (),
            scenario=given.get("scenario", ""),
            persona=given.get("persona", ""),
            provider=VoiceProvider(provider) if provider else None,
            end_reason=EndReason(reason) if reason else None,
            guard=Guard(guard) if guard else None,
            verdict=Result(verdict) if verdict else None,
            label=given.get("label", ""),
            since=given.get("since"),
            until=given.get("until"),
        )

    def remarks(self) -> list[str]:
        """Say which filters were left out because they mean nothing, and which leave no call."""
        odd = ", ".join(f"{self[name].label} “{self.data.get(name, '')[:MAX_SHOWN]}”" for name in self.errors)
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        found = [f"Not understood, and left out: {odd}."] if odd else []
        if since and until and since > until:
            found.append("“From” is later than “To”, so no call can match: change one of them.")
        return found

    def fine(self) -> list[forms.BoundField]:
        """List the filters that are folded away until one of them is used."""
        names = ("scenario", "persona", "provider", "reason", "guard", "label", "since", "until")
        return [self[name] for name in names]

    @property
    def fine_count(self) -> int:
        """How many of them are in use."""
        return sum(bool(self.cleaned_data.get(field.name)) for field in self.fine())
