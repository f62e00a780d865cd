"""Actors over MQTT, and the lines that are theirs."""

import json
import time

from lines import line
from pattern import agrees, fill

from raw_client import DOMAIN, Closed  # from tests/interop: actor.py has made it findable
from raw_mqtt import DISCONNECT, SESSION_EXPIRY, V5, V311, Device, packet

QUIET_SECONDS = 0.3
WAIT_SECONDS = 5


class MqttActor:
    """NAME/CLIENT-ID. What came is looked at topic by topic."""

    def __init__(self, site, name, resource):
        self.site, self.name, self.resource = site, name, resource
        self.device, self.ended = None, 'not there yet'

    @property
    def address(self):
        return f'{self.name}@{DOMAIN}/{self.resource}'

    def connect(self, version, keeps):
        self.device = Device(self.site.port('mqtt'), version)
        how = {'properties': [(SESSION_EXPIRY, 600)]} if keeps and version == V5 else {}
        present, code = self.device.login(self.name, self.resource, clean=not keeps, **how)
        if code != 0:
            raise AssertionError(f'{self.address}: refused with {code:#x}')
        self.ended = None
        self.device.synced()
        return present

    def listen(self, seconds):
        self.device.settle(seconds)

    def cut(self):
        self.device.cut()
        self.ended = 'cut'

    def log_out(self):
        self.device.send(packet(DISCONNECT))
        self.device.ending(WAIT_SECONDS)
        self.close()

    def close(self):
        if self.device is not None:
            self.device.close()
        self.ended = 'gone'

    def take(self, topic, seconds=WAIT_SECONDS):
        """The first on this topic that was not looked at yet."""
        def here():
            return next((m for m in self.device.messages if m.topic == topic), None)
        try:
            self.device.until(here, f'something on {topic}', seconds)
        except Closed as failure:
            raise AssertionError(f'{self.address}: {failure}') from None
        found = here()
        self.device.messages.remove(found)
        return found


def differs(wanted, found, names, where='it'):
    """As pattern.differs, of JSON: an object may have more members than `wanted` says."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        faults = (differs(value, found.get(key), names, f'{where}.{key}') for key, value in wanted.items())
        return next((fault for fault in faults if fault), None)
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        faults = (differs(one, other, names, f'{where}[]') for one, other in zip(wanted, found))
        return next((fault for fault in faults if fault), None)
    if isinstance(wanted, str) and agrees(wanted, found if found is None or isinstance(found, str) else json.dumps(found), names):
        return None
    return None if wanted == found else f'{where} is {found!r}, not {wanted!r}'


@line(r'(\S+/\S+) is online over mqtt( 3\.1\.1)?(?:, (keeping its place|again))?')
def is_online(play, who, old, how):
    """With a clean session; or with one that is kept: new the first time, gone on with when it is `again`."""
    actor = play.actors[who] = MqttActor(play.site, *who.split('/', 1))
    present = actor.connect(V311 if old else V5, how is not None)
    if present != (how == 'again'):
        raise AssertionError(f'session present is {present}')


@line(r'WHO publishes to (\S+): ?(.*)')
def publishes(play, actor, topic, text, block=''):
    reason = actor.device.say(topic, fill(text + block, play.names))
    if reason != 0:
        raise AssertionError(f'refused with {reason:#x}')


@line(r'WHO may not publish to (\S+)(?: \((0x\w+)\))?: ?(.*)')
def may_not_publish(play, actor, topic, wanted, text):
    reason = actor.device.say(topic, fill(text, play.names))
    if reason < 0x80 or wanted and reason != int(wanted, 16):
        raise AssertionError(f'answered with {reason:#x}')


@line(r'WHO is told on (\S+): ?(.*)')
def is_told(play, actor, topic, text, block=''):
    """The next that came on this topic."""
    found = actor.take(topic)
    names = dict(play.names)
    fault = differs(json.loads(text + block), json.loads(found.payload), names)
    if fault:
        raise AssertionError(f'{fault}: {found.payload.decode()}')
    play.names.update(names)


@line(r'WHO is told nothing on (\S+)(?: for ([\d.]+) s)?')
def is_told_nothing(play, actor, topic, seconds):
    until = time.monotonic() + float(seconds or QUIET_SECONDS)
    actor.listen(until - time.monotonic())
    found = [m.payload for m in actor.device.messages if m.topic == topic]
    if found or actor.device.over:
        raise AssertionError(f'{"ended " if actor.device.over else ""}{found}')


@line(r'WHO passes over (im/\S+)')
def passes_over(play, actor, topic):
    actor.listen(QUIET_SECONDS)
    actor.device.messages = [m for m in actor.device.messages if m.topic != topic]
