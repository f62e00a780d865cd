"""One run of the load generator, on core 1, and the median of several."""

import json
import statistics
import subprocess
import sys

import run_table
from run_servers import on_core


def load(chosen, server, command, seconds, **given):
    """One run of the load generator: what it reports, or None, with a word on stderr."""
    words = [chosen.build / 'confab-load', command, '--json', '--port', server['port'], '--seconds', seconds]
    if command != 'befriend':
        words += ['--server-pid', server['pid']]
    for name, value in given.items():
        words += [f'--{name.replace("_", "-")}'] + ([] if value is True else [value])
    try:
        done = subprocess.run(on_core(chosen, 1, words), capture_output=True, text=True, timeout=seconds + 120)
    except subprocess.TimeoutExpired:
        print(f'  {command}: no end after {seconds + 120} s', file=sys.stderr)
        return None
    if done.returncode != 0:
        print(f'  {command}: {done.stderr.strip()} {done.stdout.strip()}', file=sys.stderr)
    return json.loads(done.stdout) if done.stdout else None


def repeated(chosen, results, name, key, measure):
    runs = []
    for _ in range(chosen.repeat):
        found = measure()
        if found is not None:
            runs.append(found)
            print(f'  {name} {key}: {run_table.one_line(found)}', flush=True)
    if runs:
        middle = {field: statistics.median(run[field] for run in runs) if isinstance(value, (int, float)) else value
                  for field, value in runs[0].items() if all(field in run for run in runs)}
        results.setdefault(key, {})[name] = {'median': middle, 'runs': runs}
