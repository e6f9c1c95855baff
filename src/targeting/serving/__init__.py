"""Published lists: who is on them, in whose words, and the proof of each."""
