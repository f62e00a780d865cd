"""A device over MQTT: paho, and the objects of docs/clients/json.md."""

import asyncio
import json

from device import Device, Seen, until
from mqtt_person import V311, V5, Machine


class MqttDevice(Device):
    def __init__(self, site, name, wire, resource):
        super().__init__(site, name, wire, resource)
        self.machine = None

    async def login(self):
        before = len(self.found('sync', st='end'))
        self.machine = Machine(self.site, self.name, client_id=self.resource, keeps=True,
                               version=V5 if self.wire == 'mqtt5' else V311)
        self.machine.client.on_message = lambda client, userdata, message: self.take(message)
        await asyncio.to_thread(self.machine.connect)
        self.here = True
        await until(lambda: len(self.found('sync', st='end')) > before, f'the end of what was missed, at {self}')
        await self.request('friend.list')  # whoever asks for the list is told how it changes

    async def leave(self):
        await asyncio.to_thread(self.machine.leave)
        self.here = False

    def take(self, message):
        self.machine.note(self.machine.seen, message)
        seen = self.read(message.topic, json.loads(message.payload))
        if seen is not None:
            self.seen.append(seen)

    def name_of(self, id):
        return self.names.get(id, id)

    def read(self, topic, o):
        leaf = topic.split('/', 3)[3]
        author = o.get('from', '').split('/')[0]
        if leaf.startswith('presence/'):
            return self.read_presence(author, leaf.partition('/')[2], o)
        seen = Seen(what=leaf, author=author, cid=o.get('cid', ''), id=o.get('id', ''), ts=o.get('ts', 0),
                    own=o.get('dir') == 'out', raw=o)
        if leaf == 'msg':
            return self.read_message(seen, o)
        if leaf == 'rcpt':
            return self.read_receipt(seen, o)
        if leaf == 'roster':
            seen.fields = {'op': o['op'], 'jid': o['item']['jid'] if 'item' in o else '',
                           'jids': [item['jid'] for item in o.get('items', ())]}
        elif leaf == 'res' and o['status'] != 0:
            seen.what, seen.fields = 'error', {'error': o['error']}
        elif leaf == 'res' and seen.cid:
            self.note_name(seen.cid, o['result']['id'])
        elif leaf in ('sync', 'typing', 'dev'):
            seen.fields = {'st': o['st']}
        return seen

    def read_presence(self, author, facet, o):
        self.set_facet(author, facet, o.get({'status': 'st', 'signature': 'text', 'listening': 'name'}[facet]))

    def read_message(self, seen, o):
        self.note_name(seen.cid, seen.id)
        if 'react' in o:
            seen.what, seen.about, seen.fields = 'reaction', (o['react']['id'],), {'set': o['react']['set']}
        elif o.get('recall') == o['id']:
            seen.what = 'withdrawn'
        elif 'recall' in o:
            seen.what, seen.about = 'recall', (o['recall'],)
        else:
            seen.what, seen.fields = 'message', self.content(o)
            if 'edit' in o:
                seen.what, seen.about = 'edit', (o['edit'],)
        return seen

    def content(self, o):
        fields = {'body': o.get('body', ''), 'kind': o.get('kind', 'chat'), 'want': tuple(sorted(o.get('want', ()))),
                  'keep': o.get('keep', True), 're': self.name_of(o.get('re', '')), 'app': o.get('app', ''),
                  'data': o.get('data'), 'media': [(m['url'], m.get('name', '')) for m in o.get('media', ())],
                  'unknown': o.get('x-matrix')}
        return fields

    def read_receipt(self, seen, o):
        if 'ids' not in o:
            seen.what, seen.about = 'read_marker', (o.get('upto', ''),)
        else:
            seen.what, seen.about, seen.fields = 'receipt', tuple(o['ids']), {'k': o['k']}
        return seen

    # ---- what it says ----

    async def publish(self, topic, payload, qos=1):
        await asyncio.to_thread(self.machine.publish, topic, payload, qos)

    def reference(self, cid, mine):
        return f'cid:{cid}' if mine else self.ids[cid]

    async def say(self, to, cid, kind='chat', want=(), re=None, media=(), unknown=None, **members):
        o = {'cid': cid, **members}
        if kind != 'chat':
            o['kind'] = kind
        if want:
            o['want'] = list(want)
        if re:
            o['re'] = self.reference(*re)
        if media:
            o['media'] = [{'url': url, 'name': name} for url, name in media]
        if unknown is not None:
            o['x-matrix'] = unknown
        await self.publish(f'im/u/{to}/msg', o)

    async def edit(self, to, cid, about, body):
        await self.publish(f'im/u/{to}/msg', {'cid': cid, 'edit': f'cid:{about}', 'body': body})

    async def recall(self, to, cid, about):
        await self.publish(f'im/u/{to}/msg', {'cid': cid, 'recall': f'cid:{about}'})

    async def react(self, to, cid, about, mine, marks):
        await self.publish(f'im/u/{to}/msg', {'cid': cid, 'react': {'id': self.reference(about, mine), 'set': marks}})

    async def receipt(self, to, k, about):
        await self.publish(f'im/u/{to}/rcpt', {'k': k, 'ids': [self.ids[about]]})

    async def typing(self, to, st):
        await self.publish(f'im/u/{to}/typing', {'st': st}, 0)

    async def read_marker(self, to, about):
        await self.publish(f'im/u/{to}/rcpt', {'k': 'read', 'upto': self.ids[about], 'quiet': True})

    async def be(self, status, signature, listening):
        me = f'im/u/{self.name}/presence'
        await self.publish(f'{me}/signature', {'text': signature})
        await self.publish(f'{me}/listening', {'kind': 'track', 'name': listening})
        await self.publish(f'{me}/status', {'st': status, 'prio': 3})

    async def to_group(self, cid):
        await self.publish('im/g/nobodys/msg', {'cid': cid, 'body': 'to a group'})

    async def request(self, method, **params):
        answer = await asyncio.to_thread(self.machine.request, method, **params)
        assert answer['status'] == 0, (method, params, answer)
        return answer['result']

    async def ask_friendship(self, to):
        await self.request('friend.add', jid=to)

    async def accept(self, who):
        await self.request('friend.accept', jid=who)

    async def block(self, who):
        await self.request('friend.block', jid=who)

    async def unblock(self, who):
        await self.request('friend.unblock', jid=who)

    async def roster(self):
        return {item['jid']: item['sub'] for item in (await self.request('friend.list'))['items']}

    async def history(self, peer):
        """Rows as Seen: messages with what became of them."""
        rows, before = [], {}
        while True:
            page = await self.request('message.history', conv=f'u:{peer}@localhost', limit=100, **before)
            rows = page['messages'] + rows
            if page['next'] is None:
                return [self.row(o) for o in rows]
            before = {'before': page['next']}

    def row(self, o):
        gone = o.get('recall') == o['id']
        return Seen(what='withdrawn' if gone else 'message', author=o['from'].split('/')[0], cid=o.get('cid', ''), id=o['id'],
                    ts=o['ts'], own=o['dir'] == 'out', fields=self.content(o), raw=o)
