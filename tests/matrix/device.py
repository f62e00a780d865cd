"""What a login on any wire is for the matrix: it says things in one vocabulary, and keeps what it is told in the same one."""

import asyncio
import dataclasses

WAIT_SECONDS = 20


@dataclasses.dataclass
class Seen:
    """One thing that a device was told, or a row of its history. `about`: ids, or names that their authors gave."""
    what: str  # message, edit, recall, withdrawn, reaction, receipt, read_marker, typing, error, …
    author: str = ''  # bare address
    cid: str = ''
    id: str = ''  # the server's
    ts: int = 0  # milliseconds; 0: not told
    own: bool = False  # the account's own, from another device
    about: tuple = ()
    fields: dict = dataclasses.field(default_factory=dict)
    raw: object = None


async def until(condition, what, seconds=WAIT_SECONDS):
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() > end:
            raise AssertionError(f'no {what} within {seconds} s')
        await asyncio.sleep(0.02)


class Device:
    """`wire`: xmpp, mqtt5 or mqtt311. A device may log in again and again; what it has seen stays."""

    def __init__(self, site, name, wire, resource):
        self.site, self.name, self.wire, self.resource = site, name, wire, resource
        self.bare = f'{name}@localhost'
        self.full = f'{self.bare}/{resource}'
        self.seen = []
        self.ids, self.names = {}, {}  # an author's name of a message -> the server's id, and back
        self.presences = {}  # bare address -> {status, signature, listening}
        self.here = False

    def __repr__(self):
        return f'{self.full} over {self.wire}'

    def found(self, what, cid=None, about=None, **fields):
        return [one for one in self.seen if one.what == what and (cid is None or one.cid == cid)
                and (about is None or about in [self.names.get(id, id) for id in one.about])
                and all(one.fields.get(key) == value for key, value in fields.items())]

    async def sees(self, what, **wanted):
        await until(lambda: self.found(what, **wanted), f'{what} {wanted} at {self}')
        return self.found(what, **wanted)[0]

    def note_name(self, cid, id):
        if cid and id:
            self.ids[cid], self.names[id] = id, cid

    def facet(self, bare, facet):
        return self.presences.get(bare, {}).get(facet)

    def set_facet(self, bare, facet, value):
        self.presences.setdefault(bare, {})[facet] = value
