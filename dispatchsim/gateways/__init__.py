"""One module for each outside thing: no rules, no models."""
