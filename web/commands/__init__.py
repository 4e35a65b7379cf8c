"""The commands of `palier`, one module each, loaded when called."""
