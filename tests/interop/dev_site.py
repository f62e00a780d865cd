"""A development site for a test: starts confabd on free ports of loopback, knows its ports, stops, kills and restarts it.

CONFABD and CONFABCTL name the programs. With CONFAB_PEER=prosody or ejabberd the same tests run against that server
instead (bench/peers): what fails there as well is the test's fault.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONFABD = os.environ.get('CONFABD', str(ROOT / 'build/gcc/confabd'))
CONFABCTL = os.environ.get('CONFABCTL', str(ROOT / 'build/gcc/confabctl'))
PEER = os.environ.get('CONFAB_PEER', '')
HOST = '127.0.0.1'
DOMAIN = 'localhost'
START_SECONDS = 60  # a sanitizer's build on a busy machine takes its time

LISTENERS = ('http', 'https', 'xmpp', 'xmpps', 'xmpp_server', 'mqtt', 'mqtts', 'mqtt_open', 'sip', 'sips')



def to_toml(settings):
    """{"domain": …, "limits.queue_bytes": …} as the configuration's text."""
    sections = {}
    for key, value in settings.items():
        section, _, name = key.rpartition('.')
        sections.setdefault(section, []).append(f'{name} = {json.dumps(value)}')
    lines = []
    for section in sorted(sections):  # what stands outside of every section comes first
        lines += [f'[{section}]'] * bool(section) + sections[section]
    return '\n'.join(lines) + '\n'


def wait_for_line(process, start, seconds=START_SECONDS):
    """The first line of the process's output that begins with `start`."""
    until = time.monotonic() + seconds
    seen = b''
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.2)[0]:
            piece = os.read(process.stdout.fileno(), 65536)
            seen += piece
            for line in seen.decode(errors='replace').split('\n')[:-1]:
                if line.startswith(start):
                    return line
            if not piece:
                break
    raise RuntimeError(f'the server did not say "{start}" (it has {seconds} s); output: {seen.decode(errors="replace")!r}; '
                       f'exit code {process.poll()}')


class Site:
    """A running server and the folder that holds its data, its configuration and its log. `settings` win over the
    test's defaults, as {"limits.queue_bytes": 65536}."""

    def __init__(self, channel_binding=True, settings=None):
        self.folder = Path(tempfile.mkdtemp(prefix='confab-interop-'))
        self.config = self.folder / 'confab.toml'
        self.ports_file = self.folder / 'ports.json'
        self.log = self.folder / 'log'
        self.process = None
        self.ports = {}
        (self.folder / 'data').mkdir()
        self.settings = {'domain': DOMAIN, 'data_dir': str(self.folder / 'data'), 'threads': 2,
                         'auth.registration': 'open', 'auth.channel_binding': channel_binding,
                         'limits.messages_per_second': 0}
        self.settings.update({f'listen.{name}': [f'{HOST}:0'] for name in LISTENERS})
        self.configure(settings or {})

    def configure(self, settings):
        """Writes the configuration anew; the server reads it at the next start, or at SIGHUP."""
        self.settings.update(settings)
        self.config.write_text(to_toml(self.settings))

    def __enter__(self):
        return self.start()

    def __exit__(self, *failure):
        self.close(keep=failure[0] is not None)

    def command(self):
        if PEER:
            return [str(ROOT / 'bench/peers/run_peer'), PEER, '--archive', '--keep', str(self.folder / 'data' / PEER)]
        return [CONFABD, 'serve', '--dev', '--data', str(self.folder / 'data'), '--config', str(self.config),
                '--port-file', str(self.ports_file)]

    def start(self):
        self.ports_file.unlink(missing_ok=True)
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        try:
            ready = wait_for_line(self.process, 'ready')
        except RuntimeError as failure:
            self.process.kill()
            raise RuntimeError(f'{failure}\n{self.last_log()}') from None
        if PEER:
            fields = dict(field.split('=', 1) for field in ready.split()[1:])
            self.ports = {'xmpp': int(fields['port']), 'xmpps': int(fields['tls_port'])}
        else:
            bound = json.loads(self.ports_file.read_text())
            self.ports = {name: int(addresses[0].rsplit(':', 1)[1]) for name, addresses in bound.items() if addresses}
        return self

    def last_log(self, lines=40):
        return '\n'.join(self.log.read_text(errors='replace').split('\n')[-lines:])

    def port(self, listener):
        return self.ports[listener]

    def stop(self, seconds=20):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        finally:
            self.end_process()

    def kill(self):
        """kill -9, as a crash."""
        self.process.send_signal(signal.SIGKILL)
        self.end_process()

    def end_process(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def close(self, keep=False):
        """Stops the server and removes its folder; after a failure prints the end of its log."""
        code = self.stop() if self.process and self.process.poll() is None else None
        if keep:
            print(f'--- the end of the log of {self.folder}\n{self.last_log()}')
        shutil.rmtree(self.folder, ignore_errors=True)
        if code not in (None, 0) and not keep:
            raise RuntimeError(f'the server ended with {code} at SIGTERM')

    def control(self, *arguments, text=''):
        """confabctl against this site: (exit code, standard output, standard error)."""
        ran = subprocess.run([CONFABCTL, '--config', str(self.config), *arguments], input=text, text=True,
                             capture_output=True, timeout=60)
        return ran.returncode, ran.stdout, ran.stderr

    def add_user(self, name, password):
        if PEER:
            from raw_client import register
            register(self.port('xmpp'), name, password)
            return
        code, _, errors = self.control('user', 'add', name, '--password-stdin', text=password + '\n')
        if code != 0:
            raise RuntimeError(f'confabctl user add {name}: {errors}')
