#!/usr/bin/python3
"""What clients publish beside their messages, as slixmpp does it: tunes, avatars, nicknames, private storage, bookmarks of
three ages, and nodes of one's own."""

import hashlib
import unittest
import xml.etree.ElementTree as ElementTree

from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0004 import Form
from slixmpp.plugins.xep_0048.stanza import Bookmarks

from dev_site import PEER, Site
from person import PLUGINS, Person, Play, befriend, register

PUBLISHING = PLUGINS + ('xep_0004', 'xep_0048', 'xep_0049', 'xep_0060', 'xep_0084', 'xep_0115', 'xep_0118', 'xep_0163',
                        'xep_0172', 'xep_0223')
EVENTS = ('user_tune_publish', 'avatar_metadata_publish', 'user_nick_publish', 'bookmarks_publish', 'pubsub_publish',
          'pubsub_retract', 'pubsub_delete')
ROOMS = 'urn:xmpp:bookmarks:1'
READ = 'urn:xmpp:mds:displayed:0'
IMAGE = bytes(range(256)) * 40
IMAGE_ID = hashlib.sha1(IMAGE).hexdigest()


class Publisher(Person):
    """A person's device that wants to be told of everything that is published here."""

    def __init__(self, site, name, resource='desk', nodes=()):
        super().__init__(site, name, resource=resource, plugins=PUBLISHING)
        for event in EVENTS:
            self.seen[event] = []
            self.add_event_handler(event, lambda stanza, event=event: self.note(event, stanza))
        self.nodes = nodes

    async def login(self, presence=True):
        for node in self.nodes:
            self['xep_0163'].add_interest(node)
        await super().login(presence=False)
        await self['xep_0115'].update_caps(broadcast=False)
        if presence:
            await self.get_roster()
            self.send_presence()
            await self.until(lambda: any(p['from'] == self.boundjid for p in self.seen['presence_available']), 'presence')
        return self

    def items(self, event):
        """[(sender, item)] of what was told."""
        return [(stanza['from'].bare, stanza['pubsub_event']['items']['item']) for stanza in self.seen[event]]


    def told_of(self, node):
        """Ids of the items of one node."""
        return [stanza['pubsub_event']['items']['item']['id'] for stanza in self.seen['pubsub_publish']
                if stanza['pubsub_event']['items']['node'] == node]


