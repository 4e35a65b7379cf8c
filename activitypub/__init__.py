"""The language between instances: words, JSON, keys and signatures; no network, no database, no clock."""
