#!/usr/bin/python3
"""The server is killed ten times under load and started again on the same data. What it acknowledged is kept, once, and
in each sender's order.

Senders talk to one recipient over plain sockets (raw_client). A message counts as acknowledged once stream management's
<a/> covers it; what is not acknowledged when the line breaks is sent again, in order, with its origin-id. The recipient's
device comes back after each crash and takes what waits. In the end:
  - every acknowledged message is among what the recipient received;
  - no message came under two stanza-ids (a repeat of one that was already delivered carries the same stanza-id);
  - of each sender, messages came in the order in which they were sent;
  - where the server keeps an archive (XEP-0313), each message stands in it exactly once.
"""

import argparse
import random
import sys
import threading
import time
from collections import deque

from dev_site import PEER, Site
from raw_client import CLIENT, SM, Closed, RawClient

STANZA_ID = '{urn:xmpp:sid:0}stanza-id'
ORIGIN_ID = '{urn:xmpp:sid:0}origin-id'
MAM = '{urn:xmpp:mam:2}'
RSM = '{http://jabber.org/protocol/rsm}'
FORWARDED = '{urn:xmpp:forward:0}'
RECIPIENT = 'juliet'
WINDOW = 40  # messages that a sender has under way
TEXTS = ('short', 'with <angle> & "quotes"', '你好，世界 👍', 'long ' * 400)


class Sender(threading.Thread):
    """Sends until told to stop, over as many connections as it takes; then only what is not acknowledged yet."""

    def __init__(self, site, name, per_second):
        super().__init__(daemon=True)
        self.site, self.user, self.pause = site, name, 1 / per_second
        self.made = 0
        self.waiting = deque()  # not acknowledged, in order
        self.acknowledged = []
        self.stopping = threading.Event()
        self.connections = 0
        self.failure = None

    def run(self):
        try:
            while not (self.stopping.is_set() and not self.waiting):
                try:
                    self.serve_connection()
                except (Closed, KeyError):
                    time.sleep(0.05)
        except Exception as failure:  # a thread's own end would go unseen
            self.failure = failure

    def serve_connection(self):
        client = RawClient(self.site.port('xmpp'))
        try:
            client.login(self.user, f'{self.user}-secret', f'{self.user}-desk')
            client.enable_acks()
            self.connections += 1
            self.under_way = deque()  # sent on this connection, not acknowledged
            self.counted = 0  # the server's h
            for number in list(self.waiting):
                self.send(client, number)
            self.talk(client)
        finally:
            client.close()

    def send(self, client, number):
        identifier = f'{self.user}-{number}'
        text = TEXTS[number % len(TEXTS)].replace('&', '&amp;').replace('<', '&lt;')
        self.under_way.append(number)
        client.send(f"<message type='chat' to='{RECIPIENT}@localhost' id='{identifier}'><body>{number} {text}</body>"
                    f"<origin-id xmlns='urn:xmpp:sid:0' id='{identifier}'/></message><r xmlns='{SM[1:-1]}'/>")

    def talk(self, client):
        due = time.monotonic()
        while self.waiting or not self.stopping.is_set():
            if time.monotonic() >= due and len(self.waiting) < WINDOW and not self.stopping.is_set():
                due = time.monotonic() + self.pause
                self.waiting.append(self.made)
                self.made += 1
                self.send(client, self.waiting[-1])
            element = client.next(max(due - time.monotonic(), 0.001))
            while element is not None:
                self.take(client, element)
                element = client.next(0)

    def take(self, client, element):
        if element.tag == SM + 'r':
            client.acknowledge()
        elif element.tag == SM + 'a':
            covered = (int(element.get('h')) - self.counted) % 2**32
            self.counted += covered
            for _ in range(covered):
                number = self.under_way.popleft()
                assert number == self.waiting.popleft()
                self.acknowledged.append(number)
        elif element.tag == CLIENT + 'message' and element.get('type') == 'error':
            raise RuntimeError(f'{self.user}: {element.get("id")} was refused')


