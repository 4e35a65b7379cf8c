"""View data: frozen records that pages make from rows for one reader, so that a template never meets a row."""
