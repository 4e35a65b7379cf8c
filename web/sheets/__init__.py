"""Paper for letterboxes: the letters and slips that carry a code, as PDF."""
