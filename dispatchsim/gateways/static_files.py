"""Static files: hashed names and compressed copies once collected, plain names before."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

OUR_SCRIPTS = "js/*.js"  # other people's scripts hold things that only look like imports


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash names, also those that our JavaScript modules import from each other.

    A name that was never collected keeps its plain address instead of failing the page.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _every_script, import_patterns = self._js_module_import_aggregation_patterns
        self.patterns = (*self.patterns, (OUR_SCRIPTS, import_patterns))
        super().__init__(*args, **kwargs)

    def stored_name(self, name: str) -> str:
        """Tell the hashed name of a collected file, the plain name of any other."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))
