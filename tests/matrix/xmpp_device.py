"""A device over XMPP: slixmpp, and stanzas as they are, so that nothing is added or taken away by a library's plugin."""

import datetime
import json
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from device import Device, Seen, until
from person import PLUGINS, Person

CLIENT = '{jabber:client}'
CARBONS = '{urn:xmpp:carbons:2}'
FORWARDED = '{urn:xmpp:forward:0}forwarded'
DELAY = '{urn:xmpp:delay}delay'
SID = '{urn:xmpp:sid:0}stanza-id'
RECEIPTS, MARKERS = '{urn:xmpp:receipts}', '{urn:xmpp:chat-markers:0}'
REPLACE = '{urn:xmpp:message-correct:0}replace'
RETRACT, RETRACTED = '{urn:xmpp:message-retract:1}retract', '{urn:xmpp:message-retract:1}retracted'
REACTIONS = '{urn:xmpp:reactions:0}'
REPLY = '{urn:xmpp:reply:0}reply'
OOB = '{jabber:x:oob}'
CONTAINER = '{urn:xmpp:json:0}json'
PUBSUB = '{http://jabber.org/protocol/pubsub#event}'
STATES = '{http://jabber.org/protocol/chatstates}'
TUNE, MDS, NICK = 'http://jabber.org/protocol/tune', 'urn:xmpp:mds:displayed:0', 'http://jabber.org/protocol/nick'
UNKNOWN = '{urn:example:matrix}unknown'
AVATAR = '{vcard-temp:x:update}photo'


