"""MapProxy as a map service on the loopback. Prints its address, reads the configuration named in its argument at the first request and whenever it
has changed, and ends when its standard input does."""
import os
import socketserver
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

application = None
read = None


def serve(environ, start_response):
    global application, read
    written = os.stat(sys.argv[1]).st_mtime_ns
    if read != written:
        from mapproxy.wsgiapp import make_wsgi_app
        application = make_wsgi_app(sys.argv[1])
        read = written
    return application(environ, start_response)


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


server = make_server("127.0.0.1", 0, serve, type("Server", (socketserver.ThreadingMixIn, WSGIServer), {"daemon_threads": True}), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}/service", flush=True)
sys.stdin.read()
