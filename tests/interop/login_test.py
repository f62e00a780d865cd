#!/usr/bin/python3
"""Every wire and every mechanism that slixmpp has in common with the server; wrong passwords; unknown namespaces."""

import unittest
import xml.etree.ElementTree as ElementTree

from slixmpp.exceptions import IqError

from dev_site import PEER, Site
from person import Person, Play, register

WIRES = ('plain', 'starttls', 'tls')
MECHANISMS = ('PLAIN', 'SCRAM-SHA-1') + (() if PEER else ('SCRAM-SHA-256',))


async def try_login(case, site, wire, mechanism):
    with case.subTest(wire=wire, mechanism=mechanism):
        person = Person(site, 'nurse', mechanism=mechanism, wire=wire)
        await person.login()
        case.assertEqual(person['feature_mechanisms'].mech.name, mechanism)
        person.send_message(mto='nurse@localhost', mbody=f'{wire} {mechanism}', mtype='chat')
        await person.saw('message')
        await person.logout()


class Login(Play):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())
        cls.site.add_user('nurse', 'nurse-secret')

    async def test_each_wire_and_mechanism(self):
        # With channel binding offered, slixmpp's SCRAM without PLUS says "y" over TLS: it could bind, and believes that
        # the server cannot. That is what a downgrade looks like, and is refused (RFC 5802 section 6); see below.
        for wire in WIRES:
            for mechanism in MECHANISMS if wire == 'plain' or PEER else ('PLAIN',):
                await try_login(self, self.site, wire, mechanism)

    async def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nothing(self):
        conditions = []
        for name, password in (('nurse', 'wrong'), ('nobody', 'nobody-secret')):
            person = Person(self.site, name, password, mechanism='SCRAM-SHA-1')
            person.open()
            failure = (await person.saw('failed_auth'))[0]
            conditions.append(failure['condition'])
            self.assertEqual(person.seen['session_start'], [])
            await person.disconnect()
        self.assertEqual(conditions, ['not-authorized', 'not-authorized'])

    async def test_a_namespace_nobody_knows(self):
        person = await Person(self.site, 'nurse').login()
        for to in (None, 'localhost', 'nurse@localhost'):
            with self.subTest(to=to):
                iq = person.make_iq_get(ito=to)
                iq.append(ElementTree.Element('{urn:example:unheard-of}query'))
                with self.assertRaises(IqError) as refused:
                    await iq.send(timeout=10)
                self.assertEqual(refused.exception.condition, 'service-unavailable')
        await person.logout()


class LoginWithoutChannelBinding(Play):
    """slixmpp takes SCRAM-…-PLUS wherever it is offered, with tls-unique, which TLS 1.3 does not have: with
    `channel_binding = false` its own choice of mechanism must do over TLS."""

    async def test_each_wire_and_mechanism(self):
        with Site(channel_binding=False) as site:
            site.add_user('nurse', 'nurse-secret')
            for wire in WIRES:
                for mechanism in MECHANISMS:
                    await try_login(self, site, wire, mechanism)

    async def test_the_client_chooses(self):
        with Site(channel_binding=False) as site:
            await register(site, 'nurse')
            for wire in WIRES:
                with self.subTest(wire=wire):
                    person = await Person(site, 'nurse', wire=wire).login()
                    self.assertTrue(person['feature_mechanisms'].mech.name.startswith('SCRAM-'))
                    self.assertFalse(person['feature_mechanisms'].mech.name.endswith('-PLUS'))
                    await person.logout()


if __name__ == '__main__':
    unittest.main(verbosity=2)
