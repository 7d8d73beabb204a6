"""The mock over HTTP: connections, WSGI, the control surface, moto's services, the state file."""
