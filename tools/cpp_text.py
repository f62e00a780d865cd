"""Reads C++ well enough for the checks: what is code, what is comment, where functions and types begin and end."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Comments, raw strings, strings and characters; an apostrophe between digits (10'000) is none of them.
TOKEN = re.compile(
    r'(?P<line>//[^\n]*(?:\\\n[^\n]*)*)'
    r'|(?P<block>/\*.*?\*/)'
    r'|(?P<raw>R"(?P<mark>[^()\s\\"]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<digits>\b[0-9][0-9A-Fa-fxX']*)"
    r"|(?P<char>'(?:\\.|[^'\\\n])+')",
    re.S)

TYPE_HEAD = re.compile(r'^(?:template\s*<.*>\s*)?(?:export\s+|typedef\s+)*(class|struct|union|enum)\b', re.S)
TYPE_NAME = re.compile(r'^(?:template\s*<.*>\s*)?(?:class|struct)\s+(?:\[\[[^\]]*\]\]\s*|alignas\([^)]*\)\s*)*([\w:]+)',
                       re.S)


@dataclass
class Block:
    """A braced piece of code: a function or a type. Lines count from 1; `start` is the line of its first word."""

    kind: str  # "function" | "class" | "struct" | "union" | "enum"
    name: str
    start: int
    end: int
    depth: int  # how many types and functions are around it
    body: str


def blank(text):
    return re.sub(r'[^\n]', ' ', text)


def mask(text):
    """`text` with comments and the insides of literals made blank; every line and column stays where it was."""
    def cover(match):
        if match.group('digits'):
            return match.group(0)
        whole = match.group(0)
        if match.group('line') or match.group('block'):
            return blank(whole)
        return whole[0] + blank(whole[1:-1]) + whole[-1]
    return TOKEN.sub(cover, text)


def comments(text):
    """(line, text) of every line of every comment, without its slashes and stars."""
    for match in TOKEN.finditer(text):
        if match.group('line') or match.group('block'):
            first = text.count('\n', 0, match.start()) + 1
            for at, line in enumerate(match.group(0).split('\n')):
                yield first + at, re.sub(r'^\s*(//+|/\*+|\*+/|\*(?!/))|\*/$', '', line).strip()


def without_preprocessor(masked):
    return re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', lambda m: blank(m.group(0)), masked, flags=re.M)


def matching(code, at):
    """The position of the bracket that closes the one at `at`, or the end."""
    pairs = {'{': '}', '(': ')', '[': ']'}
    opener, closer, depth = code[at], pairs[code[at]], 0
    for match in re.compile('[%s%s]' % (re.escape(opener), re.escape(closer))).finditer(code, at):
        depth += 1 if match.group(0) == opener else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


def is_member_initializer(head):
    """Whether a brace after `head` starts a member's value, as in `Frame::Frame(int n) : size_{n} {}`."""
    tail = head.rsplit(')', 1)[-1] if re.search(r'\)\s*(noexcept\s*)?:(?!:)', head) else ''
    return bool(tail) and bool(re.search(r'[,:]\s*[\w:<>, ]*[\w>]\s*$', tail)) or bool(re.search(r',\s*\w+\s*$', head))


def kind_of(head):
    """What a brace after `head` opens: a kind of Block, "scope" (namespace), "value" or "" (part of a longer head)."""
    if re.match(r'^(inline\s+)?namespace\b', head) or re.match(r'^extern\s*"', head):
        return 'scope'
    found = TYPE_HEAD.match(head)
    plain = re.sub(r'<.*>|\b(alignas|decltype|requires)\s*\([^)]*\)', '', head, flags=re.S)
    if found and not head.endswith('=') and '(' not in plain:
        return found.group(1)
    if is_member_initializer(head):
        return ''
    if '(' in head and not re.search(r'(=|,|\(|return)$', head):
        return 'function'
    return 'value'


def name_of(kind, head):
    if kind == 'function':
        found = re.search(r'([~\w:]+|operator\s*\S+?)\s*\(', re.sub(r'^template\s*<.*?>\s*', '', head, flags=re.S))
    else:
        found = TYPE_NAME.match(head)
    return found.group(1) if found else '(none)'


def blocks(text):
    """Every function and type of a file. A lambda inside a function belongs to that function."""
    code = without_preprocessor(mask(text))
    found = []
    walk(code, 0, len(code), 0, found)
    return found


def walk(code, begin, end, depth, found):
    at = head_at = begin
    while at < end:
        c = code[at]
        if c in '([':
            at = matching(code, at)
        elif c in ';}':
            head_at = at + 1
        elif c == ':' and re.search(r'\b(public|private|protected)\s*$', code[head_at:at]):
            head_at = at + 1
        elif c == '{':
            head_at, at = open_brace(code, head_at, at, depth, found)
        at += 1


def open_brace(code, head_at, at, depth, found):
    close = matching(code, at)
    head = code[head_at:at].strip()
    kind = kind_of(head)
    if kind == '':
        return head_at, close
    if kind not in ('scope', 'value'):
        start = head_at + len(code[head_at:at]) - len(code[head_at:at].lstrip())
        found.append(Block(kind, name_of(kind, head), code.count('\n', 0, start) + 1,
                           code.count('\n', 0, close) + 1, depth, code[at:close + 1]))
    if kind in ('scope', 'class', 'struct', 'union'):
        walk(code, at + 1, close, depth + (kind != 'scope'), found)
    return (head_at, close) if kind == 'value' else (close + 1, close)


def tracked():
    """Every file of the repository that git knows or would take, as paths relative to its root."""
    listed = subprocess.run(
        ['git', '-c', 'safe.directory=*', '-C', str(ROOT), 'ls-files', '-z', '--cached', '--others',
         '--exclude-standard'], capture_output=True, check=True).stdout.decode()
    return sorted(Path(name) for name in listed.split('\0') if name and (ROOT / name).is_file())


def read(path):
    return (ROOT / path).read_text(encoding='utf-8', errors='surrogateescape')


def is_cpp(path):
    return path.suffix in ('.h', '.hpp', '.cpp', '.cc')
