"""Hostile input: what strangers, members of other shops and broken programs may send.

How many cases each test runs is set by FENLIU_HOSTILE_PERCENT, in percent of the full number: `make test` runs a part
at the same seed, `.ci/run` all of it.
"""
