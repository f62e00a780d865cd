#!/usr/bin/python3
"""Stream management (XEP-0198): a connection that is cut comes back, and nothing is lost or doubled (slixmpp)."""

import unittest

from dev_site import Site
from person import Person, Play, register


class Resume(Play):
    plays = 0

    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def asyncSetUp(self):
        await super().asyncSetUp()
        Resume.plays += 1
        self.names = [f'{who}{Resume.plays}' for who in ('tybalt', 'capulet')]
        await register(self.site, *self.names)
        self.tybalt, self.capulet = [await Person(self.site, name).login() for name in self.names]
        await self.capulet.saw('sm_enabled')

    async def say(self, first, count):
        """tybalt says `count` things; on return the server has taken them all."""
        for n in range(first, first + count):
            self.tybalt.send_message(mto=self.capulet.boundjid.bare, mbody=f'line {n}', mtype='chat')
        await self.tybalt['xep_0199'].ping('localhost')

    async def resume(self):
        gone = len(self.capulet.seen['disconnected'])
        resumed = len(self.capulet.seen['session_resumed'])
        self.capulet.cut()
        await self.capulet.saw('disconnected', gone + 1)
        await self.say(len(self.said), 5)
        self.said += [f'line {n}' for n in range(len(self.said), len(self.said) + 5)]
        self.capulet.open()
        await self.capulet.saw('session_resumed', resumed + 1)

    async def test_cut(self):
        self.said = [f'line {n}' for n in range(5)]
        await self.say(0, 5)
        await self.capulet.saw('message', 5)
        for _ in range(3):
            await self.resume()
            await self.capulet.saw('message', len(self.said))
        await self.capulet.settle(1)
        self.assertEqual(self.capulet.bodies(), self.said)
        self.assertEqual(len(self.capulet.seen['session_start']), 1, 'a new session where the old one should go on')
        self.capulet.send_message(mto=self.tybalt.boundjid.bare, mbody='still here', mtype='chat')
        await self.tybalt.saw('message')

    async def test_what_was_on_its_way_when_the_line_was_cut(self):
        self.said = [f'line {n}' for n in range(20)]
        for line in self.said:
            self.tybalt.send_message(mto=self.capulet.boundjid.bare, mbody=line, mtype='chat')
        await self.capulet.saw('message', 3)
        await self.resume()
        await self.capulet.saw('message', len(self.said))
        await self.capulet.settle(1)
        self.assertEqual(self.capulet.bodies(), self.said)

    async def test_an_unknown_session_is_refused_and_a_new_one_begins(self):
        gone = len(self.capulet.seen['disconnected'])
        self.capulet.cut()
        await self.capulet.saw('disconnected', gone + 1)
        self.capulet['xep_0198'].sm_id = 'never-given-out'
        self.capulet.open()
        await self.capulet.saw('session_start', 2)
        self.capulet.send_presence()
        await self.say(0, 2)
        await self.capulet.saw('message', 2)


if __name__ == '__main__':
    unittest.main(verbosity=2)
