"use strict";

// Makes a node type's dialog, defaults and validators from the config schema of its worker's end (see
// `python_worker/nodes/schema.py`), which Node-RED's side serves as `plateRecognizerFacts`.

(function () {
    const PACKAGE = "node-red-contrib-plate-recognizer-python";
    const { completeOldNode, current, prepareService, serviceOf, validators } = window.plateRecognizer;
    const { services, types } = window.plateRecognizerFacts;

    /**
     * Register a node type in the editor.
     *
     * @param {string} type
     * @param {object} definition - as for `RED.nodes.registerType`; its `oneditprepare` is called after ours
     * @param {object} [definition.validators] - of properties, where the schema does not say enough
     */
    function register(type, { validators: own = {}, ...definition }) {
        const { properties } = types[type];
        const translate = translator(type);
        addDialog(type, properties, translate);
        RED.nodes.registerType(type, {
            category: "image",
            color: "#E9967A",
            inputs: 1,
            credentials: credentialsOf(properties),
            label() {
                return this.name || this._("label.node");
            },
            labelStyle() {
                return this.name ? "node_label_italic" : "";
            },
            ...definition,
            defaults: defaultsOf(properties, translate, own),
            oneditprepare() {
                completeOldNode(this);
                prepare(this, properties);
                definition.oneditprepare?.call(this);
            },
        });
    }

    /** Returns the text of a key in the user's language; the schema's own text where a language has none. */
    function translator(type) {
        return (key, fallback) => RED._(`${PACKAGE}/${type}:${key}`, { defaultValue: fallback });
    }

    const kindOf = (spec) => spec.$ref?.split("/").at(-1) ?? (spec.titles ? "choice" : "");
    const typesOf = (spec) => spec.types ?? (kindOf(spec) === "expression" ? ["msg"] : null);
    const isSecret = (spec) => kindOf(spec) === "secret";

    function defaultsOf(properties, translate, own) {
        return Object.fromEntries(
            Object.entries(properties)
                .filter(([, spec]) => !isSecret(spec))
                .map(([name, spec]) => [name, defaultOf(name, spec, properties, translate, own[name])]),
        );
    }

    function defaultOf(name, spec, properties, translate, own) {
        const validate = own ?? validatorOf(name, spec);
        return {
            value: spec.default,
            ...(spec.title ? { label: translate(`label.${name}`, spec.title) } : {}),
            ...(kindOf(spec) === "expression" ? { required: true } : {}),
            ...(validate ? { validate: whileUsed(spec, properties, validate) } : {}),
        };
    }

    function validatorOf(name, spec) {
        switch (kindOf(spec)) {
            case "service":
                return validators.url;
            case "expression":
                return RED.validators.typedInput(`${name}Type`);
            case "typed":
                return RED.validators.typedInput({
                    typeField: `${name}Type`,
                    allowBlank: true,
                    allowUndefined: true,
                });
            case "number":
                return validators.between(spec.minimum, spec.maximum);
            case "whole":
                return validators.between(spec.minimum, spec.maximum, { whole: true });
            default:
                return null;
        }
    }

    /** What is not shown is not checked either: nobody could mend it. */
    function whileUsed(spec, properties, validate) {
        return function (value, opt) {
            return isUsed(this, spec, properties) ? validate.call(this, value, opt) : true;
        };
    }

    function isUsed(node, { services: fitting, when }, properties) {
        const url = Object.keys(properties).find((name) => kindOf(properties[name]) === "service");
        return isOnWhen(node, when) && (!fitting || !url || fitting.includes(serviceOf(current(node, url))));
    }

    /** `when` is the name of a switch, or the one value that another property must have: `{source: "file"}`. */
    function isOnWhen(node, when) {
        if (typeof when === "object") {
            return Object.entries(when).every(([name, value]) => current(node, name) === value);
        }
        return !when || isOn(current(node, when));
    }

    const isOn = (value) => value === true || value === "true";

    function credentialsOf(properties) {
        const secrets = Object.keys(properties).filter((name) => isSecret(properties[name]));
        return Object.fromEntries(secrets.map((name) => [name, { type: "password" }]));
    }

    function addDialog(type, properties, translate) {
        const template = document.createElement("script");
        template.type = "text/html";
        template.dataset.templateName = type;
        template.textContent = Object.entries(properties)
            .map(([name, spec]) => rowOf(name, spec, translate))
            .join("\n");
        document.body.append(template);
    }

    function rowOf(name, spec, translate) {
        const id = `node-input-${name}`;
        if (!spec.title) {
            return `<input type="hidden" id="${id}">`;
        }
        const kind = kindOf(spec);
        const shown = kind === "service" ? "server" : (spec.services ?? []).join(" ");
        const row = `<div class="form-row" ${shown ? `data-services="${shown}"` : ""} ${whenAttributes(spec.when)}>`;
        const title = escaped(translate(`label.${name}`, spec.title));
        if (kind === "switch") {
            const style = "width: auto; margin: 0 4px 0 0; vertical-align: baseline";
            return `${row}<input type="checkbox" id="${id}" style="${style}"><label for="${id}" style="width: auto">${title}</label></div>`;
        }
        const label = `<label for="${id}"><i class="fa fa-${spec.icon}"></i> <span>${title}</span></label> `;
        const before = kind === "service" ? serviceRow(translate) : "";
        return `${before}${row}${label}${inputOf(id, name, spec, translate)}</div>`;
    }

    function whenAttributes(when) {
        const [name, value] = typeof when === "object" ? Object.entries(when)[0] : [when];
        return name ? `data-when="${name}"${value === undefined ? "" : ` data-when-value="${value}"`}` : "";
    }

    function serviceRow(translate) {
        const options = Object.entries(services).map(([name, { title }]) => [
            name,
            translate(`service.${name}`, title),
        ]);
        const title = escaped(translate("label.service", "Service"));
        return (
            `<div class="form-row"><label for="node-input-service"><i class="fa fa-cloud"></i> <span>${title}</span></label> ` +
            `${select("node-input-service", options)}</div>`
        );
    }

    function inputOf(id, name, spec, translate) {
        const placeholder = spec.placeholder ? escaped(translate(`placeholder.${name}`, spec.placeholder)) : "";
        const hint = placeholder ? ` placeholder="${placeholder}"` : "";
        switch (kindOf(spec)) {
            case "choice":
                return select(
                    id,
                    spec.enum.map((value, index) => [value, translate(`${name}.${value}`, spec.titles[index])]),
                );
            case "secret":
                return `<input type="password" id="${id}"${hint}>`;
            case "number":
            case "whole": {
                const unit = spec.unit ? ` <span>${escaped(translate(`unit.${name}`, spec.unit))}</span>` : "";
                return `<input type="text" id="${id}" style="width: 65px">${unit}`;
            }
            case "custom":
                // What the node type's own page makes.
                return `<div id="${id}-rows"></div>`;
            default:
                return `<input type="text" id="${id}"${typesOf(spec) ? ' style="width: 70%"' : ""}${hint}>`;
        }
    }

    function select(id, options) {
        const items = options.map(([value, title]) => `<option value="${escaped(value)}">${escaped(title)}</option>`);
        return `<select id="${id}" style="width: 70%">${items.join("")}</select>`;
    }

    function escaped(text) {
        return $("<i>").text(text).html().replaceAll('"', "&quot;");
    }

    /** Bring an opened dialog to life. */
    function prepare(node, properties) {
        for (const [name, spec] of Object.entries(properties)) {
            const input = $(`#node-input-${name}`);
            const types = typesOf(spec);
            if (types) {
                input.typedInput({ typeField: $(`#node-input-${name}Type`), types });
            } else if (kindOf(spec) === "service") {
                prepareService(node);
            }
        }
        for (const row of $("#dialog-form [data-when]")) {
            const { when, whenValue } = row.dataset;
            $(`#node-input-${when}`).on("change", function () {
                $(row).toggle(whenValue === undefined ? this.checked : this.value === whenValue);
            });
        }
    }

    window.plateRecognizer.register = register;
})();
