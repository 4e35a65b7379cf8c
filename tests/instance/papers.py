"""Pictures of papers for tests: nothing but a mark, so that a test sees which one it was shown."""

from instance.pictures import Picture


def paper(mark: str = "un avis d’impôt") -> Picture:
    """As `instance.pictures` draws one."""
    return Picture(big=f"JPEG {mark}".encode(), small=b"", width=10, height=10)
