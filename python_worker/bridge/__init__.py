"""The worker's end of the websocket to Node-RED; the protocol is written down in docs/protocol.md."""

PROTOCOL = 2
