"""What a screenplay expects of a stanza: attributes and children that must be there, `{any}`, and names for what varies.

A pattern is XML. An attribute or a text in it must be the same in the stanza; `{any}` takes whatever is there, `{none}`
nothing at all; `{name}` takes whatever is there the first time and stands for it from then on, in what is sent as well.
What the pattern does not name may be there or not.
"""

import re
import xml.etree.ElementTree as ElementTree

ROOT = ("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{}</stream:stream>")
NAME = re.compile(r'\{(\w+)\}')


def parse(text):
    """The elements that stand in `text`, read as a client's stream would be."""
    return list(ElementTree.fromstring(ROOT.format(text)))


def show(element):
    text = ElementTree.tostring(element, encoding='unicode')
    return text if len(text) < 600 else text[:600] + '…'


def fill(text, names):
    """What is sent: `{name}` is replaced by what was taken for it."""
    def value(match):
        if match[1] not in names:
            raise ValueError(f'nothing was taken for {match[0]} yet')
        return names[match[1]]
    return NAME.sub(value, text)


def agrees(wanted, found, names):
    """Whether the text `found` (None: not there) is what `wanted` says; takes down what `{name}` stands for."""
    match = NAME.fullmatch(wanted)
    if match and match[1] == 'none':
        return found is None
    if found is None:
        return False
    if match and match[1] not in ('any', 'none'):
        return names.setdefault(match[1], found) == found
    return match is not None or NAME.sub(lambda m: names.get(m[1], m[0]), wanted) == found


def differs(pattern, element, names):
    """None if `element` is as `pattern` says, else how it is not. `names` is changed only in the first case."""
    taken = dict(names)
    fault = compare(pattern, element, taken)
    if fault is None:
        names.update(taken)
    return fault


def compare(pattern, element, names):
    if pattern.tag != element.tag:
        return f'it is {element.tag}, not {pattern.tag}'
    for name, wanted in pattern.attrib.items():
        if not agrees(wanted, element.get(name), names):
            return f'{name} is {element.get(name)!r}, not {wanted!r}'
    text = (pattern.text or '').strip()
    if text and not agrees(text, (element.text or '').strip(), names):
        return f'the text of {element.tag} is {element.text!r}, not {text!r}'
    return compare_children(pattern, element, names)


def compare_children(pattern, element, names):
    left = list(element)
    for child in pattern:
        if (child.text or '').strip() == '{none}':
            if any(other.tag == child.tag for other in left):
                return f'{child.tag} is there'
            continue
        fault = f'there is no {child.tag}'
        for other in left:
            if other.tag == child.tag:
                fault = differs(child, other, names)
                if fault is None:
                    left.remove(other)
                    break
        if fault is not None:
            return fault
    return None
