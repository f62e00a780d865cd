#!/usr/bin/python3
"""An account's own affairs by XEP-0077: a second account of the same name, another password, the end (slixmpp)."""

import unittest

from slixmpp.exceptions import IqError

from dev_site import Site
from person import Person, Play, register


class Account(Play):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def refused(self, name, password):
        person = Person(self.site, name, password, mechanism='SCRAM-SHA-1')
        person.open()
        await person.saw('failed_auth')
        self.assertEqual(person.seen['session_start'], [])

    async def test_a_name_is_given_once(self):
        await register(self.site, 'viola')
        with self.assertRaises(IqError) as again:
            await register(self.site, 'viola')
        self.assertEqual(again.exception.condition, 'conflict')

    async def test_another_password(self):
        await register(self.site, 'olivia')
        person = await Person(self.site, 'olivia').login()
        await person['xep_0077'].change_password('new & <better>', jid='localhost')
        await person.logout()
        await self.refused('olivia', 'olivia-secret')
        for mechanism in ('PLAIN', 'SCRAM-SHA-1'):
            back = await Person(self.site, 'olivia', 'new & <better>', mechanism=mechanism).login()
            await back.logout()

    async def test_the_end_of_an_account(self):
        await register(self.site, 'feste', 'orsino')
        feste, orsino = [await Person(self.site, name).login() for name in ('feste', 'orsino')]
        try:
            await feste['xep_0077'].cancel_registration(timeout=10)
        except Exception as failure:  # XEP-0077 §3.2: the answer may be lost with the stream
            self.assertNotIsInstance(failure, IqError)
        await feste.saw('disconnected')
        await self.refused('feste', 'feste-secret')
        orsino.send_message(mto='feste@localhost', mbody='sing', mtype='chat')
        await orsino.saw('message_error')
        self.assertEqual(orsino.seen['message_error'][0]['error']['condition'], 'service-unavailable')


if __name__ == '__main__':
    unittest.main(verbosity=2)
