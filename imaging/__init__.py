"""Pictures, whoever sent them: the one place where foreign points are read. It knows no store, no network, no clock."""
