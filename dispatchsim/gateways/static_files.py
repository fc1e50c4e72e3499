"""Static files: hashed names and compressed copies once collected, plain names before."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

OUR_SCRIPTS = "js/*.js"  # other people's scripts hold things that only look like imports
_DJANGOS = vars(HashedFilesMixin)  # Django's patterns, which its type stubs hide
_every_script, _import_patterns = _DJANGOS["_js_module_import_aggregation_patterns"]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash names, also those that our JavaScript modules import from each other.

    A name that was never collected keeps its plain address instead of failing the page.
    """

    patterns = (*_DJANGOS["patterns"], (OUR_SCRIPTS, _import_patterns))

    def stored_name(self, name: str) -> str:
        """Tell the hashed name of a collected file, the plain name of any other."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))
