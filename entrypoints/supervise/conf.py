"""The configuration of supervisord: every part of the cluster profile as a program that is started when asked.

The file says nothing of settings or secrets: what a program runs, and with which settings, stands in a file of its own
(`launch.py`), so the configuration never changes while supervisord runs. Paths are relative to the supervisor's
directory, where supervisord is started: a path of the user's may hold what the file's format gives a meaning.
"""

import getpass
import os
import shlex
import sys
from collections.abc import Iterable

from entrypoints.supervise.parts import Part
from entrypoints.supervise.places import Places

_SUPERVISOR = """\
[unix_http_server]
file={socket}
chmod=0600

[supervisord]
logfile=supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile=supervisord.pid
childlogdir=logs
umask=077
identifier=cryptoviz
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# startretries: supervisord waits 1 s longer after each failed start, and must not give up while, say, a disk is full.
# stopasgroup=false: a Spark driver ends its batch before its JVM, of the same process group, may go.
_PROGRAM = """
[program:{part.name}]
command={command}
autostart=false
autorestart=true
startsecs=2
startretries=100000
stopsignal={part.stop_signal}
stopwaitsecs={part.stop_within_s}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{part.name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5
"""


def conf_text(places: Places, parts: Iterable[Part]) -> str:
    """The whole file."""
    inside = places.socket.parent == places.root
    text = _SUPERVISOR.format(
        socket=places.socket.name if inside else str(places.socket).replace("%", "%%"),
        user=f"user={getpass.getuser()}\n" if os.geteuid() == 0 else "",  # root has to say that it is meant
    )
    for part in parts:
        launch = [sys.executable, "-P", "-m", "entrypoints.supervise.launch", f"programs/{part.name}.json"]
        text += _PROGRAM.format(part=part, command=shlex.join(launch).replace("%", "%%"))
    return text
