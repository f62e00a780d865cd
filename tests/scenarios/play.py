#!/usr/bin/python3
"""Plays screenplays (*.scn) against the real server, over loopback; README.md says how they are written."""

import re
import sys
import time
from pathlib import Path

from actor import Actor
from lines import LINES, line
from pattern import differs, fill, parse, show

import mqtt_lines  # noqa: F401
from dev_site import Site  # from tests/interop: actor.py has made it findable
from raw_client import DOMAIN, Closed, RawClient, register

QUIET_SECONDS = 0.3
HERE = Path(__file__).resolve().parent
FAILS_TODAY = 'fails today: '


def read(path):
    """[(line number, what it says, the indented lines below it)], without comments."""
    steps = []
    for number, text in enumerate(path.read_text().split('\n'), 1):
        if not text.strip() or text.lstrip().startswith('#'):
            continue
        if text[0] == ' ':
            steps[-1][2].append(text.strip())
        else:
            steps.append((number, text.strip(), []))
    return steps


class Play:
    """One screenplay being played: the server, the devices, the names taken so far."""

    def __init__(self, steps):
        settings = {}
        for _, text, _ in steps:
            for key, value in re.findall(r'([\w.]+)=(\S+)', text) if text.startswith('site ') else ():
                settings[key] = int(value) if value.lstrip('-').isdigit() else value
        self.steps = [step for step in steps if not step[1].startswith(FAILS_TODAY)]
        self.known = [text[len(FAILS_TODAY):] for _, text, _ in steps if text.startswith(FAILS_TODAY)]
        self.site = Site(settings=settings)
        self.actors = {}
        self.names = {}

    def actor(self, who):
        if who not in self.actors:
            self.actors[who] = Actor(self.site, *who.split('/', 1))
        return self.actors[who]

    def step(self, text, block):
        for pattern, acts, function in LINES:
            match = pattern.fullmatch(text)
            if match:
                arguments = list(match.groups())
                if acts:
                    arguments[0] = self.actor(arguments[0])
                return function(self, *arguments, ' '.join(block)) if block else function(self, *arguments)
        raise ValueError('nobody here knows how to play this')

    def run(self):
        with self.site:
            try:
                for number, text, block in self.steps:
                    try:
                        self.step(text, block)
                    except Exception as failure:
                        raise AssertionError(f'line {number}: {text}\n  {type(failure).__name__}: {failure}') from failure
            finally:
                for actor in self.actors.values():
                    actor.close()


# ---- The stage. ----

@line(r'site .*')
def set_up(play):
    """Settings are read before the play begins."""


@line(r'(\S+(?:, \S+)*(?: and \S+)?) (?:is a person|are people)')
def are_people(play, names):
    for name in re.split(r', | and ', names):
        register(play.site.port('xmpp'), name, f'{name}-secret')


@line(r'(\w+) and (\w+) are friends')
def are_friends(play, one, other):
    """As clients would have it: each asks, each lets the other."""
    clients = []
    for name, peer in ((one, other), (other, one)):
        client = RawClient(play.site.port('xmpp'))
        client.login(name, f'{name}-secret', 'introduction')
        client.send(f"<presence type='subscribed' to='{peer}@{DOMAIN}'/>")
        client.request('get', "<ping xmlns='urn:xmpp:ping'/>", DOMAIN)
        clients.append(client)
    for client, peer in zip(clients, (other, one)):
        client.send(f"<presence type='subscribe' to='{peer}@{DOMAIN}'/>")
    for client in clients:
        until = time.monotonic() + 10
        item = None
        while item is None or item.get('subscription') != 'both':
            query = client.request('get', "<query xmlns='jabber:iq:roster'/>")[0]
            item = query[0] if len(query) else None
            if time.monotonic() > until:
                raise AssertionError(f'{one} and {other} do not become friends')
        client.close()


@line(r'server is killed')
def is_killed(play):
    play.site.kill()


@line(r'server stops')
def stops(play):
    code = play.site.stop()
    if code != 0:
        raise AssertionError(f'it ended with {code}')


@line(r'server starts')
def starts(play):
    play.site.start()


@line(r'([\d.]+) s pass')
def passes(play, seconds):
    time.sleep(float(seconds))


# ---- Connections. ----

@line(r'WHO connects')
def connects(play, actor):
    actor.connect()


@line(r'WHO connects with acknowledgements')
def connects_with_acks(play, actor):
    actor.connect()
    actor.enable(False)


@line(r'WHO connects resumably')
def connects_resumably(play, actor):
    actor.connect()
    actor.enable(True)


@line(r'WHO is online')
def is_online(play, actor):
    if actor.client is None or actor.ended:
        actor.connect()
    actor.is_online()


@line(r'WHO is cut')
def is_cut(play, actor):
    actor.cut()


@line(r'WHO logs out')
def logs_out(play, actor):
    actor.log_out()


