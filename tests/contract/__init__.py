"""The services that the nodes talk to, as real HTTP servers on the loopback interface."""
