"use strict";

// What the dialogs of the nodes share. Node-RED's side serves it after `plateRecognizerFacts` and before `form.js`, as one
// script that each node's page loads (`nodes/lib/register.js`).

window.plateRecognizer = (function () {
    const { services } = window.plateRecognizerFacts;

    /** Which service a node's URL names; the worker follows the same rules (`services.json`). */
    function serviceOf(url) {
        const text = String(url ?? "");
        return Object.keys(services).find((name) => new RegExp(services[name].claims, "i").test(text));
    }

    function parsed(text) {
        try {
            return new URL(text);
        } catch {
            return null;
        }
    }

    /**
     * Makes the select "service" choose what the field "url" holds, and shows the rows whose `data-services`
     * names the service.
     */
    function prepareService(node) {
        const select = $("#node-input-service");
        const url = $("#node-input-url");
        const usual = Object.fromEntries(Object.entries(services).map(([name, { url }]) => [name, url]));
        const urls = { ...usual, cloud: node._def.defaults.url.value };

        // The field keeps the value that it has: an old flow must not change just because somebody looks at it.
        const first = serviceOf(node.url);
        urls[first] = url.val();
        let service = first;

        function choose() {
            urls[service] = url.val();
            service = select.val();
            url.val(urls[service]).trigger("change");
            showRows();
        }

        function showRows() {
            for (const row of $("#dialog-form [data-services]")) {
                $(row).toggle(row.dataset.services.split(" ").includes(service));
            }
        }

        select.val(service).on("change", choose);
        url.on("change", () => {
            // An empty address would mean the cloud.
            if (service === "server" && url.val().trim() === "") {
                url.val(usual.server);
            }
        });
        showRows();
    }

    /** Gives a node that an older version saved the properties that it lacks, and shows them in the dialog. */
    function completeOldNode(node) {
        for (const [property, { value }] of Object.entries(node._def.defaults)) {
            if (node[property] === undefined) {
                node[property] = value;
                const input = $(`#node-input-${property}`);
                if (input.is(":checkbox")) {
                    input.prop("checked", value);
                } else {
                    input.val(value);
                }
            }
        }
    }

    /** Value of a property: from the node's dialog while that is open, otherwise from the node. */
    function current(node, property) {
        const open = RED.editor.getEditStack().some(({ id }) => id === node.id);
        const input = $(`#node-input-${property}`);
        if (!open || input.length === 0) {
            return node[property];
        }
        return input.is(":checkbox") ? input.prop("checked") : input.val();
    }

    /** Validator of a URL that names a service; empty means the cloud. */
    function url(value, opt) {
        // What no other service claims must be the address of a server.
        if (serviceOf(value) !== "server" || /^https?:$/.test(parsed(String(value).trim())?.protocol)) {
            return true;
        }
        return `${opt.label}: ${this._("error.url")}`;
    }

    /** Returns a validator of a number; empty means the default. */
    function between(lowest, highest, { whole = false } = {}) {
        return function (value, opt) {
            const text = String(value ?? "").trim();
            const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
            if (text === "" || (number >= lowest && number <= highest && (!whole || Number.isInteger(number)))) {
                return true;
            }
            const error = whole ? "error.wholeNumber" : "error.number";
            return `${opt.label}: ${this._(error, { lowest, highest })}`;
        };
    }

    return { completeOldNode, current, prepareService, serviceOf, validators: { between, url } };
})();