@line(r'WHO is replaced by another connection')
def is_replaced(play, actor):
    """The old one is `WHO (old)` from then on."""
    who = f'{actor.name}/{actor.resource}'
    play.actors[f'{who} (old)'] = actor
    del play.actors[who]
    play.actor(who).connect()


@line(r'WHO resumes')
def resumes(play, actor):
    if not actor.resume():
        raise AssertionError('the stream cannot be resumed')


@line(r'WHO cannot resume')
def cannot_resume(play, actor):
    if actor.resume():
        raise AssertionError('the stream was resumed')
    actor.close()
    actor.ended = 'cut'


@line(r'WHO (?:is closed: (\S+)|is closed)')
def is_closed(play, actor, condition):
    actor.end_with(condition)


@line(r'WHO has the password (\S+)')
def has_password(play, actor, password):
    actor.password = password


@line(r'WHO cannot log in')
def cannot_log_in(play, actor):
    try:
        actor.connect()
    except Closed as refusal:
        if 'may not log in' not in str(refusal):
            raise
        return
    raise AssertionError('logged in')


# ---- Stanzas. ----

@line(r'WHO sends: ?(.*)')
def sends(play, actor, text, block=''):
    text = fill(text + block, play.names)
    actor.send(text, len(parse(text)))


@line(r'WHO sends (\d+) times: (.*)')
def sends_many(play, actor, count, text):
    """`{n}` is the number of the time, from 1."""
    for n in range(1, int(count) + 1):
        actor.send(fill(text, {**play.names, 'n': str(n)}))


@line(r'WHO receives (\d+) times: ?(.*)')
def receives_many(play, actor, count, text, block=''):
    for n in range(1, int(count) + 1):
        expect(play, actor, (text + block).replace('{n}', str(n)))


def expect(play, actor, text):
    for wanted in parse(text):
        found = actor.next_of(wanted.tag)
        fault = differs(wanted, found, play.names)
        if fault:
            raise AssertionError(f'{fault}: {show(found)}')


@line(r'WHO receives: ?(.*)')
def receives(play, actor, text, block=''):
    """In this order, as far as they are of one kind: messages, presences, iqs."""
    expect(play, actor, text + block)


@line(r'WHO receives in any order:')
def receives_in_any_order(play, actor, block):
    left = parse(block)
    while left:
        found = actor.next_of(left[0].tag)
        match = next((wanted for wanted in left if differs(wanted, found, play.names) is None), None)
        if match is None:
            raise AssertionError(f'not expected: {show(found)}')
        left.remove(match)


@line(r'WHO receives nothing(?: for ([\d.]+) s)?')
def receives_nothing(play, actor, seconds):
    actor.listen(float(seconds or QUIET_SECONDS))
    if actor.inbox or actor.ended:
        raise AssertionError(f'{actor.ended or ""} {" ".join(show(element) for element in actor.inbox)}')


@line(r'WHO receives no (message|presence|iq)(?: for ([\d.]+) s)?')
def receives_none_of(play, actor, kind, seconds):
    until = time.monotonic() + float(seconds or QUIET_SECONDS)
    while time.monotonic() < until:
        actor.listen(until - time.monotonic())
    found = [show(element) for element in actor.inbox if element.tag.endswith('}' + kind)]
    if found:
        raise AssertionError(' '.join(found))


@line(r'WHO passes over (?:its |the )?(message|presence|iq)s?')
def passes_over(play, actor, kind):
    actor.listen(QUIET_SECONDS)
    actor.inbox = [element for element in actor.inbox if not element.tag.endswith('}' + kind)]


@line(r'WHO is settled')
def is_settled(play, actor):
    actor.settle()


# ---- Stream management (XEP-0198). ----

@line(r'WHO is acknowledged(?: (\d+))?')
def is_acknowledged(play, actor, count):
    actor.all_acknowledged(int(count) if count else None)


@line(r'WHO stops acknowledging')
def stops_acknowledging(play, actor):
    actor.answers = False


def perform(play):
    """Why it failed, or nothing."""
    try:
        play.run()
    except (AssertionError, ConnectionError, RuntimeError) as failure:
        return str(failure)
    return ''


def main():
    paths = [Path(argument) for argument in sys.argv[1:]] or sorted(HERE.glob('*.scn'))
    failed = []
    for path in paths:
        start = time.monotonic()
        play = Play(read(path))
        failure = perform(play)
        verdict = 'FAILED' if bool(failure) != bool(play.known) else 'known ' if failure else 'ok    '
        if verdict == 'FAILED':
            failed.append(path)
        print(f'{verdict} {path.stem} ({time.monotonic() - start:.1f} s)', flush=True)
        if failure or play.known:
            print(f'  {failure or "it passes; take the line away: " + play.known[0]}', flush=True)
    print(f'{len(paths)} screenplays, {len(failed)} failed')
    return 1 if failed or not paths else 0


if __name__ == '__main__':
    sys.exit(main())
