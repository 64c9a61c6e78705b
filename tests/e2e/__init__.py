"""Tests of the whole: real Node-RED processes with the packed package installed."""
