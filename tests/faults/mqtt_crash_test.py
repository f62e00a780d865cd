#!/usr/bin/python3
"""The server is killed in the middle of MQTT's exchanges and started again. Writers and readers keep their part of their sessions, as
MQTT 5 §4.1 has it, and come back. What was acknowledged is there, in order; nothing is there under two ids. A reader's own
acknowledgements are written down later: what it had taken shortly before a crash comes again, and nothing older than that."""

import random
import threading
import time
import unittest
from collections import OrderedDict

from fault_play import Closed, Site
from mqtt_play import PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SESSION_EXPIRY, V5, Device, ack, publish, read_message

KILLS = 3
LATER = 3  # seconds; the server's own delay is one, and the machine may be busy
WINDOW = 40
KEEPS = {'clean': False, 'properties': [(SESSION_EXPIRY, 600)]}


class Client(threading.Thread):
    """Comes back until it is told to stop."""

    def __init__(self, site, listener, name, client_id, version=V5):
        super().__init__(daemon=True)
        self.site, self.listener, self.user, self.client_id, self.version = site, listener, name, client_id, version
        self.stopping = threading.Event()
        self.failure = None
        self.connections = self.resumed = 0

    def run(self):
        try:
            while not self.is_done():
                try:
                    device = Device(self.site.port(self.listener), self.version)
                    device.acks = False
                    try:
                        self.serve(device)
                    finally:
                        device.close()
                except (Closed, OSError, KeyError):
                    time.sleep(0.05)
        except Exception as failure:  # a thread's own end would go unseen
            self.failure = failure

    def serve(self, device):
        present, code = device.login(self.user, self.client_id, **(KEEPS if self.version == V5 else {'clean': False}))
        if code != 0:
            raise Closed(f'refused with {code}')
        self.connections += 1
        self.resumed += present
        self.begin(device, present)
        while not device.over and not self.is_done():
            self.turn(device)


class Writer(Client):
    def __init__(self, site, listener, name, topic, qos, **how):
        super().__init__(site, listener, name, f'{topic}-{qos}'.replace('/', '-'), **how)
        self.topic, self.qos = topic, qos
        self.made = 0
        self.waiting = OrderedDict()  # packet identifier -> [number, whether PUBREC came]
        self.acknowledged = []

    def is_done(self):
        return self.stopping.is_set() and not self.waiting

    def send(self, device, identifier, number, dup):
        name = f'{self.client_id}-{number}'
        payload = {'cid': name, 'body': f'{name} ' + 'long ' * (number % 3 * 300)} if self.listener == 'mqtt' else name
        device.send(publish(self.topic, payload, self.qos, identifier, dup, version=self.version))

    def begin(self, device, present):
        for identifier, (number, released) in list(self.waiting.items()):
            if released:
                device.send(ack(PUBREL, identifier))
            else:
                self.send(device, identifier, number, present)
        self.due = time.monotonic()

    def turn(self, device):
        if time.monotonic() >= self.due and len(self.waiting) < WINDOW and not self.stopping.is_set():
            self.due = time.monotonic() + 0.004
            number, self.made = self.made, self.made + 1
            identifier = number % 60000 + 1
            self.waiting[identifier] = [number, False]
            self.send(device, identifier, number, False)
        one = device.next(0.003)
        while one is not None:
            self.take(device, one)
            one = device.next(0)

    def take(self, device, one):
        identifier = int.from_bytes(one.body[:2], 'big') if one.kind in (PUBACK, PUBREC, PUBCOMP) else 0
        if identifier not in self.waiting:
            return
        if one.kind != PUBCOMP and device.reason(one) >= 0x80:
            raise RuntimeError(f'refused with {device.reason(one):x}')
        exchange = self.waiting[identifier]
        if one.kind != PUBCOMP and not exchange[1]:
            exchange[1] = True
            self.acknowledged.append(f'{self.client_id}-{exchange[0]}')
        if one.kind == PUBREC:
            device.send(ack(PUBREL, identifier))
        else:
            del self.waiting[identifier]


class Reader(Client):
    def __init__(self, site, listener, name, client_id, filters=(), **how):
        super().__init__(site, listener, name, client_id, **how)
        self.filters = filters
        self.log = []      # (name, the server's id or None, when), repeats included
        self.held = set()  # identifiers of QoS 2 between PUBLISH and PUBREL

    def is_done(self):
        return self.stopping.is_set()

    def begin(self, device, present):
        if not present:
            self.held.clear()
        if self.filters and not present:
            device.ask(self.filters, qos=2)

    def turn(self, device):
        one = device.next(0.1)
        if one is not None and one.kind == PUBREL:
            self.held.discard(int.from_bytes(one.body[:2], 'big'))
            device.send(ack(PUBCOMP, int.from_bytes(one.body[:2], 'big')))
        if one is None or one.kind != PUBLISH:
            return
        message = read_message(one, self.version)
        device.messages.clear()
        if message.qos < 2 or message.id not in self.held:
            self.note(message)
        if message.qos == 2:
            self.held.add(message.id)
        if message.qos:
            device.send(ack(PUBACK if message.qos == 1 else PUBREC, message.id))

    def note(self, message):
        if self.listener == 'mqtt_open':
            self.log.append((message.payload.decode(), None, time.monotonic()))
        elif message.topic.endswith('/msg'):
            device = Device.__new__(Device)
            device.messages = [message]
            [row] = device.objects('/msg')
            self.log.append((row['cid'], row['id'], time.monotonic()))


