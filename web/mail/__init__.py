"""Mail: what is written to residents, how it looks, and the one way out through the operator's own relay."""
