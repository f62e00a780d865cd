"""paho as a person or a machine: a client over MQTT that keeps what it saw in order."""

import json
import threading
import time

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from dev_site import HOST

WAIT_SECONDS = 20
V5, V311 = paho.MQTTv5, paho.MQTTv311


class Machine:
    """One connection. `name` None: nobody. Persistent where `keeps`."""

    def __init__(self, site, name=None, client_id='desk', version=V5, keeps=False, listener='mqtt', password=None,
                 properties=(), will=None, clean=None, transport='tcp', receive_maximum=None):
        self.site, self.name, self.version, self.keeps, self.listener = site, name, version, keeps, listener
        self.clean = not keeps if clean is None else clean
        self.seen, self.acks, self.granted, self.results = [], {}, {}, []
        self.gone = None
        self.lock = threading.Condition()
        extra = {} if version == V5 else {'clean_session': self.clean}
        self.client = paho.Client(client_id=client_id, protocol=version, transport=transport, **extra)
        if name is not None:
            self.client.username_pw_set(name, password or f'{name}-secret')
        self.client.on_connect = lambda c, u, flags, code, *rest: self.note(self.results, (flags['session present'], int(getattr(code, 'value', code))))
        self.client.on_message = lambda c, u, message: self.note(self.seen, message)
        self.client.on_publish = lambda c, u, mid: self.note_key(self.acks, mid, True)
        self.client.on_subscribe = lambda c, u, mid, codes, *rest: self.note_key(
            self.granted, mid, [getattr(code, 'value', code) for code in codes])
        self.client.on_disconnect = self.on_disconnect
        if will is not None:
            topic, payload, qos, retain, delay = will
            of_will = None
            if version == V5:
                of_will = Properties(PacketTypes.WILLMESSAGE)
                of_will.WillDelayInterval = delay
            self.client.will_set(topic, payload, qos, retain, properties=of_will)
        self.connect_properties = None
        if version == V5:
            self.connect_properties = Properties(PacketTypes.CONNECT)
            if keeps:
                self.connect_properties.SessionExpiryInterval = 3600
            if receive_maximum:
                self.connect_properties.ReceiveMaximum = receive_maximum
            if properties:
                self.connect_properties.UserProperty = list(properties)

    def on_disconnect(self, client, userdata, code, *rest):
        with self.lock:
            self.gone = int(getattr(code, 'value', code))
            self.lock.notify_all()

    def note(self, where, what):
        with self.lock:
            where.append(what)
            self.lock.notify_all()

    def note_key(self, where, key, what):
        with self.lock:
            where[key] = what
            self.lock.notify_all()

    def until(self, condition, what, seconds=WAIT_SECONDS):
        end = time.monotonic() + seconds
        with self.lock:
            while not condition():
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f'{self.name}: no {what} within {seconds} s; seen '
                                         f'{[(m.topic, m.payload[:200]) for m in self.seen]}')
                self.lock.wait(left)
        return self

    def connect(self):
        """CONNACK's (session present, code)."""
        extra = {}
        if self.version == V5:
            extra = {'clean_start': self.clean, 'properties': self.connect_properties}
        self.client.connect(HOST, self.site.port(self.listener), keepalive=60, **extra)
        self.client.loop_start()
        self.until(lambda: self.results, 'CONNACK')
        return self.results[-1]

    def login(self):
        _, code = self.connect()
        assert code == 0, code
        self.until(lambda: any(o.get('st') == 'end' for o in self.objects('/sync')), 'the end of what was missed')
        return self

    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        """Waits for the acknowledgement."""
        if not isinstance(payload, (str, bytes, type(None))):
            payload = json.dumps(payload)
        info = self.client.publish(topic, payload, qos, retain, properties=properties)
        self.until(lambda: info.mid in self.acks, f'acknowledgement of {topic}')
        return self

    def subscribe(self, topic, qos=1):
        """SUBACK's code."""
        _, mid = self.client.subscribe(topic, qos)
        self.until(lambda: mid in self.granted, f'SUBACK for {topic}')
        return self.granted[mid][0]

    def objects(self, ending, **members):
        """What came on topics that end so, and has these members."""
        found = []
        for message in list(self.seen):
            if message.topic.endswith(ending):
                one = json.loads(message.payload)
                if all(one.get(k) == v for k, v in members.items()):
                    found.append(one)
        return found

    def got(self, ending, count=1, seconds=WAIT_SECONDS, **members):
        self.until(lambda: len(self.objects(ending, **members)) >= count, f'{count} x {ending} {members}', seconds)
        return self.objects(ending, **members)

    def request(self, method, **params):
        rid = f'r{len(self.acks)}-{method}'
        self.publish(f'im/req/{method}', {**params, 'rid': rid})
        return self.got('/res', rid=rid)[0]

    def leave(self):
        self.client.disconnect()
        self.until(lambda: self.gone is not None, 'the end of the connection')
        self.client.loop_stop()

    def drop(self):
        """The line is cut: no goodbye."""
        self.client.loop_stop()
        self.client._sock_close()
