"""What the commands share: the terminal's language, their shape, what they print, what they are given."""
