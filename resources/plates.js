"use strict";

// The entries of a plate-list as its dialog has them, and their CSV. The worker reads the same forms
// (`python_worker/known/table.py`), and says in full what is wrong with an entry; here, only the field is named.

(function () {
    const { plateRecognizer, plateRecognizerTools } = window;
    const { Papa } = plateRecognizerTools;

    const FIELDS = ["plate", "name", "group", "from", "until", "weekdays", "hours", "note"];
    const DATE = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$/;
    const DAY =
        "([1-7]|mo(n(d(ay?)?)?)?|tu(e(s(d(ay?)?)?)?)?|we(d(n(e(s(d(ay?)?)?)?)?)?)?|th(u(r(s(d(ay?)?)?)?)?)?|fr(i(d(ay?)?)?)?|sa(t(u(r(d(ay?)?)?)?)?)?|su(n(d(ay?)?)?)?)[.]?";
    const DAYS = new RegExp(`^${DAY}(\\s*[-–]\\s*${DAY})?$`, "i");
    const HOURS = /^\d{1,2}(:[0-5]\d)?\s*[-–]\s*\d{1,2}(:[0-5]\d)?$/;

    const parts = (text) =>
        text
            .split(/[,;]/)
            .map((part) => part.trim())
            .filter(Boolean);
    const isRight = {
        plate: (text) => /[\p{L}\p{N}*?]/u.test(text),
        from: (text) => DATE.test(text),
        until: (text) => DATE.test(text),
        weekdays: (text) => parts(text).every((part) => DAYS.test(part)),
        hours: (text) => parts(text).every((part) => HOURS.test(part)),
    };

    /** Return the first field of an entry that the worker will not take, null if it will take all. */
    function wrongField(entry) {
        return FIELDS.find((field) => !isRightField(entry, field)) ?? null;
    }

    function isRightField(entry, field) {
        const text = (entry[field] ?? "").trim();
        return text === "" ? field !== "plate" : (isRight[field]?.(text) ?? true);
    }

    /** Return the entries of a node's property: lines of a table, or what somebody wrote into a flow by hand. */
    function entriesOf(lines) {
        const listed = Array.isArray(lines) ? lines : [];
        if (listed.length && listed.every((line) => typeof line === "string")) {
            const { data } = Papa.parse(listed.join("\n"), { delimiter: ",", skipEmptyLines: true });
            const isTable = data[0].includes("plate");
            return isTable ? data.slice(1).map((cells) => entryOf(data[0], cells)) : listed.map((plate) => ({ plate }));
        }
        return listed.map((one) => (typeof one === "object" ? { ...one } : { plate: String(one) }));
    }

    /** Return the lines of a table: one for each entry, so that a change is one line of the flows' file. */
    function linesOf(entries) {
        const rows = entries.map((entry) => {
            const cells = FIELDS.map((field) => (entry[field] ?? "").replace(/\s+/g, " ").trim());
            return cells.slice(0, cells.findLastIndex(Boolean) + 1);
        });
        return rows.length ? [FIELDS, ...rows].map((cells) => Papa.unparse([cells])) : [];
    }

    /** Return entries as a file, with the mark that Excel needs to read UTF-8. */
    function csvOf(entries) {
        const rows = entries.map((entry) => FIELDS.map((field) => entry[field] ?? ""));
        return `\ufeff${Papa.unparse([FIELDS, ...rows])}\r\n`;
    }

    function entryOf(header, cells) {
        const filled = header.map((field, place) => [field, (cells[place] ?? "").trim()]);
        return Object.fromEntries(filled.filter(([field, text]) => FIELDS.includes(field) && text !== ""));
    }

    /**
     * Read a CSV file, as the worker reads one.
     *
     * @param {string} text
     * @returns {{entries: object[], odd: string[]}} odd: columns that no entry has
     * @throws {Error} its message is the key of what is wrong
     */
    function readCsv(text) {
        const { data, errors } = Papa.parse(text.replace(/^\ufeff?sep=.\r?\n/i, ""), {
            skipEmptyLines: "greedy",
            delimiter: delimiterOf(text),
        });
        if (errors.some(({ type }) => type === "Quotes")) {
            throw new Error("quotes");
        }
        const header = (data[0] ?? []).map((cell) => cell.trim().toLowerCase());
        if (header.includes("plate")) {
            const odd = header.filter((name) => name && !FIELDS.includes(name));
            if (data.some((cells) => cells.slice(header.length).some((cell) => cell.trim()))) {
                odd.push(`(${header.length + 1})`);
            }
            return { entries: data.slice(1).map((cells) => entryOf(header, cells)), odd };
        }
        if (header.length > 1 || FIELDS.includes(header[0])) {
            throw new Error("columns");
        }
        return { entries: data.map((cells) => entryOf(["plate"], cells)), odd: [] };
    }

    /** Return what is between the columns: what the first line has most of. */
    function delimiterOf(text) {
        const [first] = text.split("\n");
        const declared = /^\ufeff?sep=(.)\r?$/i.exec(first);
        const count = (one) => first.split(one).length;
        return declared ? declared[1] : [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
    }

    /** Return a file's text: UTF-8, UTF-16 with its mark, or what Windows' programs in the West write. */
    async function textOf(file) {
        const data = await file.arrayBuffer();
        const [first, second] = new Uint8Array(data.slice(0, 2));
        const marked = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[first * 256 + second];
        try {
            return new TextDecoder(marked ?? "utf-8", { fatal: true }).decode(data);
        } catch {
            return new TextDecoder("windows-1252").decode(data);
        }
    }

    /** Validator of the property: names the first entry that the worker would leave out. */
    function validate(value, opt) {
        const all = entriesOf(value);
        const place = all.findIndex(wrongField);
        if (place < 0) {
            return true;
        }
        const field = this._(`table.${wrongField(all[place])}`);
        return `${opt.label}: ${this._("error.entry", { number: place + 1, field })}`;
    }

    plateRecognizer.plates = { FIELDS, csvOf, entriesOf, isRightField, linesOf, readCsv, textOf, validate };
})();
