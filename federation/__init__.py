"""Between instances: whom we trust, what may leave, what may come in."""
