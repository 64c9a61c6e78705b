"""Work that may crash, hang or take too much memory, in a process of its own.

The worker's side: `supervisor` (when a process begins and ends), `calls` (what waits, what is tried again), `process`
(one of them, from its start to its end), `endings` (why it ended, in words), `memory`. The child's: `start`, `work`.
Both sides: `frames`. What a child does is the function `load` of a module, see `work.Work`; `jobs` has those modules.

Why no library: in `concurrent.futures` and loky, one crash fails all waiting calls, and nothing ends a call that takes
too long. pebble ends it, but needs a process for each concurrent call, each with its own models in memory. None of them
ends a process that is stuck in native code when its parent is killed.
"""
