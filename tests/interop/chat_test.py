#!/usr/bin/python3
"""Two people meet: accounts made over the wire, a friendship, presence, a talk, and messages that waited (slixmpp)."""

import unittest

from dev_site import Site
from person import Person, Play, befriend, register


class Chat(Play):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def meet(self, one, other):
        """Two new accounts, logged in and friends."""
        await register(self.site, one, other)
        people = [await Person(self.site, name).login() for name in (one, other)]
        await befriend(*people)
        return people

    async def test_friends_see_each_other(self):
        romeo, juliet = await self.meet('romeo', 'juliet')
        for person, other in ((romeo, 'juliet'), (juliet, 'romeo')):
            await person.until(lambda p=person, o=other: any(s['from'].user == o for s in p.seen['presence_available']),
                               f'presence of {other}')
            await person.until(lambda p=person, o=other: p.client_roster[f'{o}@localhost']['subscription'] == 'both',
                               f'{other} in the roster')
        romeo.send_presence(pshow='away', pstatus='in Mantua')
        away = (await juliet.saw('presence_away'))[-1]
        self.assertEqual((away['from'].user, away['show'], away['status']), ('romeo', 'away', 'in Mantua'))
        await romeo.logout()
        await juliet.until(lambda: any(s['from'].user == 'romeo' for s in juliet.seen['presence_unavailable']), 'goodbye')
        await juliet.logout()

    async def test_a_talk_both_ways(self):
        paris, rosaline = await self.meet('paris', 'rosaline')
        for n in range(10):
            paris.send_message(mto='rosaline@localhost', mbody=f'question {n} <&> "你好" 👍', mtype='chat')
            rosaline.send_message(mto=paris.boundjid.full, mbody=f'answer {n}', mtype='chat')
        await rosaline.saw('message', 10)
        await paris.saw('message', 10)
        await paris.settle()
        self.assertEqual(rosaline.bodies(), [f'question {n} <&> "你好" 👍' for n in range(10)])
        self.assertEqual(paris.bodies(), [f'answer {n}' for n in range(10)])
        await paris.logout()
        await rosaline.logout()

    async def test_messages_wait_for_who_is_away(self):
        benvolio, mercutio = await self.meet('benvolio', 'mercutio')
        await mercutio.logout()
        await benvolio.until(lambda: any(s['from'].user == 'mercutio' for s in benvolio.seen['presence_unavailable']),
                             'goodbye')
        for n in range(3):
            benvolio.send_message(mto='mercutio@localhost', mbody=f'while away {n}', mtype='chat')
        await benvolio['xep_0199'].ping('localhost')
        back = await Person(self.site, 'mercutio').login()
        waited = await back.saw('message', 3)
        await back.settle()
        self.assertEqual(back.bodies(), [f'while away {n}' for n in range(3)])
        for message in waited:
            self.assertTrue(message.xml.find('{urn:xmpp:delay}delay') is not None, 'no delay stamp')
            self.assertIsNotNone(message['delay']['stamp'])
        await back.logout()
        again = await Person(self.site, 'mercutio').login()
        await again.settle(1)
        self.assertEqual(again.bodies(), [], 'what was delivered came again')
        await again.logout()
        await benvolio.logout()


if __name__ == '__main__':
    unittest.main(verbosity=2)
