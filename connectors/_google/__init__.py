"""Everything that speaks with Google, shared by the account of kind ``google`` only."""
