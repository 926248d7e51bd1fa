"""treasurer: an autonomous, crypto-native agent framework that judges the bytes to be signed, not the words of a model."""
