"""The tables of bench/run: one row per measure, one column per server, and ratios to confab within the same run."""

# key of the measurement, its figure, what the row is called, the goal ("most" or "least"), decimals
ROWS = [
    ('transient_1', 'server_cpu_s_per_100k', 'transient, window 1: server CPU s per 100,000', ('most', 2.0)),
    ('transient_1', 'messages_per_second', 'transient, window 1: messages/s', None),
    ('transient_1', 'p50_us', 'transient, window 1: p50 us', None),
    ('transient_1', 'p99_us', 'transient, window 1: p99 us', None),
    ('transient_16', 'server_cpu_s_per_100k', 'transient, window 16: server CPU s per 100,000', ('most', 0.6)),
    ('transient_16', 'messages_per_second', 'transient, window 16: messages/s', None),
    ('transient_16', 'p99_us', 'transient, window 16: p99 us', None),
    ('stored_16', 'server_cpu_s_per_100k', 'stored, window 16: server CPU s per 100,000', ('most', 6)),
    ('stored_16', 'messages_per_second', 'stored, window 16: messages/s', ('least', 15000)),
    ('stored_16', 'p99_us', 'stored, window 16: p99 us', None),
    ('logins', 'server_cpu_s_per_100k', 'logins: server CPU s per 100,000', ('most', 12)),
    ('logins', 'logins_per_second', 'logins/s', None),
    ('devices_1', 'server_cpu_s_per_100k', 'stored, one device: server CPU s per 100,000', None),
    ('devices_3', 'server_cpu_s_per_100k', 'stored, three devices with carbons: the same', None),
    ('devices_8', 'server_cpu_s_per_100k', 'stored, eight devices with carbons: the same', None),
    ('friends_0', 'p50_us', 'login with roster and presence: p50 us', None),
    ('friends_1000', 'p50_us', 'the same with 1,000 friends, all away: p50 us', None),
    ('friends_1000', 'server_cpu_s_per_100k', 'the same: server CPU s per 100,000', None),
    ('archive', 'p50_us', 'a page of 50 from an archive of a million: p50 us', None),
    ('archive', 'p95_us', 'the same: p95 us', None),
    ('archive', 'walk_events_per_second', 'walking through it by pages of 250: events/s', None),
    ('idle_plain', 'rss_kb_per_session', 'idle session: KB', ('most', 6)),
    ('idle_tls', 'rss_kb_per_session', 'idle session, TLS: KB', ('most', 20)),
]
MQTT_ROWS = [
    ('mqtt_qos0_1', 'server_cpu_s_per_100k', 'QoS 0, window 1: server CPU s per 100,000', ('most', 1.1)),
    ('mqtt_qos0_1', 'messages_per_second', 'QoS 0, window 1: messages/s', None),
    ('mqtt_qos0_1', 'p99_us', 'QoS 0, window 1: p99 us', None),
    ('mqtt_qos0_16', 'server_cpu_s_per_100k', 'QoS 0, window 16: server CPU s per 100,000', ('most', 0.3)),
    ('mqtt_qos0_16', 'messages_per_second', 'QoS 0, window 16: messages/s', None),
    ('mqtt_qos0_16', 'p99_us', 'QoS 0, window 16: p99 us', None),
    ('mqtt_qos1_1', 'server_cpu_s_per_100k', 'QoS 1, window 1: server CPU s per 100,000', ('most', 1.6)),
    ('mqtt_qos1_1', 'messages_per_second', 'QoS 1, window 1: messages/s', None),
    ('mqtt_qos1_1', 'p99_us', 'QoS 1, window 1: p99 us', None),
    ('mqtt_qos1_16', 'server_cpu_s_per_100k', 'QoS 1, window 16: server CPU s per 100,000', ('most', 0.6)),
    ('mqtt_qos1_16', 'messages_per_second', 'QoS 1, window 16: messages/s', None),
    ('mqtt_qos1_16', 'p99_us', 'QoS 1, window 16: p99 us', None),
    ('mqtt_fanout', 'server_cpu_s_per_100k', 'one to 1,000: server CPU s per 100,000 deliveries', ('most', 0.6)),
    ('mqtt_fanout', 'messages_per_second', 'one to 1,000: deliveries/s', None),
    ('mqtt_fanout', 'p99_us', 'one to 1,000: p99 us', None),
    ('mqtt_latency_0', 'p50_us', '20,000/s, QoS 0: p50 us', None),
    ('mqtt_latency_0', 'p99_us', '20,000/s, QoS 0: p99 us', ('no worse than', 'mosquitto')),
    ('mqtt_latency_0', 'server_cpu_s_per_100k', '20,000/s, QoS 0: server CPU s per 100,000', None),
    ('mqtt_latency_1', 'p50_us', '20,000/s, QoS 1: p50 us', None),
    ('mqtt_latency_1', 'p99_us', '20,000/s, QoS 1: p99 us', ('no worse than', 'mosquitto')),
    ('mqtt_latency_1', 'server_cpu_s_per_100k', '20,000/s, QoS 1: server CPU s per 100,000', None),
    ('mqtt_im_16', 'server_cpu_s_per_100k', 'to an account, durable, window 16: server CPU s per 100,000', ('most', 6)),
    ('mqtt_im_16', 'messages_per_second', 'to an account, durable: messages/s', ('least', 15000)),
    ('mqtt_im_16', 'p99_us', 'to an account, durable: p99 us', None),
    ('mqtt_logins', 'server_cpu_s_per_100k', 'logins by password, free topics: server CPU s per 100,000', ('most', 10)),
    ('mqtt_logins', 'logins_per_second', 'the same: logins/s', None),
    ('mqtt_logins_im', 'server_cpu_s_per_100k', "logins by password, accounts' messages: the same", ('most', 10)),
    ('mqtt_logins_scram', 'server_cpu_s_per_100k', 'logins by SCRAM: the same', ('most', 10)),
    ('mqtt_logins_first', 'server_cpu_s_per_100k', 'first logins by password: the same', None),
    ('mqtt_idle', 'rss_kb_per_session', 'idle connection, free topics: KB', ('most', 4)),
    ('mqtt_idle_im', 'rss_kb_per_session', "idle connection, accounts' messages: KB", ('most', 4)),
    ('mqtt_idle_tls', 'rss_kb_per_session', 'idle connection, TLS: KB', ('most', 18)),
]
# The table's rows, and its columns beside ours.
TABLES = [(ROWS, ['relay', 'ejabberd', 'prosody']), (MQTT_ROWS, ['relay', 'mosquitto'])]
NAMES = {'relay': 'relay', 'ejabberd': 'ejabberd', 'prosody': 'Prosody', 'mosquitto': 'mosquitto'}
FAULTS = ('lost', 'duplicates', 'strays', 'errors')


