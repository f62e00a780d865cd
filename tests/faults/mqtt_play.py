"""MQTT for the fault tests: neighbours on this wire, too."""

from fault_play import Faults
from raw_mqtt import *  # noqa: F401,F403
from raw_mqtt import V5, Device


class MqttFaults(Faults):
    """One of the neighbours has a device on this wire, too."""
    settings = {'limits.messages_per_second': 0, 'policy.presence_grace_seconds': 0, 'mqtt_open.anonymous': True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tablet = Device(cls.site.port('mqtt'))
        assert cls.tablet.login('peter', 'tablet') == (False, 0)
        cls.tablet.synced()

    @classmethod
    def tearDownClass(cls):
        cls.tablet.close()
        super().tearDownClass()

    def neighbours_talk(self):
        super().neighbours_talk()
        self.tablet.until(lambda: self.tablet.objects('im/u/peter/msg', body=f'line {self.lines}'), 'what a neighbour wrote')
        self.tablet.messages.clear()

    def device(self, name=None, client_id='desk', listener='mqtt', version=V5, small=False, synced=True, **how):
        """Logged in, on a listener of people up to the end of what was missed."""
        one = self.connection(listener, version, small)
        _, code = one.login(name, client_id, **how)
        self.assertEqual(code, 0)
        return one.synced() if listener == 'mqtt' and synced else one

    def connection(self, listener='mqtt', version=V5, small=False):
        one = Device(self.site.port(listener), version, small)
        self.opened.append(one)
        return one
