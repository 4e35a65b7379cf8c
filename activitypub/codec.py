"""The one entrance between JSON and words: strict about bytes, lenient about dialects, and clear about what is wrong.

``load`` takes bytes apart, ``read_*`` make words, ``write`` makes JSON-ready dicts, ``encode`` the bytes that are
stored and sent. A well-formed thing of a type we do not speak reads as ``Unspoken``; anything broken raises Malformed.
The work is done in ``wire`` (strict JSON, single fields), ``reading`` (with ``actors``, ``objects``, ``events``,
``listing_terms`` and ``parts``) and ``writing`` (with ``written``).
"""

from activitypub.listing_terms import read_listing_terms
from activitypub.parts import read_keys
from activitypub.reading import read_activity, read_actor, read_collection, read_object, read_word
from activitypub.wire import LD_JSON, MAX_BYTES, MEDIA_TYPE, Malformed, encode, load
from activitypub.writing import write

__all__ = [
    "LD_JSON",
    "MAX_BYTES",
    "MEDIA_TYPE",
    "Malformed",
    "encode",
    "load",
    "read_activity",
    "read_actor",
    "read_collection",
    "read_keys",
    "read_listing_terms",
    "read_object",
    "read_word",
    "write",
]