class Publishing(Play):
    plays = 0

    @classmethod
    def setUpClass(cls):
        cls.site = cls.enterClassContext(Site())

    async def asyncSetUp(self):
        await super().asyncSetUp()
        Publishing.plays += 1
        self.names = [f'{who}{Publishing.plays}' for who in ('viola', 'orsino')]
        await register(self.site, *self.names)
        self.viola, self.orsino = [await Publisher(self.site, name, nodes=(ROOMS, 'urn:example:play')).login()
                                   for name in self.names]
        await befriend(self.viola, self.orsino)

    async def test_discovery(self):
        info = await self.viola['xep_0030'].get_info(self.viola.boundjid.bare, cached=False)
        self.assertIn(('pubsub', 'pep'), {(i[0], i[1]) for i in info['disco_info']['identities']})
        features = set(info['disco_info']['features'])
        for feature in ('publish-options', 'auto-create', 'persistent-items', 'filtered-notifications'):
            self.assertIn(f'http://jabber.org/protocol/pubsub#{feature}', features)
        if not PEER:
            for feature in ('urn:xmpp:pep-vcard-conversion:0', f'{ROOMS}#compat', f'{ROOMS}#compat-pep'):
                self.assertIn(feature, features)
        friend = await self.orsino['xep_0030'].get_info(self.viola.boundjid.bare, cached=False)
        self.assertIn(('pubsub', 'pep'), {(i[0], i[1]) for i in friend['disco_info']['identities']})

    async def test_tune(self):
        await self.viola['xep_0118'].publish_tune(artist='Feste', title='Come away, death', length=180)
        await self.orsino.saw('user_tune_publish')
        sender, item = self.orsino.items('user_tune_publish')[0]
        self.assertEqual(sender, self.viola.boundjid.bare)
        self.assertEqual((item['tune']['artist'], item['tune']['title'], item['tune']['length']),
                         ('Feste', 'Come away, death', '180'))
        late = await Publisher(self.site, self.names[1], resource='phone').login()
        await late.saw('user_tune_publish')
        self.assertEqual(late.items('user_tune_publish')[0][1]['tune']['title'], 'Come away, death')
        await self.viola['xep_0118'].stop()
        await self.orsino.saw('user_tune_publish', 2)
        self.assertEqual(self.orsino.items('user_tune_publish')[1][1]['tune']['title'], '')

    async def test_avatar(self):
        await self.viola['xep_0084'].publish_avatar(IMAGE)
        await self.viola['xep_0084'].publish_avatar_metadata(
            {'id': IMAGE_ID, 'type': 'image/png', 'bytes': str(len(IMAGE)), 'height': '64', 'width': '64'})
        await self.orsino.saw('avatar_metadata_publish')
        sender, item = self.orsino.items('avatar_metadata_publish')[0]
        self.assertEqual((sender, item['id']), (self.viola.boundjid.bare, IMAGE_ID))
        fetched = await self.orsino['xep_0084'].retrieve_avatar(sender, IMAGE_ID)
        self.assertEqual(fetched['pubsub']['items']['item']['avatar_data']['value'], IMAGE)
        card = await self.orsino['xep_0054'].get_vcard(jid=sender, cached=False)
        self.assertEqual(card['vcard_temp']['PHOTO']['BINVAL'], IMAGE)
        hashes = [e.text for p in self.orsino.seen['presence_available'] if p['from'].bare == sender
                  for e in p.xml.iter('{vcard-temp:x:update}photo')]
        self.assertEqual(hashes[-1:], [IMAGE_ID])

    async def test_avatar_from_a_card(self):
        card = self.viola['xep_0054'].make_vcard()
        card['FN'] = 'Viola'
        card['PHOTO']['TYPE'] = 'image/png'
        card['PHOTO']['BINVAL'] = IMAGE
        await self.viola['xep_0054'].publish_vcard(card)
        await self.orsino.saw('avatar_metadata_publish')
        sender, item = self.orsino.items('avatar_metadata_publish')[0]
        self.assertEqual(item['id'], IMAGE_ID)
        fetched = await self.orsino['xep_0084'].retrieve_avatar(sender, IMAGE_ID)
        self.assertEqual(fetched['pubsub']['items']['item']['avatar_data']['value'], IMAGE)

    async def test_nick(self):
        await self.viola['xep_0172'].publish_nick('Cesario')
        await self.orsino.saw('user_nick_publish')
        self.assertEqual(self.orsino.items('user_nick_publish')[0][1]['nick']['nick'], 'Cesario')
        if not PEER:
            card = await self.orsino['xep_0054'].get_vcard(jid=self.viola.boundjid.bare, cached=False)
            self.assertEqual(card['vcard_temp']['FN'], 'Cesario')

    def room(self, name, autojoin):
        room = ElementTree.Element(f'{{{ROOMS}}}conference', {'name': name, 'autojoin': autojoin})
        ElementTree.SubElement(room, f'{{{ROOMS}}}nick').text = 'Cesario'
        return room

    async def test_bookmarks(self):
        options = Form()
        options['type'] = 'submit'
        options.add_field(var='FORM_TYPE', ftype='hidden', value='http://jabber.org/protocol/pubsub#publish-options')
        for var, value in (('persist_items', 'true'), ('max_items', 'max'), ('send_last_published_item', 'never'),
                           ('access_model', 'whitelist')):
            options.add_field(var=f'pubsub#{var}', value=value)
        phone = await Publisher(self.site, self.names[0], resource='phone', nodes=(ROOMS,)).login()
        await self.viola['xep_0060'].publish(None, ROOMS, id='court@rooms.illyria.example', options=options,
                                             payload=self.room('The Court', 'true'))
        await phone.until(lambda: 'court@rooms.illyria.example' in phone.told_of(ROOMS), 'the new room')
        for method in ('xep_0049', 'xep_0223'):
            answer = await phone['xep_0048'].get_bookmarks(method=method)
            place = answer['private'] if method == 'xep_0049' else answer['pubsub']['items']['item']
            listed = [(c['jid'], c['name'], c['autojoin'], c['nick']) for c in place['bookmarks']['conferences']]
            self.assertEqual(listed, [('court@rooms.illyria.example', 'The Court', True, 'Cesario')])
        marks = Bookmarks()
        marks.add_conference('sea@rooms.illyria.example', 'Cesario', name='The Sea')
        await phone['xep_0048'].set_bookmarks(marks, method='xep_0049')
        await self.viola.saw('pubsub_retract')
        items = await self.viola['xep_0060'].get_items(self.viola.boundjid.bare, ROOMS)
        self.assertEqual([item['id'] for item in items['pubsub']['items']], ['sea@rooms.illyria.example'])
        with self.assertRaises(IqError) as refused:
            await self.orsino['xep_0060'].get_items(self.viola.boundjid.bare, ROOMS)
        self.assertEqual(refused.exception.condition, 'not-allowed')

    def read_up_to(self, stanza_id):
        displayed = ElementTree.Element(f'{{{READ}}}displayed')
        ElementTree.SubElement(displayed, '{urn:xmpp:sid:0}stanza-id', {'by': self.viola.boundjid.bare, 'id': stanza_id})
        return displayed

    @unittest.skipIf(PEER, 'XEP-0490 is young')
    async def test_read_position(self):
        for text in ('one', 'two'):
            self.orsino.send_message(mto=self.viola.boundjid.bare, mbody=text, mtype='chat')
        await self.viola.saw('message', 2)
        ids = [m.xml.find('{urn:xmpp:sid:0}stanza-id').get('id') for m in self.viola.seen['message']]
        phone = await Publisher(self.site, self.names[0], resource='phone', nodes=(READ,)).login()
        peer = self.orsino.boundjid.bare
        await self.viola['xep_0060'].publish(None, READ, id=peer, payload=self.read_up_to(ids[0]))
        await phone.until(lambda: phone.told_of(READ) == [peer], 'the first position')
        marker = self.viola.make_message(mto=peer, mtype='chat')
        marker.append(self.read_up_to(ids[1]))
        marker.send()
        await phone.until(lambda: phone.told_of(READ) == [peer, peer], 'the second position')
        items = (await phone['xep_0060'].get_items(phone.boundjid.bare, READ))['pubsub']['items']
        self.assertEqual([(i['id'], i.xml.find('.//{urn:xmpp:sid:0}stanza-id').get('id')) for i in items], [(peer, ids[1])])
        self.assertEqual(len(self.orsino.seen['message']), 0)
        with self.assertRaises(IqError):
            await self.orsino['xep_0060'].get_items(phone.boundjid.bare, READ)

    async def test_nodes(self):
        viola, pubsub = self.viola.boundjid.bare, self.viola['xep_0060']
        await pubsub.create_node(viola, 'urn:example:play')
        form = (await pubsub.get_node_config(viola, 'urn:example:play'))['pubsub_owner']['configure']['form']
        self.assertEqual(form['values']['pubsub#access_model'], 'presence')
        change = Form()
        change['type'] = 'submit'
        change.add_field(var='FORM_TYPE', ftype='hidden', value='http://jabber.org/protocol/pubsub#node_config')
        change.add_field(var='pubsub#max_items', value='2')
        await pubsub.set_node_config(viola, 'urn:example:play', change)
        for number in range(3):
            await pubsub.publish(viola, 'urn:example:play', id=f'act{number}',
                                 payload=ElementTree.Element('{urn:example:play}act'))
        await self.orsino.until(lambda: len(self.orsino.told_of('urn:example:play')) == 3, 'three acts')
        ids = await self.orsino['xep_0030'].get_items(viola, 'urn:example:play')
        self.assertEqual(sorted(item[2] for item in ids['disco_items']['items']), ['act1', 'act2'])
        await pubsub.retract(viola, 'urn:example:play', 'act1', notify=True)
        await self.orsino.saw('pubsub_retract')
        await pubsub.purge(viola, 'urn:example:play')
        items = await self.orsino['xep_0060'].get_items(viola, 'urn:example:play')
        self.assertEqual(len(items['pubsub']['items']), 0)
        await pubsub.delete_node(viola, 'urn:example:play')
        await self.orsino.saw('pubsub_delete')
        with self.assertRaises(IqError) as refused:
            await self.orsino['xep_0060'].get_items(viola, 'urn:example:play')
        self.assertEqual(refused.exception.condition, 'item-not-found')


if __name__ == '__main__':
    unittest.main(verbosity=2)
