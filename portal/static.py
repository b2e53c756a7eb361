"""Static files with names that browsers may keep for ever; where they were never collected, pages work all the same."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStatic(CompressedManifestStaticFilesStorage):
    """A file that was not collected goes by its plain name instead of ending the page; /readyz says so."""

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name
