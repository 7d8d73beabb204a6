"""The mock over HTTP: sockets and framing, WSGI, what else answers on the same port."""
