"""Fetching models from a hub: the only part of Alcove that uses the network, and only when the person asks.

transfer     one file, resumed, checked and put in place
split_model  the parts of one model as one download
queue        several models at once, paused and resumed, kept over a restart
remote       what the hub knows about a file, and its first bytes
access_token tokens for gated models, in the system's keyring
connection   HTTP; the only module that opens connections
"""
