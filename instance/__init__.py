"""The domain: who lives here and what hangs on the board. Knows neither the web nor the fediverse."""
