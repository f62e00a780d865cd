"""One play for each row of docs/bridging.md: the actor does it, and the scene is told who must see what."""

import base64
import hashlib
from xml.etree import ElementTree

from xmpp_device import parts_of

IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
UNKNOWN_XML = '<unknown xmlns="urn:example:matrix" a="1">&lt;<b/>&amp; 你好</unknown>'
UNKNOWN_JSON = {'deep': [1, 2.50, {'x': None}], 'text': '你好'}
NICK = 'http://jabber.org/protocol/nick'
PLAYS = {}
# Rows that cannot happen yet: each of their cells must say that it is dropped.
NOT_YET = {'`GroupChange`'}


def play(*rows):
    def note(function):
        PLAYS.update(dict.fromkeys(rows, function))
        return function
    return note


@play('`Message` chat, normal, headline', "the account's own copy, from another device", 'what waited for the device')
async def messages(scene, row):
    await scene.say(row, 'chat-1', body='first')
    await scene.say(row, 'chat-2', body='你好 <&> "second"\n second line 👍', kind='chat')
    await scene.say(row, 'normal-1', body='as mail', kind='normal')
    # A headline is for who is here, and no copy of it goes to one's own devices (XEP-0280 §6.1).
    await scene.say(row, 'headline-1', body='news', kind='headline', kept=False, copies=False)


@play('`Message` group')
async def group(scene, row):
    await scene.actor.to_group('group-1')
    scene.fails(row, 'group-1')
    scene.expect(row, scene.bobs, 'message', cid='group-1')


@play('– `wants` delivered, read')
async def wants(scene, row):
    await scene.say(row, 'wants-1', body='do you read me?', want=('delivered', 'read'), shown={'want': ('delivered', 'read')})


@play('– `keep` false')
async def not_kept(scene, row):
    await scene.say(row, 'fleeting-1', body='forget it', keep=False, kept=False, copies=False, shown={'keep': False})


@play('– `re`')
async def reply(scene, row):
    await scene.say(row, 're-1', body='yes', re=('said-1', False), shown={'re': 'said-1'})


@play('– `media`')
async def media(scene, row):
    links = [('https://localhost/m/a.jpg', 'a.jpg')]
    await scene.say(row, 'media-1', body=links[0][0], media=links, shown={'media': links})


@play('– `app`')
async def app(scene, row):
    await scene.say(row, 'app-1', body='leave', app='approval', data={'form': 'leave', 'days': 2.5, 'who': ['你']})


@play('children of a stanza that nobody reads')
async def unknown(scene, row):
    over_xmpp = scene.actor.wire == 'xmpp'
    given = UNKNOWN_XML if over_xmpp else UNKNOWN_JSON
    shown = parts_of(ElementTree.fromstring(UNKNOWN_XML)) if over_xmpp else UNKNOWN_JSON
    await scene.actor.say(scene.bob, 'unknown-1', body='with more', unknown=given)
    scene.said.append('unknown-1')
    for device in [*scene.bobs, *scene.others]:
        same = (device.wire == 'xmpp') == over_xmpp
        scene.expect('`Message` chat, normal, headline', [device], 'message', cid='unknown-1', body='with more',
                     unknown=shown if same else None)


@play('`Edit`')
async def edit(scene, row):
    await scene.say('`Message` chat, normal, headline', 'edited-1', body='teh text')
    await scene.tell(row, 'edit', scene.actor.edit, 'edit-1', 'edited-1', 'the text', cid='edit-1', about='edited-1',
                     body='the text')
    scene.final['edited-1'] = 'the text'


@play('`Recall`', '`Withdrawn`')
async def recall(scene, row):
    """Who was away gets, of the message, what is left; over XMPP nothing."""
    await scene.actor.say(scene.bob, 'recalled-1', body='a secret')
    scene.said.append('recalled-1')
    away = [device for device in scene.bobs if not device.here]
    here = [device for device in (*scene.bobs, *scene.others) if device.here]
    scene.expect('`Message` chat, normal, headline', here, 'message', cid='recalled-1')
    scene.expect('`Message` chat, normal, headline', away, 'message', count=0, body='a secret')
    await scene.everywhere('recalled-1', here)
    await scene.tell('`Recall`', 'recall', scene.actor.recall, 'recall-1', 'recalled-1', cid='recall-1')
    scene.expect('`Withdrawn`', [one for one in away if one.wire != 'xmpp'], 'withdrawn')
    scene.gone.add('recalled-1')


@play('`Receipt` delivered')
async def delivered(scene, row):
    """A program that speaks MQTT says it by its acknowledgement."""
    if scene.actor.wire == 'xmpp' and scene.situation != 'devices':
        for number in range(4):
            await scene.actor.receipt(scene.bob, 'delivered', f'said-{number}')
    for number in range(4):
        scene.expect(row, scene.bobs, 'receipt', k='delivered', about=f'said-{number}')


