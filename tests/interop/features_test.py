#!/usr/bin/python3
"""What clients ask a server for beside messages: vCards, blocking, the roster, receipts, chat states, ping, disco,
version, time (slixmpp)."""

import unittest

from slixmpp.exceptions import IqError

from dev_site import PEER, Site
from person import Person, Play, befriend, register

# What disco must list for the account's server (XEP-0030); a feature claimed is a feature tested below.
SERVER_FEATURES = ('http://jabber.org/protocol/disco#info', 'urn:xmpp:ping', 'jabber:iq:version', 'urn:xmpp:time',
                   'vcard-temp', 'urn:xmpp:blocking')


class Features(Play):
    plays = 0

    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def asyncSetUp(self):
        await super().asyncSetUp()
        Features.plays += 1
        self.names = [f'{who}{Features.plays}' for who in ('beatrice', 'benedick')]
        await register(self.site, *self.names)
        self.beatrice, self.benedick = [await Person(self.site, name).login() for name in self.names]

    async def test_vcard(self):
        card = self.beatrice['xep_0054'].make_vcard()
        card['FN'] = 'Beatrice of Messina & 贝特丽丝'
        await self.beatrice['xep_0054'].publish_vcard(card)
        for asker, whose in ((self.beatrice, None), (self.benedick, self.beatrice.boundjid.bare)):
            answer = await asker['xep_0054'].get_vcard(jid=whose, cached=False)
            self.assertEqual(answer['vcard_temp']['FN'], 'Beatrice of Messina & 贝特丽丝')

    async def test_blocking(self):
        blocker, blocked = self.beatrice, self.benedick
        await befriend(blocker, blocked)
        await blocker['xep_0191'].block(blocked.boundjid.bare)
        listed = await blocker['xep_0191'].get_blocked()
        self.assertEqual({str(jid) for jid in listed['blocklist']['items']}, {blocked.boundjid.bare})
        await blocked.until(lambda: any(s['from'].user == blocker.boundjid.user
                                        for s in blocked.seen['presence_unavailable']), 'unavailable')
        blocked.send_message(mto=blocker.boundjid.bare, mbody='do you hear me', mtype='chat')
        await blocked.until(lambda: any(m['type'] == 'error' and m['error']['condition'] == 'service-unavailable'
                                        for m in blocked.seen['message_error']), 'refusal')
        await blocker['xep_0191'].unblock(blocked.boundjid.bare)
        blocked.send_message(mto=blocker.boundjid.bare, mbody='and now', mtype='chat')
        await blocker.saw('message')
        await blocker.settle()
        self.assertEqual(blocker.bodies(), ['and now'])

    async def test_roster_set_and_remove(self):
        person, other = self.beatrice, 'hero@localhost'
        await person.update_roster(other, name='Hero', groups=['Messina', 'cousins'])
        phone = await Person(self.site, self.names[0], resource='phone').login()
        item = phone.client_roster[other]
        self.assertEqual((item['name'], sorted(item['groups'])), ('Hero', ['Messina', 'cousins']))
        pushes = len(phone.seen['roster_update'])
        await person.del_roster_item(other)
        await phone.saw('roster_update', pushes + 1)
        pushed = phone.seen['roster_update'][-1]['roster']['items']
        self.assertEqual(pushed[other]['subscription'], 'remove')
        fresh = await Person(self.site, self.names[0], resource='tablet').login()
        self.assertNotIn(other, list(fresh.client_roster))

    async def test_receipts_and_chat_states(self):
        message = self.beatrice.make_message(mto=self.benedick.boundjid.full, mbody='are you there?', mtype='chat')
        message['request_receipt'] = True
        message['chat_state'] = 'active'
        message.send()
        receipt = (await self.beatrice.saw('receipt_received'))[0]
        self.assertEqual(receipt['receipt'], message['id'])
        typing = self.benedick.make_message(mto=self.beatrice.boundjid.full, mtype='chat')
        typing['chat_state'] = 'composing'
        typing.send()
        await self.beatrice.saw('chatstate_composing')

    async def test_ping_version_time(self):
        person = self.beatrice
        await person['xep_0199'].ping('localhost')
        await person['xep_0199'].ping(self.benedick.boundjid.full)
        version = await person['xep_0092'].get_version('localhost')
        self.assertTrue(version['software_version']['name'])
        if not PEER:
            self.assertIn('confab', version['software_version']['name'].lower())
        time = await person['xep_0202'].get_entity_time('localhost')
        # slixmpp 1.8.3 reads <utc/> with a second Z after it, so the element itself is looked at.
        utc = time.xml.find('{urn:xmpp:time}time/{urn:xmpp:time}utc').text
        self.assertRegex(utc, r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')
        self.assertRegex(time.xml.find('{urn:xmpp:time}time/{urn:xmpp:time}tzo').text, r'^(Z|[+-]\d\d:\d\d)$')

    async def test_disco(self):
        info = await self.beatrice['xep_0030'].get_info('localhost', cached=False)
        features = set(info['disco_info']['features'])
        for feature in SERVER_FEATURES if not PEER else SERVER_FEATURES[:2]:
            self.assertIn(feature, features)
        self.assertIn(('server', 'im'), {(i[0], i[1]) for i in info['disco_info']['identities']})
        await self.beatrice['xep_0030'].get_items('localhost')
        account = await self.beatrice['xep_0030'].get_info(self.beatrice.boundjid.bare, cached=False)
        self.assertIn(('account', 'registered'), {(i[0], i[1]) for i in account['disco_info']['identities']})
        with self.assertRaises(IqError):
            await self.beatrice['xep_0030'].get_info('localhost', node='no-such-node', cached=False)


if __name__ == '__main__':
    unittest.main(verbosity=2)