class Crash(unittest.TestCase):
    def play(self, site, writers, readers):
        self.kills = []
        for reader in readers:
            reader.start()
        deadline = time.monotonic() + 10
        while not all(reader.connections for reader in readers) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(random.uniform(0.4, 1.6))
            site.kill()
            self.kills.append(time.monotonic())
            site.start()
        time.sleep(0.7)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(20)
            self.assertFalse(writer.is_alive(), f'{writer.client_id}: {len(writer.waiting)} are never acknowledged')
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not all(self.has_all(writers, reader) for reader in readers):
            time.sleep(0.1)
        time.sleep(0.5)
        for reader in readers:
            reader.stopping.set()
            reader.join(10)
        for client in (*writers, *readers):
            self.assertIsNone(client.failure, client.client_id)
            self.assertGreater(client.resumed, 0, f'{client.client_id}: no session went on')

    @staticmethod
    def has_all(writers, reader):
        came = {name for name, *_ in list(reader.log)}
        return all(name in came for writer in writers for name in writer.acknowledged
                   if not reader.filters or writer.topic in reader.filters)

    def look(self, writers, reader):
        """Nothing lost, in order; nothing again but what was taken shortly before a crash."""
        first, last = OrderedDict(), {}
        for name, identifier, now in reader.log:
            self.assertEqual(first.setdefault(name, identifier), identifier, f'{name} came under two ids')
            if name in last:
                killed = max([at for at in self.kills if at < now], default=None)
                self.assertTrue(killed is not None and last[name] > killed - LATER, f'{name} came again for no reason')
            last[name] = now
        for writer in writers:
            lost = set(writer.acknowledged) - set(first)
            self.assertEqual(sorted(lost)[:5], [], f'{len(lost)} of {writer.client_id} were acknowledged and never came')
            numbers = [int(name.rsplit('-', 1)[1]) for name in first if name.rsplit('-', 1)[0] == writer.client_id]
            self.assertEqual(numbers, sorted(numbers), f'{writer.client_id}: out of order')
        again = len(reader.log) - len(first)
        print(f'{reader.client_id}: {sum(len(w.acknowledged) for w in writers)} acknowledged, {len(first)} came, {again} of them again',
              flush=True)

    def history(self, site, name, peer):
        device = Device(site.port('mqtt'))
        device.login(name, 'historian')
        device.synced()
        cids, before = [], {}
        while True:
            page = device.call('message.history', conv=peer, limit=200, **before)['result']
            cids = [row.get('cid') for row in page['messages']] + cids
            if page['next'] is None:
                device.close()
                return cids
            before = {'before': page['next']}

    def test_people(self):
        with Site(settings={'limits.messages_per_second': 0, 'policy.presence_grace_seconds': 0}) as site:
            for name in ('juliet', 'romeo', 'nurse'):
                site.add_user(name, f'{name}-secret')
            writers = [Writer(site, 'mqtt', 'romeo', 'im/u/juliet/msg', 1), Writer(site, 'mqtt', 'nurse', 'im/u/juliet/msg', 2)]
            readers = [Reader(site, 'mqtt', 'juliet', 'phone'), Reader(site, 'mqtt', 'juliet', 'old', version=4)]
            self.play(site, writers, readers)
            for reader in readers:
                self.look(writers, reader)
            for writer in writers:
                for owner, peer in (('juliet', writer.user), (writer.user, 'juliet')):
                    kept = self.history(site, owner, peer)
                    self.assertEqual(sorted(set(writer.acknowledged) - set(kept))[:5], [], f'not in the history of {owner}')
                    self.assertEqual(len(kept), len(set(kept)), f'doubled in the history of {owner}')
            for reader in readers:  # their places have been kept
                back = Device(site.port('mqtt'), reader.version)
                self.assertEqual(back.login('juliet', reader.client_id, **(KEEPS if reader.version == V5 else {'clean': False})), (True, 0))
                back.synced()
                self.assertEqual(back.objects('/msg'), [])
                back.close()

    def test_topics(self):
        with Site(settings={'mqtt_open.anonymous': True}) as site:
            writers = [Writer(site, 'mqtt_open', None, f'house/{qos}', qos) for qos in (1, 2)]
            readers = [Reader(site, 'mqtt_open', None, f'reader{qos}', [f'house/{qos}']) for qos in (1, 2)]
            self.play(site, writers, readers)
            for writer, reader in zip(writers, readers):
                self.look([writer], reader)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