@play('`Receipt` read')
async def read(scene, row):
    await scene.tell(row, 'receipt', scene.actor.receipt, 'read', 'said-1', k='read', about='said-1', copies=False)


@play('`Receipt` played')
async def played(scene, row):
    if scene.actor.wire == 'xmpp':
        return  # XMPP has no word for it
    await scene.actor.receipt(scene.bob, 'played', 'said-2')
    for device in scene.bobs:
        k = 'read' if device.wire == 'xmpp' else 'played'
        scene.expect(row, [device], 'receipt', k=k, about='said-2')


@play('`ReadMarker`')
async def read_marker(scene, row):
    """The account's own matter: the other does not hear of it."""
    await scene.actor.read_marker(scene.bob, 'said-3')
    scene.expect(row, scene.others, 'read_marker', about='said-3')
    scene.expect(row, scene.bobs, 'read_marker', count=0)


@play('`ChatState`')
async def typing(scene, row):
    await scene.tell(row, 'typing', scene.actor.typing, 'composing', kept=False, copies=False, st='composing')
    await scene.tell(row, 'typing', scene.actor.typing, 'paused', kept=False, copies=False, st='paused')


@play('`Reaction`')
async def reaction(scene, row):
    await scene.say('`Message` chat, normal, headline', 'liked-1', body='is it good?')
    await scene.tell(row, 'reaction', scene.actor.react, 'react-1', 'liked-1', True, ['👍', '🎉'], cid='react-1',
                     about='liked-1', set=['👍', '🎉'])
    await scene.tell(row, 'reaction', scene.actor.react, 'react-2', 'said-2', False, ['👎'], cid='react-2', about='said-2',
                     set=['👎'])
    await scene.tell(row, 'reaction', scene.actor.react, 'react-3', 'said-2', False, [], cid='react-3', about='said-2', set=[])


@play('`Presence` status, priority, signature', '`Presence` listening', '`Listening`')
async def presence(scene, row):
    await scene.actor.be('away', 'gone fishing 🎣', 'FM 97.5')
    bare = scene.actor.bare
    if scene.situation == 'devices':
        # Of several devices XMPP shows each; the other wires show one: that of the highest priority.
        scene.state('`Presence` status, priority, signature', [one for one in scene.bobs if one.wire != 'xmpp'], bare, 'status', 'away')
    else:
        scene.state('`Presence` status, priority, signature', scene.bobs, bare, 'status', 'away')
        scene.state('`Presence` status, priority, signature', scene.bobs, bare, 'signature', 'gone fishing 🎣')
    scene.state('`Listening`', scene.bobs, bare, 'listening', 'FM 97.5')


@play('`Presence` avatar')
async def avatar(scene, row):
    if scene.actor.wire != 'xmpp':
        return  # nothing but XMPP has pictures of people
    await scene.actor.show_avatar(IMAGE)
    scene.state(row, scene.bobs, scene.actor.bare, 'avatar', hashlib.sha1(base64.b64decode(IMAGE)).hexdigest())


@play('`PresenceProbe`')
async def probe(scene, row):
    if scene.actor.wire == 'xmpp':
        scene.actor.probe(scene.bob)
        scene.expect(row, scene.bobs, 'presence probe')


@play('`Subscription`', '`RosterChange`')
async def subscription(scene, row):
    await scene.asker.ask_friendship(scene.bob)
    scene.asked = True
    scene.expect('`Subscription`', scene.bobs, 'roster', op='ask', jid=f'{scene.carol}@localhost')


@play('`BlockChange`')
async def block(scene, row):
    await scene.actor.block(scene.eve)
    scene.expect(row, scene.others, 'roster', op='block', jids=[f'{scene.eve}@localhost'])
    scene.expect(row, scene.bobs, 'roster', count=0, op='block')
    await scene.actor.unblock(scene.eve)
    scene.expect(row, scene.others, 'roster', op='unblock', jids=[f'{scene.eve}@localhost'])


@play('`Published`')
async def published(scene, row):
    if scene.actor.wire == 'xmpp':
        await scene.actor.publish(NICK, 'current', f"<nick xmlns='{NICK}'>Ally</nick>")
        scene.expect(row, [*scene.bobs, *scene.others], 'published', node=NICK)


@play('`Opaque`')
async def opaque(scene, row):
    if scene.actor.wire == 'xmpp':
        for device in scene.bobs:
            scene.actor.ask_device(device.full)
            scene.expect(row, [device], 'iq', kept=False)


@play('`Bounce`')
async def bounce(scene, row):
    await scene.actor.say('nobody-at-all', 'bounced-1', body='is anybody there?')
    scene.expect(row, [scene.actor], 'error', cid='bounced-1')
