"""Hearing: words out of the audio received, by pocketsphinx and a language model of freight calls."""
