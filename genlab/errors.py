"""The one family of errors whose text is meant for the person in front of the screen."""


class GenlabError(Exception):
    """Something the user can understand and act upon.

    The message is one or two plain sentences: what is wrong, and what to do about it. Pages and the
    command line show it as it is; any other exception is a fault of the program and keeps its traceback.
    """
