"use strict";

const js = require("@eslint/js");
const html = require("eslint-plugin-html");
const globals = require("globals");

module.exports = [
    { ignores: [".cache/", ".venv/", "examples/", "node_modules/"] },
    js.configs.recommended,
    {
        files: ["**/*.js"],
        languageOptions: { sourceType: "commonjs", globals: globals.node },
        rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
    },
    {
        // Editor halves of the nodes, and what they share: scripts of Node-RED's page.
        files: ["nodes/**/*.html", "resources/**/*.js"],
        plugins: { html },
        languageOptions: { sourceType: "script", globals: { ...globals.browser, ...globals.jquery, RED: "readonly" } },
        rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
    },
    {
        // The server's page.
        files: ["python_worker/api/page/*.js"],
        languageOptions: { sourceType: "module", globals: globals.browser },
        rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
    },
];
