"""Small translation models, one for a pair of languages, in a process of their own.

models       which are installed, and how to get from one language to another with them
recognising  which files make up a model, by their names
client       the front's side; light, starts its process with the first request
worker       the process; the sole importer of fxtranslate
"""
