"""What dispatching costs and what it is worth: breakers, overhead, runs through failures, cascades.

`python -m dispatch` runs the rows; each module says what would make its figure lie.
"""
