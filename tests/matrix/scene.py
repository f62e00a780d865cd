"""Two people and their devices, what one of them did, and what everybody must have been told of it."""

import asyncio
import dataclasses

from bridge_table import drops
from device import until
from mqtt_device import MqttDevice
from xmpp_device import XmppDevice

WIRES = ('xmpp', 'mqtt311', 'mqtt5')
SITUATIONS = ('online', 'offline', 'devices')


def make_device(site, name, wire, resource):
    return (XmppDevice if wire == 'xmpp' else MqttDevice)(site, name, wire, resource)


@dataclasses.dataclass
class Expected:
    """`device` is told `what`, `count` times, because of `row` of the table."""
    row: str
    device: object
    what: str
    wanted: dict
    count: int

    def found(self):
        return self.device.found(self.what, **self.wanted)


class Scene:
    """`situation`: online — each has one device, both are here; offline — the same, but the recipient is away while the other
    acts, and the actor was away while the recipient spoke first; devices — both have a device on every wire, all here."""

    def __init__(self, site, table, names, actor_wire, recipient_wire, situation):
        self.site, self.table, self.situation = site, table, situation
        self.alice, self.bob, self.carol, self.eve = names
        self.actor = make_device(site, self.alice, actor_wire, 'desk')
        self.recipient = make_device(site, self.bob, recipient_wire, 'phone')
        self.asker = make_device(site, self.carol, actor_wire, 'pad')
        more = WIRES if situation == 'devices' else ()
        self.others = [make_device(site, self.alice, wire, f'other-{wire}') for wire in more]
        self.bobs = [self.recipient] + [make_device(site, self.bob, wire, f'also-{wire}') for wire in more]
        self.expected, self.states = [], []
        self.said = []  # rows of the conversation, in their order: names of messages
        self.final, self.gone = {}, set()  # texts after corrections; what was taken back
        self.asked = False

    def everybody(self):
        return [self.actor, *self.others, *self.bobs]

    async def begin(self):
        """Devices have been here once: from then on each has its place in the log."""
        for device in self.everybody():
            await device.login()
        if self.situation == 'offline':
            await self.actor.leave()
        await self.prologue()
        if self.situation == 'offline':
            await self.recipient.leave()
            await self.actor.login()
        await self.asker.login()
        await self.actor.sees('message', cid='said-3')

    async def prologue(self):
        """What the recipient said first, so that there is something to answer."""
        for number in range(4):
            await self.say_by(self.recipient, self.alice, '`Message` chat, normal, headline', f'said-{number}',
                              body=f'said {number}', want=('delivered', 'read'))
        await self.everywhere('said-3', [*self.bobs[1:], *([] if self.situation == 'offline' else [self.actor]), *self.others])

    async def everywhere(self, cid, devices):
        for device in devices:
            await device.sees('message', cid=cid)

    def sides(self, by):
        """(the other's devices, the actor's own other ones)."""
        if by in self.bobs:
            return [self.actor, *self.others], [one for one in self.bobs if one is not by]
        return self.bobs, [one for one in (self.actor, *self.others) if one is not by]

    def expect(self, row, devices, what, kept=True, count=1, **wanted):
        for device in devices:
            told = not drops(self.table, row, device.wire) and (kept or device.here)
            self.expected.append(Expected(row, device, what, wanted, count if told else 0))

    async def say_by(self, by, to, row, cid, kept=True, copies=True, shown=None, **content):
        await by.say(to, cid, **content)
        theirs, own = self.sides(by)
        wanted = {key: value for key, value in content.items() if key in ('body', 'kind', 'app', 'data')}
        wanted.update(shown or {})
        self.expect(row, theirs, 'message', kept, cid=cid, **wanted)
        self.expect(row, own if copies else [], 'message', kept, cid=cid, **wanted)
        if kept:
            self.said.append(cid)

    async def say(self, row, cid, **content):
        await self.say_by(self.actor, self.bob, row, cid, **content)

    async def tell(self, row, what, call, *args, kept=True, copies=True, **wanted):
        """Anything else that the actor does to the recipient: `call` does it."""
        await call(self.bob, *args)
        self.expect(row, self.bobs, what, kept, **wanted)
        self.expect(row, self.others if copies else [], what, kept, **wanted)

    def fails(self, row, cid):
        """The actor is told that it could not be."""
        self.expected.append(Expected(row, self.actor, 'error', {'cid': cid}, 1))

    def state(self, row, devices, bare, facet, value):
        self.states += [(row, device, bare, facet, value) for device in devices if not drops(self.table, row, device.wire)]

    async def end(self):
        """The recipient comes back; a last word goes to everybody, behind which nothing is missing."""
        if self.situation == 'offline':
            await self.recipient.login()
        await self.say('`Message` chat, normal, headline', 'the-end', body='the end')
        await self.everywhere('the-end', [*self.bobs, *self.others])
        try:
            await until(lambda: not self.lacking(), 'everything', 10)
        except AssertionError:
            pass  # each is told below, under its row
        await asyncio.sleep(0.2)

    def lacking(self):
        return [one for one in self.expected if len(one.found()) < one.count] + [
            state for state in self.states if state[1].facet(state[2], state[3]) != state[4]]

    async def close(self):
        for device in [*self.everybody(), self.asker]:
            if device.here:
                await device.leave()
