"""What a text is on its page: the story itself, or something that stands beside it."""

from enum import StrEnum


class Role(StrEnum):
    """The part that a block of HTML or Markdown plays."""

    BODY = "body"
    TITLE = "title"  # h1
    HEADING = "heading"
    CAPTION = "caption"
    LIST = "list"
    TABLE = "table"
    QUOTE = "quote"
    BYLINE = "byline"  # who wrote it, where and when
    ASIDE = "aside"  # navigation, footers, sidebars, forms, footnotes
    ATTRIBUTE = "attribute"  # alt texts, titles of links, metadata
