#!/usr/bin/python3
"""One person, two devices, one conversation: copies, the archive, corrections, reactions, retractions (slixmpp)."""

import unittest

from dev_site import Site
from person import PLUGINS, Person, Play, befriend, register

CARBONS = 'urn:xmpp:carbons:2'
WITH_ARCHIVE = PLUGINS + ('xep_0059', 'xep_0280', 'xep_0308', 'xep_0313', 'xep_0333', 'xep_0334', 'xep_0359', 'xep_0424',
                          'xep_0441', 'xep_0444', 'xep_0461')


class Archive(Play):
    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def device(self, name, resource, carbons=True):
        device = Person(self.site, name, resource=resource, plugins=WITH_ARCHIVE)
        for event in ('carbon_sent', 'carbon_received', 'reactions'):
            device.seen[event] = []
            device.add_event_handler(event, lambda stanza, event=event: device.note(event, stanza))
        await device.login(presence=False)
        if carbons:
            await device['xep_0280'].enable()
        await device.get_roster()
        device.send_presence()
        return device

    async def history(self, device, **query):
        return [message async for message in device['xep_0313'].iterate(rsm={'max': 3}, **query)]

    async def test_both_devices_show_both_sides(self):
        await register(self.site, 'romeo', 'juliet')
        phone = await self.device('romeo', 'phone')
        desk = await self.device('romeo', 'desk')
        juliet = await self.device('juliet', 'balcony')
        await befriend(phone, juliet)
        phone.send_message(mto='juliet@localhost', mbody='from the phone', mtype='chat')
        copy = (await desk.saw('carbon_sent'))[0]
        self.assertEqual(copy['carbon_sent']['body'], 'from the phone')
        await juliet.saw('message')
        juliet.send_message(mto='romeo@localhost/phone', mbody='to the phone', mtype='chat')
        copy = (await desk.saw('carbon_received'))[0]
        self.assertEqual(copy['carbon_received']['body'], 'to the phone')
        self.assertTrue(copy['carbon_received'].xml.find('{urn:xmpp:sid:0}stanza-id') is not None)
        for person in (phone, desk, juliet):
            bodies = [m['mam_result']['forwarded']['stanza']['body'] for m in await self.history(person)]
            self.assertEqual(bodies, ['from the phone', 'to the phone'])
            await person.logout()

    async def test_the_archive_page_by_page(self):
        await register(self.site, 'paris', 'nurse', 'peter')
        paris = await self.device('paris', 'desk')
        nurse = await self.device('nurse', 'desk')
        for n in range(10):
            paris.send_message(mto='nurse@localhost', mbody=f'line {n}', mtype='chat')
            paris.send_message(mto='peter@localhost', mbody=f'aside {n}', mtype='chat')
        await nurse.saw('message', 10)
        ids = [m['mam_result']['id'] for m in await self.history(paris)]
        self.assertEqual(len(ids), 20)
        self.assertEqual(len(set(ids)), 20)
        aside = await self.history(paris, with_jid='peter@localhost')
        self.assertEqual([m['mam_result']['forwarded']['stanza']['body'] for m in aside], [f'aside {n}' for n in range(10)])
        start = aside[4]['mam_result']['forwarded']['delay']['stamp']
        later = await self.history(paris, with_jid='peter@localhost', start=start)
        self.assertGreaterEqual(len(later), 6)
        backwards = [m async for m in paris['xep_0313'].iterate(rsm={'max': 7}, reverse=True, total=7)]
        self.assertEqual([m['mam_result']['id'] for m in backwards], ids[:-8:-1])  # slixmpp turns each page round
        ends = await paris['xep_0313'].get_archive_metadata()
        self.assertEqual((ends['mam_metadata']['start']['id'], ends['mam_metadata']['end']['id']), (ids[0], ids[-1]))
        await paris.logout()
        await nurse.logout()

    async def test_second_thoughts(self):
        await register(self.site, 'tybalt', 'mercutio')
        tybalt = await self.device('tybalt', 'street')
        mercutio = await self.device('mercutio', 'street')
        first = tybalt.make_message(mto='mercutio@localhost', mbody='Thou art a vilain', mtype='chat')
        first.send()
        await mercutio.saw('message')
        correction = tybalt.make_message(mto='mercutio@localhost', mbody='Thou art a villain', mtype='chat')
        correction['replace']['id'] = first['id']
        correction.send()
        await mercutio.until(lambda: any(m['replace']['id'] == first['id'] for m in mercutio.seen['message']), 'correction')
        mercutio['xep_0444'].send_reactions(tybalt.boundjid, first['id'], ['👎'])
        reaction = (await tybalt.saw('reactions'))[0]
        self.assertEqual((reaction['reactions']['id'], reaction['reactions'].get_values()), (first['id'], {'👎'}))
        retraction = tybalt.make_message(mto='mercutio@localhost', mtype='chat', mbody='/me took it back')
        retraction.xml.append(xml(f"<retract xmlns='urn:xmpp:message-retract:1' id='{first['id']}'/>"))
        retraction.send()
        await mercutio.until(lambda: any(m.xml.find('{urn:xmpp:message-retract:1}retract') is not None
                                         for m in mercutio.seen['message']), 'retraction')
        late = await self.device('mercutio', 'bed')
        kept = [m['mam_result']['forwarded']['stanza'] for m in await self.history(late)]
        self.assertEqual(len(kept), 4)
        for message in kept[:2]:
            self.assertEqual(message['body'], '')
            tombstone = message.xml.find('{urn:xmpp:message-retract:1}retracted')
            self.assertEqual(tombstone.get('id'), retraction['id'])
        for person in (tybalt, mercutio, late):
            await person.logout()

    async def test_what_is_not_to_be_archived(self):
        await register(self.site, 'friar', 'apothecary')
        friar = await self.device('friar', 'cell')
        apothecary = await self.device('apothecary', 'shop')
        await friar['xep_0441'].set_preferences(default='always', never=[apothecary.boundjid.bare])
        default, always, never = await friar['xep_0441'].get_preferences()
        self.assertEqual((default, list(always), [str(jid) for jid in never]), ('always', [], ['apothecary@localhost']))
        friar.send_message(mto='apothecary@localhost', mbody='poison', mtype='chat')
        await apothecary.saw('message')
        self.assertEqual(await self.history(friar), [])
        self.assertEqual(len(await self.history(apothecary)), 1)
        await friar.logout()
        await apothecary.logout()


def xml(text):
    from xml.etree import ElementTree
    return ElementTree.fromstring(text)


if __name__ == '__main__':
    unittest.main(verbosity=2)