def number(value):
    if value is None:
        return '–'
    return f'{value:,.0f}' if abs(value) >= 1000 else f'{value:.3g}'


def one_line(run):
    shown = ['messages_per_second', 'logins_per_second', 'p50_us', 'p95_us', 'p99_us', 'server_cpu_s_per_100k', 'load_cores',
             'server_cpu_ms_per_page', 'walk_events_per_second',
             'rss_kb_per_session', 'pss_kb_per_session']
    words = [f'{name}={number(run[name])}' for name in shown if name in run]
    return ' '.join(words + [f'{name}={run[name]}' for name in FAULTS if run.get(name)])


def verdict(found, goal):
    if goal is None:
        return ''
    kind, limit = goal
    value = found['confab']
    text = f'{kind} {NAMES[limit]}' if limit in NAMES else ('≤ ' if kind == 'most' else '≥ ') + number(limit)
    limit = found[limit] if limit in NAMES else limit
    if value is None or limit is None:
        return text
    met = value >= limit if kind == 'least' else value <= limit
    return f'{text}: {"met" if met else "missed"}'


def row(results, others, key, figure, title, goal):
    found = {name: results.get(key, {}).get(name, {}).get('median', {}).get(figure) for name in ['confab'] + others}
    if all(value is None for value in found.values()):
        return None
    ours = found['confab']
    columns = [others[0], 'confab'] + others[1:]
    ratios = [f'{found[name] / ours:.2g}' if found[name] is not None and ours else '–' for name in others]
    return '| ' + ' | '.join([title] + [number(found[name]) for name in columns] + ratios + [verdict(found, goal)]) + ' |'


def table(results, rows, others):
    names = [NAMES[name] for name in others]
    head = ['measure', names[0], 'Confab'] + names[1:] + [f'{name} : Confab' for name in names] + ['goal']
    lines = [line for line in (row(results, others, *what) for what in rows) if line]
    columns = '|'.join(['---'] + ['--:'] * (len(head) - 2) + ['---'])
    return [f'| {" | ".join(head)} |', f'|{columns}|'] + lines + [''] if lines else []


def fault_lines(results):
    for key, servers in results.items():
        for name, measured in servers.items():
            wrong = {fault: sum(run.get(fault, 0) for run in measured['runs']) for fault in FAULTS}
            if any(wrong.values()):
                yield f'{name}, {key}: ' + ', '.join(f'{count} {fault}' for fault, count in wrong.items() if count)


def markdown(results):
    lines = [line for rows, others in TABLES for line in table(results, rows, others)]
    faults = list(fault_lines(results))
    lines += ['Not every message arrived once: ' + '; '.join(faults) + '.', ''] if faults else []
    return '\n'.join(lines)


def page(tables, conditions):
    return f"""# Results

Written by `bench/run` on {conditions['date']}, on {conditions['machine']}: trust the ratios, which are of the same run. The
median of {conditions['repeat']} measurements each, at {conditions['scale_percent']} % of the usual counts; {conditions['pairs']} pairs of clients;
idle: {conditions['idle_sessions']} sessions, each with a roster of {conditions['contacts']}. Server and load generator
{'on a core each' if conditions['pinned'] else 'not pinned to cores'}. How it is measured: [../README.md](../README.md).

{tables}"""
