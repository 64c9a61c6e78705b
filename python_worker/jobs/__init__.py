"""What child processes do: the `load` of each module returns a `child.work.Work`.

They import none of the worker's services, because a child does not need these in its memory.
"""
