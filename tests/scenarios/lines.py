"""What a line of a screenplay may say."""

import re

LINES = []  # (pattern, whether its first group is somebody who is on the stage, function)


def line(pattern):
    """Names the lines of a screenplay that the function carries out; groups of the pattern are its arguments."""
    def keep(function):
        whole = re.compile(pattern.replace('WHO', r'(\S+/\S+(?: \(old\))?)'))
        LINES.append((whole, pattern.startswith('WHO'), function))
        return function
    return keep
