"use strict";

// Node-RED's import menu lists the folder "examples" of an installed package; ours are in "flows":
//     node scripts/examples.js copy|remove     (before and after packing)

const fs = require("node:fs");
const path = require("node:path");

const ROOT = path.dirname(__dirname);
const EXAMPLES = path.join(ROOT, "examples");

fs.rmSync(EXAMPLES, { recursive: true, force: true });
if (process.argv[2] === "copy") {
    fs.cpSync(path.join(ROOT, "flows"), EXAMPLES, { recursive: true });
}
