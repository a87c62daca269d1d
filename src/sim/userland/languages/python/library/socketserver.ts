// socketserver: servers that hand each connection to a handler.

export const SOCKETSERVER = `
import socket, sys, threading, traceback

class BaseServer:
    allow_reuse_address = False
    threaded = False

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):
        self.RequestHandlerClass = RequestHandlerClass
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._running = False
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server_address = server_address
        if bind_and_activate:
            self.server_bind()
            self.socket.listen(5)

    def server_bind(self):
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def fileno(self):
        return self.socket.fileno()

    def serve_forever(self, poll_interval=0.5):
        self._running = True
        while self._running:
            self.handle_request()

    def handle_request(self):
        request, address = self.socket.accept()
        if self.threaded:
            threading.Thread(target=self.process, args=(request, address)).start()
        else:
            self.process(request, address)

    def process(self, request, address):
        try:
            self.RequestHandlerClass(request, address, self)
        except Exception as error:
            self.handle_error(request, address)
        finally:
            request.close()

    def handle_error(self, request, client_address):
        print("-" * 40, file=sys.stderr)
        print("Exception occurred during processing of request from", client_address, file=sys.stderr)
        traceback.print_exc()
        print("-" * 40, file=sys.stderr)

    def shutdown(self):
        self._running = False

    def server_close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.server_close()

class TCPServer(BaseServer):
    pass

class ThreadingMixIn:
    threaded = True
    daemon_threads = False

class ThreadingTCPServer(ThreadingMixIn, TCPServer):
    pass

class BaseRequestHandler:
    def __init__(self, request, client_address, server):
        self.request = request
        self.client_address = client_address
        self.server = server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self):
        pass

    def handle(self):
        pass

    def finish(self):
        pass

class StreamRequestHandler(BaseRequestHandler):
    def setup(self):
        self.connection = self.request
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb")

    def finish(self):
        try:
            self.wfile.flush()
        except OSError:
            pass
        self.rfile.close()
`;
