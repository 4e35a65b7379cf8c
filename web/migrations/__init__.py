"""The histories of the two stores, one each, and what their environments share."""
