"""The hatch between home and the federation store: the only modules here that may name the domain."""
