"""An S3 server for the tests: OpenStack Swift with its S3 interface (Debian's python3-swift), all four services in one process.

swift_s3.py FOLDER ACCESS_KEY SECRET_KEY [BYTES]   (the access key has the form account:user; BYTES: the most that one request puts or copies)

Prints the address once it answers. Ends with its standard input, hence with the tests, and leaves everything in FOLDER.
"""
import os
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

SERVICES = ("account", "container", "object")

PROXY = """
[DEFAULT]
swift_dir = {folder}
log_level = CRITICAL
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""

STORAGE = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = CRITICAL
[pipeline:main]
pipeline = {service}-server
[app:{service}-server]
use = egg:swift#{service}
"""


class ForgetfulCache:
    """Stands in for memcached, which the accounts' middleware asks for but does not need: every answer is a miss."""

    def get(self, key, raise_on_error=False):
        return None

    def set(self, key, value, **options):
        pass

    def delete(self, key, **options):
        pass


def with_cache(app):
    cache = ForgetfulCache()

    def serve(environ, start_response):
        environ["swift.cache"] = cache
        return app(environ, start_response)

    return serve


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def ring(folder, service, port):
    builder = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
    builder.add_dev({"region": 1, "zone": 1, "weight": 1.0, "device": "one",
                     "ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, service + ".ring.gz"))


def main():
    folder, access, secret = sys.argv[1:4]
    largest = "max_file_size = %d\n" % int(sys.argv[4]) if len(sys.argv) > 4 else ""
    account, user = access.split(":")
    os.makedirs(os.path.join(folder, "devices", "one"))
    write(folder, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = tests\n[swift-constraints]\nmax_header_size = 16384\n" + largest)
    utils.set_swift_dir(folder)
    sockets = {service: eventlet.listen(("127.0.0.1", 0), backlog=256) for service in SERVICES + ("proxy",)}
    for service in SERVICES:
        ring(folder, service, sockets[service].getsockname()[1])
    configurations = {s: write(folder, s + ".conf", STORAGE.format(folder=folder, service=s)) for s in SERVICES}
    configurations["proxy"] = write(folder, "proxy.conf", PROXY.format(folder=folder, account=account, user=user, secret=secret))
    for service, path in configurations.items():
        app = loadapp(path, global_conf={"log_name": service})
        eventlet.spawn(wsgi.server, sockets[service], with_cache(app), log_output=False, custom_pool=eventlet.GreenPool(256))
    eventlet.sleep(0)
    print("http://127.0.0.1:%d" % sockets["proxy"].getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.read)
    os._exit(0)


main()
