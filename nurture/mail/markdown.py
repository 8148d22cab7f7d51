"""A Markdown body as the source of an HTML part and of a plain text part, made once per template.

The body's Jinja has been replaced by marks (marks.py). A statement alone on its line stands between blocks; in and
around lists it stands between items, so that a loop over `- {{ item }}` gives one list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from nurture.mail.marks import LIST_CLOSE, LIST_ITEM, LIST_OPEN, URL_CLOSE, URL_OPEN, Lifted

_BARE_URL: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?')\]*_~]")


@dataclass(frozen=True, slots=True)
class Link:
    """A link or picture of the body, as written. `line` counts from 1 in the body."""

    target: str
    line: int
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """The sources of both parts, marks still in them, and the links."""

    html: str
    text: str
    links: tuple[Link, ...]


@dataclass(slots=True)
class _Node:
    """A token with what is under it. `close` is None for a token that stands alone."""

    token: Token
    children: list[_Node] = field(default_factory=list)
    close: Token | None = None


def convert(lifted: Lifted) -> Body:
    """Both parts of a Markdown body. Raw HTML in it is shown as text; indented code is an ordinary paragraph."""
    markdown = _parser(lifted)
    tokens = markdown.parse(lifted.text)
    links = tuple(_links(tokens))
    roots = _joined(_tree(tokens), lifted)
    flat = list(_flat(roots))
    _buttons(flat)
    html = markdown.renderer.render(flat, markdown.options, {})
    text = "".join(_text(node, 0) for node in roots)
    return Body(html, re.sub(r"\n{3,}", "\n\n", text), links)


def _parser(lifted: Lifted) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Authors indent inside {% if %}, and write "--" above a signature.
    markdown.disable(["code", "lheading"])
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]  # template.py judges links, with a place
    alone = re.compile(rf"(?:{lifted.prefix}s[0-9]+z\s*)+")

    def statement(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
        if not alone.fullmatch(line):
            return False
        if not silent:
            state.line = start + 1
            for found in lifted.mark.finditer(line):
                token = state.push("jinja", "", 0)
                token.content = found[0]
                token.info = lifted.tag_of(int(found[2]))
                token.map = [start, start + 1]
        return True

    following: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown.block.ruler.before("fence", "jinja", statement, following)
    markdown.core.ruler.push("bare_urls", _bare_urls)
    markdown.add_render_rule("jinja", _render_statement)
    return markdown


def _render_statement(
    self: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    return f"{tokens[index].content}\n"


def _bare_urls(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = list(_with_links(block.children))


def _with_links(children: list[Token]) -> Iterator[Token]:
    inside = 0
    for token in children:
        inside += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text" or inside:
            yield token
            continue
        last = 0
        for found in _BARE_URL.finditer(token.content):
            if found.start() > last:
                yield Token("text", "", 0, content=token.content[last : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": found[0]}, markup="autolink")
            yield Token("text", "", 0, content=found[0])
            yield Token("link_close", "a", -1, markup="autolink")
            last = found.end()
        if last < len(token.content):
            yield Token("text", "", 0, content=token.content[last:])


def _links(tokens: list[Token]) -> Iterator[Link]:
    for block in tokens:
        line = block.map[0] + 1 if block.map else 1
        for token in block.children or ():
            if token.type == "link_open":
                yield Link(str(token.attrGet("href") or ""), line)
            elif token.type == "image":
                yield Link(str(token.attrGet("src") or ""), line, picture=True)


def _tree(tokens: list[Token]) -> list[_Node]:
    stack: list[list[_Node]] = [[]]
    for token in tokens:
        if token.nesting == -1:
            stack.pop()
            stack[-1][-1].close = token
            continue
        node = _Node(token)
        stack[-1].append(node)
        if token.nesting == 1:
            stack.append(node.children)
    return stack[0]


def _flat(nodes: list[_Node]) -> Iterator[Token]:
    for node in nodes:
        yield node.token
        yield from _flat(node.children)
        if node.close:
            yield node.close


def _is_list(node: _Node) -> bool:
    return node.token.type in ("bullet_list_open", "ordered_list_open")


def _joined(nodes: list[_Node], lifted: Lifted) -> list[_Node]:
    """Neighbouring lists with statements between and around them as one list."""
    for node in nodes:
        node.children = _joined(node.children, lifted)
    result: list[_Node] = []
    run: list[_Node] = []
    kind: tuple[str, str] | None = None
    for node in nodes:
        statement = node.token.type == "jinja"
        this = (node.token.type, node.token.markup) if _is_list(node) else None
        if run and not statement and (this is None or kind not in (None, this)):
            result.extend(_join_run(run))
            run, kind = [], None
        if statement or this:
            run.append(node)
            kind = this or kind
        else:
            result.append(node)
    return [*result, *_join_run(run)]


def _join_run(run: list[_Node]) -> list[_Node]:
    """Joins the balanced stretches of a run of lists and statements; unbalanced statements stay between them."""
    unmatched, open_at = set(), []
    for index, node in enumerate(run):
        tag = node.token.info
        if node.token.type != "jinja":
            continue
        if tag in ("if", "for"):
            open_at.append(index)
        elif tag in ("endif", "endfor") and open_at:
            open_at.pop()
        elif tag != "set" and not open_at:
            unmatched.add(index)
    unmatched.update(open_at)
    result: list[_Node] = []
    stretch: list[_Node] = []
    for index, node in enumerate(run):
        if index in unmatched:
            result.extend([*_join_stretch(stretch), node])
            stretch = []
        else:
            stretch.append(node)
    return [*result, *_join_stretch(stretch)]


def _join_stretch(stretch: list[_Node]) -> list[_Node]:
    lists = [node for node in stretch if _is_list(node)]
    if not lists or len(lists) == len(stretch):
        return stretch
    tags = [node.token.info if node.token.type == "jinja" else "" for node in stretch]
    if len(lists) == 1 and "for" not in tags:
        return stretch
    if (
        tags[0] == "if"
        and tags[-1] == "endif"
        and tags.count("if") == 1
        and "else" not in tags
        and "elif" not in tags
    ):
        return [stretch[0], *_join_stretch(stretch[1:-1]), stretch[-1]]
    first = lists[0]
    first.token.meta = {**first.token.meta, "joined": True}
    children = [child for node in stretch for child in (node.children if _is_list(node) else [node])]
    return [_Node(first.token, children, first.close)]


def _buttons(tokens: list[Token]) -> None:
    """A paragraph that is nothing but a bold link becomes a button: `class="button"` on both."""
    for index, token in enumerate(tokens):
        if token.type != "inline" or tokens[index - 1].type != "paragraph_open":
            continue
        children = [child for child in token.children or () if child.type != "text" or child.content]
        kinds = [child.type for child in children]
        outside = kinds[:2] == ["strong_open", "link_open"] and kinds[-2:] == ["link_close", "strong_close"]
        if outside and kinds.count("link_open") == 1:
            tokens[index - 1].attrJoin("class", "button")
            children[1].attrJoin("class", "button")
            token.children = children[1:-1]


def _text(node: _Node, depth: int) -> str:
    """One block as plain text. Every block ends with its own empty line."""
    kind = node.token.type
    if kind == "jinja":
        return node.token.content
    if kind in ("paragraph_open", "heading_open"):
        end = "\n" if node.token.hidden else "\n\n"
        return "".join(_inline(child.token) for child in node.children) + end
    if _is_list(node):
        return _list(node, depth)
    if kind == "blockquote_open":
        inner = "".join(_text(child, depth) for child in node.children).strip("\n")
        return "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) + "\n\n"
    if kind == "hr":
        return "-" * 30 + "\n\n"
    if kind in ("fence", "code_block", "html_block"):
        return node.token.content.rstrip("\n") + "\n\n"
    if kind == "table_open":
        return "".join(_row(row) for part in node.children for row in part.children) + "\n"
    if kind == "inline":
        return _inline(node.token)
    return "".join(_text(child, depth) for child in node.children)


def _row(row: _Node) -> str:
    return (
        " | ".join("".join(_inline(child.token) for child in cell.children) for cell in row.children) + "\n"
    )


def _list(node: _Node, depth: int) -> str:
    ordered = node.token.type == "ordered_list_open"
    counted = ordered and bool(node.token.meta.get("joined"))
    number = int(node.token.attrGet("start") or 1)
    parts = []
    for item in node.children:
        if item.token.type == "jinja":
            parts.append(item.token.content)
            continue
        bullet = f"{LIST_ITEM}. " if counted else f"{number}. " if ordered else "- "
        number += 1
        indent = "\n" + " " * (2 if not ordered else 3)
        inner = "".join(_text(child, depth + 1) for child in item.children).strip("\n")
        parts.append(bullet + re.sub(r"\n(?=[^\n])", indent, inner) + "\n")
    body = "".join(parts)
    return (f"{LIST_OPEN}{body}{LIST_CLOSE}" if counted else body) + "\n"


def _inline(inline: Token) -> str:
    """A line of text; a link is written `words <url>`, or only its url when that is what the words say."""
    parts: list[str] = []
    opened: list[tuple[str, int]] = []
    for token in inline.children or ():
        if token.type == "link_open":
            opened.append((str(token.attrGet("href") or ""), len(parts)))
        elif token.type == "link_close" and opened:
            target, since = opened.pop()
            words = "".join(parts[since:]).strip()
            address = f"{URL_OPEN}{target}{URL_CLOSE}"
            if not words or words in (target, target.removeprefix("mailto:")):
                parts[since:] = [address if not words or words == target else words]
            else:
                parts[since:] = [f"{words} <{address}>"]
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type in ("text", "code_inline", "image", "text_special", "html_inline"):
            parts.append(token.content)
    return "".join(parts)
