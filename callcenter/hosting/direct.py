"""HTTP to our own parts, never through a proxy named in the environment."""

import urllib.request

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
