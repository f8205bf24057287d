"""What people can ask for: one file per command, one grammar and one dispatch for all fronts.

A module here that defines a ``Command`` with a name adds it, as do the entry points
``stylenet.commands`` of installed packages. Help, Discord's forms and the page are built from them.
"""
