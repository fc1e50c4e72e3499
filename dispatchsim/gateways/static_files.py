"""Static files: hashed names and compressed copies once collected, plain names before."""

from typing import ClassVar

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash names, also those that JavaScript modules import from each other.

    A name that was never collected keeps its plain address instead of failing the page.
    """

    support_js_module_import_aggregation: ClassVar[bool] = True

    def stored_name(self, name: str) -> str:
        """Tell the hashed name of a collected file, the plain name of any other."""
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))