class XmppDevice(Device):
    def __init__(self, site, name, wire, resource):
        super().__init__(site, name, wire, resource)
        self.asked = 0
        self.person = None

    async def login(self):
        self.person = Person(self.site, self.name, resource=self.resource,
                             plugins=PLUGINS + ('xep_0060', 'xep_0115', 'xep_0163'))
        self.person['xep_0184'].auto_ack = False
        for tag, take in (('message', self.take), ('presence', self.take_presence), ('iq', self.take_iq)):
            self.person.register_handler(Callback(f'matrix {tag}', MatchXPath(CLIENT + tag), take))
        for node in (TUNE, MDS, NICK):
            self.person['xep_0163'].add_interest(node)
        await self.person.login(presence=False)
        await self.person['xep_0115'].update_caps(broadcast=False)
        await self.iq('set', "<enable xmlns='urn:xmpp:carbons:2'/>")
        await self.iq('get', "<blocklist xmlns='urn:xmpp:blocking'/>")
        await self.person.get_roster()
        self.person.send_presence()
        await until(lambda: any(p['from'] == self.person.boundjid for p in self.person.seen['presence_available']),
                    f'presence of {self}')
        self.here = True

    async def leave(self):
        await self.person.logout()
        self.here = False

    # ---- what it is told ----

    def take(self, stanza):
        seen = self.read(stanza.xml)
        if seen is not None:
            self.seen.append(seen)

    def take_presence(self, stanza):
        kind, bare = stanza.xml.get('type', 'available'), stanza['from'].bare
        if kind in ('available', 'unavailable'):
            self.set_facet(bare, 'status', stanza.xml.findtext(f'{CLIENT}show', 'online') if kind == 'available' else 'offline')
            self.set_facet(bare, 'signature', stanza.xml.findtext(f'{CLIENT}status', ''))
            if (photo := stanza.xml.findtext(f'.//{AVATAR}')) is not None:
                self.set_facet(bare, 'avatar', photo)
        elif kind == 'subscribe':
            self.seen.append(Seen('roster', fields={'op': 'ask', 'jid': bare}))
        else:
            self.seen.append(Seen(f'presence {kind}', author=bare))

    def take_iq(self, stanza):
        if stanza.xml.get('type') != 'set' and stanza.xml.find('{urn:example:matrix}question') is None:
            return
        for item in stanza.xml.findall('{jabber:iq:roster}query/{jabber:iq:roster}item'):
            op = 'del' if item.get('subscription') == 'remove' else 'upd'
            self.seen.append(Seen('roster', fields={'op': op, 'jid': item.get('jid')}))
        for op in ('block', 'unblock'):
            for change in stanza.xml.findall('{urn:xmpp:blocking}' + op):
                self.seen.append(Seen('roster', fields={'op': op, 'jid': '', 'jids': [item.get('jid') for item in change]}))
        if stanza.xml.find('{urn:example:matrix}question') is not None:
            self.seen.append(Seen('iq', author=stanza['from'].bare))
            self.person.send_raw(f"<iq type='result' id={quoteattr(stanza['id'])} to={quoteattr(str(stanza['from']))}/>")

    def read(self, xml, own=False, stamp=None):
        if xml.find('{urn:xmpp:mam:2}result') is not None:
            return None
        for direction in ('sent', 'received'):
            if (copy := xml.find(CARBONS + direction)) is not None:
                return self.read(copy.find(f'{FORWARDED}/{CLIENT}message'), own=direction == 'sent')
        author = xml.get('from', self.bare).split('/')[0]
        seen = Seen('message', author=author, cid=xml.get('id', ''), own=own, raw=xml,
                    ts=milliseconds(stamp or delay_of(xml)))
        for sid in xml.findall(SID):
            if sid.get('by') == self.bare:
                seen.id = sid.get('id')
        if xml.get('type') == 'error':
            seen.what = 'error'
            return seen
        if (event := xml.find(f'{PUBSUB}event')) is not None:
            return self.read_published(author, event)
        self.note_name(seen.cid, seen.id)
        return self.read_meaning(seen, xml)

    def name_of(self, id):
        return self.names.get(id, id)

    def read_published(self, author, event):
        items = event.find(f'{PUBSUB}items')
        node = items.get('node')
        seen = Seen('published', author=author, fields={'node': node}, raw=event)
        if node == TUNE:
            self.set_facet(author, 'listening', items.findtext('.//{%s}title' % TUNE, ''))
            return None
        if node == MDS:
            seen.what = 'read_marker'
            seen.about = tuple(sid.get('id') for sid in items.iter(SID))
        return seen

    def read_meaning(self, seen, xml):
        def about(child, what, **fields):
            seen.what, seen.about, seen.fields = what, (child.get('id'),), fields
            return seen
        if (child := xml.find(RETRACTED)) is not None:
            return about(child, 'withdrawn')
        if (child := xml.find(RETRACT)) is not None:
            return about(child, 'recall')
        if (child := xml.find(f'{REACTIONS}reactions')) is not None:
            return about(child, 'reaction', set=[one.text for one in child.findall(f'{REACTIONS}reaction')])
        if (child := xml.find(f'{RECEIPTS}received')) is not None:
            return about(child, 'receipt', k='delivered')
        if (child := xml.find(f'{MARKERS}displayed')) is not None:
            return about(child, 'receipt', k='read')
        seen.fields = self.content(xml)
        if (child := xml.find(REPLACE)) is not None:
            seen.what, seen.about = 'edit', (child.get('id'),)
        elif xml.find(f'{CLIENT}body') is None and xml.find(CONTAINER) is None and xml.find(UNKNOWN) is None:
            states = [child.tag.removeprefix(STATES) for child in xml if child.tag.startswith(STATES)]
            seen.what, seen.fields = 'typing', {'st': states[0] if states else ElementTree.tostring(xml)}
        return seen

    def content(self, xml):
        want = [word for word, tag in (('delivered', f'{RECEIPTS}request'), ('read', f'{MARKERS}markable'))
                if xml.find(tag) is not None]
        reply, container, unknown = xml.find(REPLY), xml.find(CONTAINER), xml.find(UNKNOWN)
        tagged = {} if container is None else json.loads(container.text)
        keep = not any(xml.find('{urn:xmpp:hints}' + hint) is not None for hint in ('no-store', 'no-permanent-store'))
        return {'body': xml.findtext(f'{CLIENT}body', ''), 'kind': xml.get('type', 'normal'), 'want': tuple(want), 'keep': keep,
                're': '' if reply is None else self.name_of(reply.get('id')), 'app': tagged.get('app', ''),
                'data': tagged.get('data'), 'media': [(x.findtext(f'{OOB}url'), x.findtext(f'{OOB}desc', ''))
                                                      for x in xml.findall(f'{OOB}x')],
                'unknown': None if unknown is None else parts_of(unknown)}

    # ---- what it says ----

    def send(self, to, cid, children, kind='chat'):
        name = f' id={quoteattr(cid)}' if cid else ''
        origin = f"<origin-id xmlns='urn:xmpp:sid:0' id={quoteattr(cid)}/>" if cid else ''
        self.person.send_raw(f'<message to={quoteattr(to + "@localhost")} type={quoteattr(kind)}{name}>{children}{origin}</message>')

    async def say(self, to, cid, body=None, kind='chat', want=(), re=None, media=(), unknown=None, app=None, data=None, keep=True):
        children = '' if body is None else f'<body>{escape(body)}</body>'
        if 'delivered' in want:
            children += "<request xmlns='urn:xmpp:receipts'/>"
        if 'read' in want:
            children += "<markable xmlns='urn:xmpp:chat-markers:0'/>"
        if re:
            children += f"<reply xmlns='urn:xmpp:reply:0' id={quoteattr(re[0])}/>"
        for url, name in media:
            children += f"<x xmlns='jabber:x:oob'><url>{escape(url)}</url><desc>{escape(name)}</desc></x>"
        if app:
            children += f"<json xmlns='urn:xmpp:json:0'>{escape(json.dumps({'app': app, 'data': data}))}</json>"
        if not keep:
            children += "<no-store xmlns='urn:xmpp:hints'/>"
        self.send(to, cid, children + (unknown or ''), kind)

    async def edit(self, to, cid, about, body):
        self.send(to, cid, f"<body>{escape(body)}</body><replace xmlns='urn:xmpp:message-correct:0' id={quoteattr(about)}/>")

    async def recall(self, to, cid, about):
        self.send(to, cid, f"<retract xmlns='urn:xmpp:message-retract:1' id={quoteattr(about)}/><body>taken back</body>"
                           "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>")

    async def react(self, to, cid, about, mine, marks):
        children = ''.join(f'<reaction>{mark}</reaction>' for mark in marks)
        self.send(to, cid, f"<reactions xmlns='urn:xmpp:reactions:0' id={quoteattr(about)}>{children}</reactions>"
                           "<store xmlns='urn:xmpp:hints'/>")

    async def receipt(self, to, k, about):
        child = f"<received xmlns='urn:xmpp:receipts' id={quoteattr(about)}/>" if k == 'delivered' else (
            f"<displayed xmlns='urn:xmpp:chat-markers:0' id={quoteattr(about)}/>")
        self.send(to, '', child + "<store xmlns='urn:xmpp:hints'/>")

    async def typing(self, to, st):
        self.send(to, '', f"<{st} xmlns='http://jabber.org/protocol/chatstates'/>")

    async def read_marker(self, to, about):
        sid = f"<stanza-id xmlns='urn:xmpp:sid:0' by={quoteattr(self.bare)} id={quoteattr(self.ids[about])}/>"
        await self.publish(MDS, f'{to}@localhost', f"<displayed xmlns='{MDS}'>{sid}</displayed>")

    async def be(self, status, signature, listening):
        self.person.send_raw(f'<presence><show>{status}</show><status>{escape(signature)}</status><priority>3</priority>'
                             f'{self.caps()}</presence>')
        await self.publish(TUNE, 'current', f"<tune xmlns='{TUNE}'><title>{escape(listening)}</title></tune>")

    def caps(self):
        caps = self.person.make_presence()
        for child in caps.xml:
            if child.tag == '{http://jabber.org/protocol/caps}c':
                return ElementTree.tostring(child, encoding='unicode')
        return ''

    async def to_group(self, cid):
        self.send('nobodys', cid, '<body>to a group</body>', kind='groupchat')

    async def publish(self, node, item, payload):
        await self.iq('set', f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node={quoteattr(node)}>"
                             f'<item id={quoteattr(item)}>{payload}</item></publish></pubsub>')

    async def show_avatar(self, base64):
        await self.iq('set', f"<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>{base64}</BINVAL></PHOTO></vCard>")

    def probe(self, to):
        self.person.send_raw(f"<presence type='probe' to='{to}@localhost'/>")

    def ask_device(self, to):
        self.person.send_raw(f"<iq type='get' id='question' to={quoteattr(to)}><question xmlns='urn:example:matrix'/></iq>")

    async def iq(self, kind, child):
        iq = self.person.make_iq(ito=self.bare, itype=kind)
        iq.xml.append(ElementTree.fromstring(child))
        return await iq.send(timeout=20)

    async def ask_friendship(self, to):
        self.person.send_presence_subscription(pto=f'{to}@localhost', ptype='subscribe')

    async def accept(self, who):
        self.person.send_presence_subscription(pto=f'{who}@localhost', ptype='subscribed')

    async def block(self, who):
        await self.iq('set', f"<block xmlns='urn:xmpp:blocking'><item jid='{who}@localhost'/></block>")

    async def unblock(self, who):
        await self.iq('set', f"<unblock xmlns='urn:xmpp:blocking'><item jid='{who}@localhost'/></unblock>")

    async def roster(self):
        answer = await self.iq('get', "<query xmlns='jabber:iq:roster'/>")
        return {item.get('jid'): item.get('subscription') for item in answer.xml.iter('{jabber:iq:roster}item')}

    async def history(self, peer):
        """The archive, originals and corrections, folded into rows (XEP-0313, XEP-0308, XEP-0424)."""
        found, rows, after = [], [], ''
        self.asked += 1
        handler = Callback(f'history {self.asked}', MatchXPath(f'{CLIENT}message/{{urn:xmpp:mam:2}}result'),
                           lambda stanza: found.append(stanza.xml.find('{urn:xmpp:mam:2}result')))
        self.person.register_handler(handler)
        while True:
            answer = await self.iq('set', f"""<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>
                <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field><field var='with'>
                <value>{peer}@localhost</value></field></x><set xmlns='http://jabber.org/protocol/rsm'>
                <max>100</max>{after}</set></query>""")
            fin = answer.xml.find('{urn:xmpp:mam:2}fin')
            if fin.get('complete') == 'true':
                break
            after = f"<after>{fin.findtext('.//{http://jabber.org/protocol/rsm}last')}</after>"
        self.person.remove_handler(handler.name)
        for result in found:
            forwarded = result.find(FORWARDED)
            row = self.read(forwarded.find(f'{CLIENT}message'), stamp=forwarded.find(DELAY).get('stamp'))
            row.id = result.get('id')
            row.own = row.author == self.bare
            self.names[row.id] = row.cid
            rows.append(row)
        return fold(rows)


def fold(rows):
    out = []
    for row in rows:
        if row.what in ('message', 'withdrawn'):
            out.append(row)
        elif row.what == 'edit':
            for original in out:
                if original.cid in row.about:
                    original.fields = {**original.fields, 'body': row.fields['body']}
    return out


def parts_of(element):
    """What an element says, however its prefixes are spelt."""
    return element.tag, dict(element.attrib), element.text, [parts_of(child) for child in element], element.tail


def delay_of(xml):
    delay = xml.find(DELAY)
    return None if delay is None else delay.get('stamp')


def milliseconds(stamp):
    """Stamps may be finer than a millisecond; the time is the part before."""
    if stamp is None:
        return 0
    whole, _, fraction = stamp.removesuffix('Z').partition('.')
    seconds = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return int(seconds) * 1000 + int((fraction + '000')[:3])
