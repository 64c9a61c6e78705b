"""Makes and keeps the folders with third-party packages that the worker runs with, in Node-RED's user directory.

Runs in the plain interpreter that was found, before anything is installed: nothing here may need a third-party package.
"""
