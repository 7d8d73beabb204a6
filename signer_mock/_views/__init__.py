"""What a notebook and a terminal show of the mock: HTML views, and the text of reprs.

Nothing here changes anything, or knows more than the records that it is given.
"""
