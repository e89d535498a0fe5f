"""HTTP to our own parts, never through a proxy that the environment names."""

import urllib.request

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
