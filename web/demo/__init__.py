"""The demonstration: two fictional instances side by side on one machine."""
