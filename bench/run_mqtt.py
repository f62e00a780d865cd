"""The MQTT parts of bench/run: confabd beside mosquitto, and the relay with messages of the same size."""

from run_load import load, repeated
from run_servers import START, scratch

PAIRS = 100
USERS = 2 * PAIRS
FIRST_LOGINS = 1000
SUBSCRIBERS = 1000
RATE = 20_000
LATENCY_SECONDS = 10
# A stanza with so much body is as long as a PUBLISH with a payload of 200 bytes.
RELAY_BODY = 85

PARTS = ('mqtt_qos0', 'mqtt_qos1', 'mqtt_fanout', 'mqtt_logins', 'mqtt_idle', 'mqtt_im', 'mqtt_latency')

# Messages at QoS 0 and 1 and window 1 and 16, on profile im at 16; publications; logins: some seconds each.
COUNTS = {
    'relay': {'mqtt_qos0_1': 300_000, 'mqtt_qos0_16': 2_000_000, 'mqtt_fanout': 1000},
    'confab': {'mqtt_qos0_1': 300_000, 'mqtt_qos0_16': 1_500_000, 'mqtt_qos1_1': 200_000, 'mqtt_qos1_16': 1_000_000,
               'mqtt_fanout': 1000, 'mqtt_logins': 10_000, 'mqtt_im_16': 100_000},
    'mosquitto': {'mqtt_qos0_1': 200_000, 'mqtt_qos0_16': 300_000, 'mqtt_qos1_1': 100_000, 'mqtt_qos1_16': 150_000,
                  'mqtt_fanout': 500, 'mqtt_logins': 10_000},
}


def count_of(chosen, name, key, least=4 * PAIRS):
    return max(least, COUNTS[name][key] * chosen.scale // 100)


def at(server, what):
    """The server with the port of: open (free topics, anybody), tls, login (users alone). Ours has TLS for accounts only."""
    ports = {'open': 'mqtt_open_port', 'tls': 'mqtt_tls_port', 'login': 'mqtt_port'}
    if 'mqtt_port' not in server:
        ports = {'open': 'port', 'tls': 'tls_port', 'login': 'login_port'}
    return {**server, 'port': server[ports[what]]}


def measure_messages(chosen, results, name, server, qos):
    for window in (1, 16):
        key = f'mqtt_qos{qos}_{window}'
        count = count_of(chosen, name, key)
        given = {'pairs': PAIRS, 'window': window, 'count': count, 'warmup': max(PAIRS, count // 20)}
        if name == 'relay':
            repeated(chosen, results, name, key, lambda: load(
                chosen, server, 'relay-messages', chosen.seconds, body=RELAY_BODY, **given))
        else:
            repeated(chosen, results, name, key, lambda: load(
                chosen, at(server, 'open'), 'mqtt-messages', chosen.seconds, qos=qos, **given))


def measure_fanout(chosen, results, name, server):
    count = count_of(chosen, name, 'mqtt_fanout', 20)
    where, given = (server, {'relay': True}) if name == 'relay' else (at(server, 'open'), {})
    repeated(chosen, results, name, 'mqtt_fanout', lambda: load(
        chosen, where, 'mqtt-fanout', chosen.seconds, subscribers=SUBSCRIBERS, count=count, warmup=20, **given))


def measure_latency(chosen, results, name, server):
    """The same load for every server: what one can do says nothing about how long it takes."""
    for qos in (0, 1):
        repeated(chosen, results, name, f'mqtt_latency_{qos}', lambda: load(
            chosen, at(server, 'open'), 'mqtt-messages', chosen.seconds, qos=qos, pairs=PAIRS, rate=RATE,
            count=RATE * LATENCY_SECONDS * chosen.scale // 100, warmup=RATE))


def measure_im(chosen, results, name, server):
    count = count_of(chosen, name, 'mqtt_im_16')
    repeated(chosen, results, name, 'mqtt_im_16', lambda: load(
        chosen, at(server, 'login'), 'mqtt-messages', 4 * chosen.seconds, profile='im', qos=1, pairs=PAIRS, window=16,
        count=count, warmup=max(PAIRS, count // 20), payload='json', stall_seconds=chosen.seconds))


def measure_logins(chosen, results, name, server):
    count = count_of(chosen, name, 'mqtt_logins')

    def measure(key, where, **given):
        repeated(chosen, results, name, key, lambda: load(
            chosen, at(server, where), 'mqtt-logins', chosen.seconds, count=count, parallel=20, users=USERS, **given))
    measure('mqtt_logins', 'login' if name == 'mosquitto' else 'open')
    if name == 'confab':
        measure('mqtt_logins_im', 'login')
        measure('mqtt_logins_scram', 'login', scram=True)


def measure_first_logins(chosen, results, name, folder):
    """A fresh start for every measurement: a server may remember a password that was right."""
    def measure():
        with START[name](chosen, folder, FIRST_LOGINS, False) as server:
            return load(chosen, at(server, 'login'), 'mqtt-logins', 2 * chosen.seconds, users=FIRST_LOGINS, parallel=20,
                        first=True)
    repeated(chosen, results, name, 'mqtt_logins_first', measure)


def measure_idle(chosen, results, name, folder):
    """A fresh start for every measurement: memory that a server has freed once would hide what a session takes."""
    sessions = chosen.idle_sessions

    def measure(key, where, **given):
        def once():
            with START[name](chosen, folder, sessions, False) as server:
                return load(chosen, at(server, where), 'mqtt-idle', 120, connections=sessions, **given)
        repeated(chosen, results, name, key, once)
    measure('mqtt_idle', 'open')
    if name == 'confab':
        measure('mqtt_idle_im', 'login', profile='im')
        measure('mqtt_idle_tls', 'tls', tls='direct', profile='im')
    else:
        measure('mqtt_idle_tls', 'tls', tls='direct')


def measure_running(chosen, results, name, server, parts):
    """What one server can be asked for one after the other."""
    for qos in (0, 1):
        if f'mqtt_qos{qos}' in parts:
            measure_messages(chosen, results, name, server, qos)
    for part, measure in (('mqtt_fanout', measure_fanout), ('mqtt_latency', measure_latency),
                          ('mqtt_logins', measure_logins)):
        if part in parts:
            measure(chosen, results, name, server)


def measure_server(chosen, results, name, parts):
    parts = set(parts) & set(PARTS)
    if name == 'relay':
        parts &= {'mqtt_qos0', 'mqtt_fanout'}
    if not parts or name not in COUNTS:
        return
    if parts - {'mqtt_idle', 'mqtt_im'}:
        with scratch() as folder, START[name](chosen, folder, USERS, False) as server:
            measure_running(chosen, results, name, server, parts)
    if 'mqtt_im' in parts and name == 'confab':
        with scratch() as folder, START[name](chosen, folder, USERS, False) as server:
            measure_im(chosen, results, name, server)
    for part, measure in (('mqtt_logins', measure_first_logins), ('mqtt_idle', measure_idle)):
        if part in parts:
            with scratch() as folder:
                measure(chosen, results, name, folder)
