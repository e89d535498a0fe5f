"""A program that can stand where the service stands under `callcenter run`: it answers /readyz and
/healthz, and /metrics with nothing.

Started as a process by test_stack.py. It writes what it was told about the other parts, and its
process id, to the file named by its argument; beside it, that somebody looked whether it lives.
"""

import http.server
import json
import os
import sys
from pathlib import Path


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/healthz":
            Path(sys.argv[1]).with_suffix(".looked").write_text(str(os.getpid()))
        known = ("/readyz", "/healthz", "/metrics")
        self.send_response(200 if self.path in known else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def main() -> None:
    told = {name: value for name, value in os.environ.items() if name.startswith("CALLCENTER_")}
    file = Path(sys.argv[1])
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "told": told}))
    unfinished.replace(file)
    port = int(told["CALLCENTER_WEB_PORT"])
    http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()


main()
