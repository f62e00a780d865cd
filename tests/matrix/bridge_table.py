"""docs/bridging.md as data: {meaning: {wire: (word, text)}}, the word one of native, extension, text, dropped, told."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / 'docs/bridging.md'
WORDS = ('native', 'extension', 'text', 'dropped', 'told')
COLUMNS = {'XMPP': ('xmpp',), 'JSON: MQTT, HTTP': ('mqtt5', 'mqtt311')}


def cells(line):
    return [cell.strip() for cell in line.strip().strip('|').split('|')]


def read():
    lines = [line for line in PAGE.read_text().split('\n') if line.startswith('|')]
    head = cells(lines[0])
    assert head[0] == 'meaning' and set(head[1:]) == set(COLUMNS), f'{PAGE}: unexpected columns {head}'
    table = {}
    for line in lines[2:]:
        row = cells(line)
        assert len(row) == len(head), f'{PAGE}: {line!r} has {len(row)} cells'
        table[row[0]] = {wire: (word_of(text), text) for column, text in zip(head[1:], row[1:]) for wire in COLUMNS[column]}
    return table


def word_of(text):
    word = re.match(r'[a-z]+', text)
    assert word and word[0] in WORDS, f'{PAGE}: {text[:40]!r} begins with none of {WORDS}'
    return word[0]


def drops(table, row, wire):
    return table[row][wire][0] == 'dropped'
