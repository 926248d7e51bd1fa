"""lint: what is wrong or weak in a policy and its book, with the line and what to do about it. May import `analysis`."""
