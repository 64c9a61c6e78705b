"""Known plates: lists of entries, what a reading is on them, and the files that lists are kept in.

- `entry`: one entry, from what people write; `validity`: when it counts.
- `table`: lists as CSV and JSON.
- `reading`: the plates in a result of a recognizer.
- `plates`: the entries, searched; `decide`: what a reading is, and why.
- `learnt`: a list that messages change, in a file; `watched`: a file that others change.
- `changes`: which entries a message adds or removes.
"""
