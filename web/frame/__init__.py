"""What every page stands in: the request, who reads, the language, the words and drawings."""
