"use strict";

const register = require("./lib/register");

module.exports = (RED) => register(RED, "plate-list");
