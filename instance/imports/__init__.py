"""What comes in files: buildings with their lots, addresses (BAN), co-owned residences (RNIC)."""
