"""Serves bare repositories below a directory over HTTP on loopback, to whoever knows the password.

server.py DIRECTORY USERS: USERS is a JSON file, read anew for each request: {"/start/of/path": "user:password"}.
Prints its port, and then each answer to a login: "200 user /path" or "401 user /path".
"""

import base64
import gzip
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIRECTORY, USERS = sys.argv[1:]


class Git(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        body = self.body()
        path, _, query = self.path.partition("?")
        with open(USERS) as file:
            users = json.load(file)
        right = max((start for start in users if path.startswith(start)), key=len)
        given = self.headers.get("Authorization", "")
        login = base64.b64decode(given.removeprefix("Basic ")).decode() if given else ""
        status = 200 if login == users[right] else 401
        if login:
            print(status, login.split(":")[0], path, flush=True)
        if status == 401:
            return self.answer(401, [("WWW-Authenticate", 'Basic realm="test"')], b"")
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        environment = dict(
            os.environ,
            GIT_PROJECT_ROOT=DIRECTORY,
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            CONTENT_LENGTH=str(len(body)),
            REMOTE_USER=login.split(":")[0],
            REMOTE_ADDR="127.0.0.1",
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
        )
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.answer(status, [header for header in headers if header[0] != "Status"], body)

    do_GET = do_POST = serve


server = ThreadingHTTPServer(("127.0.0.1", 0), Git)
print(server.server_port, flush=True)
server.serve_forever()
