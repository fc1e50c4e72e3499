"""What the content security policy of an answer must say."""

from collections.abc import Mapping

FORBIDDEN = ("'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:", "data:")
MUST_BE = {"default-src": ["'none'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"], "form-action": ["'self'"]}


def read_policy(headers: Mapping[str, str]) -> dict[str, list[str]]:
    """Read the header into sources by directive."""
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def weaknesses(headers: Mapping[str, str]) -> list[str]:
    """Name what an answer lets pass; empty for a strict one."""
    policy = read_policy(headers)
    found = [f"{name} is {policy.get(name)}" for name, sources in MUST_BE.items() if policy.get(name) != sources]
    found += [f"script-src is {policy.get('script-src')}"] if policy.get("script-src") != ["'self'"] else []
    found += [f"style-src is {policy.get('style-src')}"] if policy.get("style-src") != ["'self'"] else []
    found += [
        f"{name} allows {source}"
        for name, sources in policy.items()
        for source in sources
        if source in FORBIDDEN and (name, source) != ("img-src", "data:")
    ]
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("its type may be guessed")
    if headers.get("Referrer-Policy") != "same-origin":
        found.append("its address is told to other sites")
    return found
