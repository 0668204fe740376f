//! What a state folder promises when a process dies while it writes, or somebody edits it.
