"""The processes of an instance: what each becomes, and what starts, watches and wakes them."""
