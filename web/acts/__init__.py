"""What pages and commands both do and no single store's floor can: sessions are arguments, nothing knows a request."""
