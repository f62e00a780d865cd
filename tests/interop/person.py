"""slixmpp as a person: logs in over the wire that a test wants, and keeps what it saw in order."""

import asyncio
import logging
import ssl
import unittest

from slixmpp import ClientXMPP

from dev_site import DOMAIN, HOST

PLUGINS = ('xep_0030', 'xep_0054', 'xep_0077', 'xep_0085', 'xep_0092', 'xep_0184', 'xep_0191', 'xep_0198', 'xep_0199',
           'xep_0202', 'xep_0203')
WAIT_SECONDS = 20


class Person(ClientXMPP):
    """An account's device. `wire`: "plain", "starttls" or "tls"."""

    here = []  # those of the test that runs

    def __init__(self, site, name, password=None, resource='desk', mechanism=None, wire='plain', plugins=PLUGINS):
        super().__init__(f'{name}@{DOMAIN}/{resource}', password or f'{name}-secret',
                         plugin_config={'feature_mechanisms': {'use_mech': mechanism, 'unencrypted_plain': True},
                                        'xep_0077': {'create_account': False}, 'xep_0184': {'auto_ack': True}})
        Person.here.append(self)
        self.site = site
        self.wire = wire
        self.use_message_ids = True
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.auto_authorize = None
        self.auto_subscribe = False
        for plugin in plugins:
            self.register_plugin(plugin)
        self['feature_mechanisms'].use_mech = mechanism
        self.seen = {}  # event name -> stanzas in the order of their arrival
        self.changed = asyncio.Event()
        for event in ('message', 'presence_available', 'presence_away', 'presence_unavailable', 'presence_subscribe',
                      'presence_subscribed', 'session_start', 'session_resumed', 'sm_enabled', 'failed_auth',
                      'failed_all_auth', 'no_auth', 'disconnected', 'receipt_received', 'chatstate_composing',
                      'roster_update', 'message_error'):
            self.seen[event] = []
            self.add_event_handler(event, lambda stanza, event=event: self.note(event, stanza))

    def note(self, event, stanza):
        self.seen[event].append(stanza)
        self.changed.set()

    async def until(self, condition, what, seconds=WAIT_SECONDS):
        """Waits until `condition()` holds; asked anew at every event."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not condition():
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), end - loop.time())
            except asyncio.TimeoutError:
                seen = {event: len(stanzas) for event, stanzas in self.seen.items() if stanzas}
                raise AssertionError(f'{self.requested_jid}: no {what} within {seconds} s; seen {seen}') from None

    async def saw(self, event, count=1, seconds=WAIT_SECONDS):
        """The stanzas of `event`, once there are `count` of them."""
        await self.until(lambda: len(self.seen[event]) >= count, f'{count} x {event}', seconds)
        return self.seen[event]

    def open(self):
        tls = self.wire == 'tls'
        self.connect((HOST, self.site.port('xmpps' if tls else 'xmpp')), use_ssl=tls,
                     force_starttls=self.wire == 'starttls', disable_starttls=self.wire == 'plain')

    async def login(self, presence=True):
        self.open()
        await self.saw('session_start', len(self.seen['session_start']) + 1)
        if presence:
            await self.get_roster()
            self.send_presence()
        return self

    async def logout(self):
        before = len(self.seen['disconnected'])
        await self.disconnect()
        await self.saw('disconnected', before + 1)

    def cut(self):
        """The network goes away: no goodbye, not even TCP's own where that can be avoided."""
        self.transport.abort()

    def end(self):
        """Leaves nothing of itself in the loop."""
        self.cancel_connection_attempt()
        if self.transport:
            self.transport.abort()
        leave_loop(self)

    def bodies(self, sender=None):
        return [stanza['body'] for stanza in self.seen['message']
                if stanza['body'] and (sender is None or stanza['from'].user == sender)]

    async def settle(self, seconds=0.5):
        """Time in which something wrong might still arrive."""
        await asyncio.sleep(seconds)


class Registrar(ClientXMPP):
    """Makes an account over the wire, as a client that nobody told a password yet (XEP-0077 §3.1)."""

    def __init__(self, site, name, password):
        super().__init__(f'{name}@{DOMAIN}', password)
        self.site = site
        self.register_plugin('xep_0077')
        self.unregister_feature('mechanisms', 100)
        self._always_send_everything = True  # slixmpp 1.8.3 keeps every request back until a session starts
        self.outcome = asyncio.get_running_loop().create_future()
        self.add_event_handler('register', self.send_form)

    async def send_form(self, _):
        iq = self.make_iq_set()
        iq['register']['username'] = self.boundjid.user
        iq['register']['password'] = self.password
        try:
            await iq.send(timeout=WAIT_SECONDS)
            self.outcome.set_result(None)
        except Exception as failure:
            self.outcome.set_exception(failure)

    async def run(self):
        self.connect((HOST, self.site.port('xmpp')), disable_starttls=True)
        try:
            await asyncio.wait_for(self.outcome, WAIT_SECONDS)
        finally:
            await self.disconnect()
            leave_loop(self)


def leave_loop(client):
    """slixmpp keeps a task per client for ever."""
    if client._run_out_filters is not None:
        client._run_out_filters.cancel()


class Play(unittest.IsolatedAsyncioTestCase):
    """Tests with persons in them. Asyncio's debug mode, which the base class turns on, only tells of slixmpp's own tasks.
    After a test that fails stands the end of the server's log."""

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before and hasattr(self, 'site'):
            print(f"--- the end of the server's log\n{self.site.last_log()}\n---", flush=True)
        return result

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        Person.here = []

    async def asyncTearDown(self):
        for person in Person.here:
            person.end()
        await asyncio.sleep(0)


async def register(site, *names):
    for name in names:
        await Registrar(site, name, f'{name}-secret').run()


async def befriend(one, other):
    """Mutual subscription (RFC 6121 §3.1), each side asking and allowing by hand."""
    for asks, allows in ((one, other), (other, one)):
        before = len(allows.seen['presence_subscribe'])
        allowed = len(asks.seen['presence_subscribed'])
        asks.send_presence_subscription(pto=allows.boundjid.bare, ptype='subscribe')
        await allows.saw('presence_subscribe', before + 1)
        allows.send_presence_subscription(pto=asks.boundjid.bare, ptype='subscribed')
        await asks.saw('presence_subscribed', allowed + 1)


logging.getLogger('slixmpp').setLevel(logging.CRITICAL)