class Recipient(threading.Thread):
    """The recipient's device: comes back after every break, acknowledges what it took, keeps the log of it."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site = site
        self.log = []  # (origin-id, stanza-id) in the order of arrival, repeats included
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.stopping.is_set():
                try:
                    self.serve_connection()
                except (Closed, KeyError):
                    time.sleep(0.05)
        except Exception as failure:
            self.failure = failure

    def serve_connection(self):
        client = RawClient(self.site.port('xmpp'))
        try:
            client.login(RECIPIENT, f'{RECIPIENT}-secret', 'desk')
            client.enable_acks()
            client.send('<presence/>')
            while not self.stopping.is_set():
                element = client.next(0.2)
                if element is not None and element.tag == CLIENT + 'message':
                    self.note(element)
                elif element is not None and element.tag == SM + 'r':
                    client.acknowledge()
            client.acknowledge()
        finally:
            client.close()

    def note(self, message):
        if message.find(CLIENT + 'body') is not None:
            origin, stanza = message.find(ORIGIN_ID), message.find(STANZA_ID)
            origin = origin.get('id') if origin is not None else message.get('id')
            self.log.append((origin, stanza.get('id') if stanza is not None else None))


def read_archive(site):
    """The origin-ids of everything in the recipient's archive, or None where there is no archive (XEP-0313)."""
    client = RawClient(site.port('xmpp'))
    client.login(RECIPIENT, f'{RECIPIENT}-secret', 'reader')
    info = client.request('get', "<query xmlns='http://jabber.org/protocol/disco#info'/>", f'{RECIPIENT}@localhost')
    if not any(element.get('var') == MAM[1:-1] for element in info.iter()):
        return None
    found, after, complete = [], '', False
    while not complete:
        client.send(f"<iq type='set' id='mam'><query xmlns='{MAM[1:-1]}'><set xmlns='{RSM[1:-1]}'><max>100</max>{after}"
                    "</set></query></iq>")
        while True:
            element = client.expect(CLIENT + 'message', CLIENT + 'iq')
            if element.tag == CLIENT + 'iq':
                break
            inner = element.find(f'{MAM}result/{FORWARDED}forwarded/{CLIENT}message')
            if inner is not None and inner.find(CLIENT + 'body') is not None:
                origin = inner.find(ORIGIN_ID)
                found.append(origin.get('id') if origin is not None else inner.get('id'))
        fin = element.find(MAM + 'fin')
        last = fin.find(f'{RSM}set/{RSM}last')
        complete = fin.get('complete') == 'true' or last is None
        after = f'<after>{last.text}</after>' if last is not None else ''
    client.close()
    return found


def faults(senders, recipient, archive):
    """What is wrong with the outcome, as sentences."""
    first, stanza_of = {}, {}
    for at, (origin, stanza) in enumerate(recipient.log):
        first.setdefault(origin, at)
        if stanza_of.setdefault(origin, stanza) != stanza:
            yield f'{origin} came as {stanza_of[origin]} and as {stanza}'
        if stanza is None:
            yield f'{origin} came without a stanza-id'
    for sender in senders:
        if sender.failure:
            yield f'{sender.user} failed: {sender.failure!r}'
        for number in sender.acknowledged:
            if f'{sender.user}-{number}' not in first:
                yield f'{sender.user}-{number} was acknowledged and never came'
        came = [int(origin.rsplit('-', 1)[1]) for origin in first if origin.rsplit('-', 1)[0] == sender.user]
        if came != sorted(came):
            yield f'messages of {sender.user} came out of order'
    if recipient.failure:
        yield f'the recipient failed: {recipient.failure!r}'
    if archive is not None:
        twice = {origin for origin in archive if archive.count(origin) > 1}
        if twice:
            yield f'twice in the archive: {sorted(twice)[:10]}'
        missing = {f'{s.user}-{n}' for s in senders for n in s.acknowledged} - set(archive)
        if missing:
            yield f'acknowledged and not in the archive: {sorted(missing)[:10]}'


def wait(condition, seconds):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()


def play(site, options, chance):
    """The run itself: load, crashes, and the end in peace. Returns (senders, recipient)."""
    recipient = Recipient(site)
    senders = [Sender(site, f'sender{n}', options.rate) for n in range(options.senders)]
    for thread in (recipient, *senders):
        thread.start()
    for _ in range(options.kills):
        time.sleep(chance.uniform(0.5, 2))
        site.kill()
        site.start()
    time.sleep(1)
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(20)
        assert not sender.is_alive(), f'{sender.user}: {len(sender.waiting)} messages are never acknowledged'
    expected = {f'{s.user}-{n}' for s in senders for n in s.acknowledged}
    wait(lambda: expected <= {origin for origin, _ in list(recipient.log)}, 20)
    time.sleep(0.5)
    recipient.stopping.set()
    recipient.join(10)
    return senders, recipient


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kills', type=int, default=10)
    parser.add_argument('--senders', type=int, default=3)
    parser.add_argument('--rate', type=float, default=100, help='messages a second, at most, of each sender')
    parser.add_argument('--seed', type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    if PEER and options.kills:
        parser.error(f'{PEER} is not restarted by this test: --kills 0')
    print(f'seed {options.seed}', flush=True)
    with Site() as site:
        for name in (RECIPIENT, *(f'sender{n}' for n in range(options.senders))):
            site.add_user(name, f'{name}-secret')
        senders, recipient = play(site, options, random.Random(options.seed))
        archive = read_archive(site)
        found = list(faults(senders, recipient, archive))
        acknowledged = sum(len(sender.acknowledged) for sender in senders)
        distinct = len({origin for origin, _ in recipient.log})
        print(f'{options.kills} crashes, {sum(s.connections for s in senders)} connections of {len(senders)} senders; '
              f'{acknowledged} messages acknowledged, {distinct} received, {len(recipient.log) - distinct} of them again '
              f'under the same stanza-id; archive: {"none" if archive is None else len(archive)}')
        for fault in found[:30]:
            print(f'FAULT {fault}')
        if found or not acknowledged:
            print(f'{len(found)} faults; the end of the log:\n{site.last_log()}')
            return 1
    print('everything acknowledged is there, once, in order')
    return 0


if __name__ == '__main__':
    sys.exit(main())
