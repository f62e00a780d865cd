"""The servers of bench/run: each is started in a folder of its own, pinned to core 0, and stopped at the end."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PASSWORD = 'secret'

CONFIG = """domain = "localhost"
data_dir = "{folder}/data"
threads = {threads}

[listen]
http = []
https = []
xmpp = ["127.0.0.1:0"]
xmpps = ["127.0.0.1:0"]
xmpp_server = []
mqtt = ["127.0.0.1:0"]
mqtts = ["127.0.0.1:0"]
mqtt_open = ["127.0.0.1:0"]
sip = []
sips = []

[auth]
plaintext = "loopback"
registration = "closed"

[mqtt_open]
anonymous = true

# Limits that would measure themselves.
[limits]
messages_per_second = 0
connections_per_address = 1000000
sessions_per_account = 1000
"""


def fail(why):
    sys.exit(f'bench/run: {why}')


def on_core(chosen, core, command):
    pinned = not chosen.no_pin and os.cpu_count() > 1
    return (['taskset', '-c', str(core)] if pinned else []) + [str(word) for word in command]


def wait_for_line(process, seconds):
    """The first line of a program's output; it ends the run if there is none in time."""
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    line = process.stdout.readline() if ready else ''
    if not line.startswith('ready'):
        process.terminate()
        fail(f'{process.args[-1]}: not ready, but {line!r}')
    return line


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def started(chosen, command, seconds):
    """Runs a server that prints `ready name=value ...`; yields the values."""
    process = subprocess.Popen(on_core(chosen, 0, command), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        words = wait_for_line(process, seconds).split()[1:]
        yield dict(word.split('=', 1) for word in words if '=' in word)
    finally:
        stop(process)


def relay(chosen, folder, users, archive):
    return started(chosen, [chosen.build / 'confab-load', 'relay', '--seconds', 3600], 10)


def peer(name):
    def start(chosen, folder, users, archive):
        known = folder / 'registered'
        command = [HERE / 'peers/run_peer', name, '--keep', folder / 'peer', '--password', PASSWORD,
                   '--users', 0 if known.exists() else users] + (['--archive'] if archive else [])
        known.touch()
        return started(chosen, command, 60 + users)
    return start


def import_users(chosen, folder, users):
    accounts = folder / 'accounts.csv'
    accounts.write_text('name,password\n' + ''.join(f'u{n},{PASSWORD}\n' for n in range(users)))
    subprocess.run([chosen.build / 'confabctl', '--config', folder / 'confab.toml', 'user', 'import', accounts],
                   check=True, timeout=60 + users, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def confab(chosen, folder, users, archive):
    config = folder / 'confab.toml'
    if not config.exists():
        threads = 0 if chosen.no_pin else 1
        config.write_text(CONFIG.format(folder=folder, threads=threads))
        (folder / 'data').mkdir()
        import_users(chosen, folder, users)
    ports = folder / 'ports.json'
    command = [chosen.build / 'confabd', 'serve', '--config', config, '--port-file', ports]
    with open(folder / 'confabd.log', 'a') as log:
        process = subprocess.Popen(on_core(chosen, 0, command), stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder)
    try:
        wait_for_line(process, 30)
        bound = {name: where[0].rpartition(':')[2] for name, where in json.loads(ports.read_text()).items()}
        yield {'pid': process.pid, 'domain': 'localhost', 'port': bound['xmpp'], 'tls_port': bound['xmpps'],
               'mqtt_port': bound['mqtt'], 'mqtt_tls_port': bound['mqtts'], 'mqtt_open_port': bound['mqtt_open']}
    finally:
        stop(process)


START = {'relay': relay, 'confab': confab, 'ejabberd': peer('ejabberd'), 'prosody': peer('prosody'),
         'mosquitto': peer('mosquitto')}


@contextlib.contextmanager
def scratch():
    folder = Path(tempfile.mkdtemp(prefix='confab-bench-'))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
