// Sends the chosen picture to this server and shows what it answers.

const byId = (id) => document.getElementById(id);
const LABEL_PIXELS = 15;
const TOKEN = "plate-recognizer-token";

const regionNames = new Map();
const chosenRegions = new Set();
let picture = null;
let answer = null;
let request = new AbortController();

/* The picture */

function choose(file) {
    if (!file) {
        return;
    }
    picture = file;
    URL.revokeObjectURL(byId("image").src);
    byId("image").src = URL.createObjectURL(file);
    byId("image").alt = `The picture ${file.name}`;
    byId("figure").hidden = false;
    byId("unshown").hidden = true;
    byId("drop").classList.add("shown");
    recognize();
}

byId("file").addEventListener("change", (event) => choose(event.target.files[0]));
byId("image").addEventListener("load", drawBoxes);
byId("image").addEventListener("error", () => {
    byId("figure").hidden = true;
    byId("unshown").hidden = false;
});
document.addEventListener("paste", (event) => choose(firstImage(event.clipboardData)));
document.addEventListener("dragover", (event) => {
    event.preventDefault();
    byId("drop").classList.add("over");
});
document.addEventListener("dragleave", () => byId("drop").classList.remove("over"));
document.addEventListener("drop", (event) => {
    event.preventDefault();
    byId("drop").classList.remove("over");
    choose(event.dataTransfer.files[0]);
});

function firstImage(data) {
    return [...data.files].find((file) => file.type.startsWith("image/"));
}

/* The call */

async function recognize() {
    if (!picture || !byId("options").reportValidity()) {
        return;
    }
    request.abort();
    request = new AbortController();
    const { signal } = request;
    show(null);
    tell("Reading …");
    try {
        const response = await fetch("/v1/plate-reader/", {
            method: "POST",
            body: form(),
            headers: authorization(),
            signal,
        });
        askForToken(response.status === 403);
        if (response.ok) {
            show(await response.json());
        } else {
            tell(await reasonOf(response), true);
        }
    } catch (error) {
        if (!signal.aborted) {
            tell(`The server cannot be reached, or broke off its answer (${error.message}).`, true);
        }
    }
}

/** This server says in JSON what was wrong; a proxy in front of it gives only a status. */
async function reasonOf(response) {
    const text = await response.text();
    try {
        return JSON.parse(text).detail;
    } catch {
        return `A proxy before the server refused the picture: ${response.status} ${response.statusText}.`;
    }
}

function form() {
    const data = new FormData();
    data.append("upload", picture, picture.name || "pasted");
    for (const code of chosenRegions) {
        data.append("regions", code);
    }
    const config = {
        mode: byId("mode").value,
        threshold_d: byId("threshold_d").valueAsNumber,
        threshold_o: byId("threshold_o").valueAsNumber,
    };
    if (byId("strict").checked) {
        config.region = "strict";
    }
    if (byId("vehicles").checked) {
        config.detection_mode = "vehicle";
    }
    data.append("config", JSON.stringify(config));
    return data;
}

function authorization() {
    const token = sessionStorage.getItem(TOKEN);
    return token ? { Authorization: `Token ${token}` } : {};
}

function askForToken(needed) {
    byId("access").hidden = !needed;
    if (needed) {
        byId("token").focus();
    }
}

byId("access").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, byId("token").value.trim());
    byId("token").value = "";
    recognize();
});

/* The answer */

function tell(text, bad = false, spoken = "") {
    const more = document.createElement("span");
    more.className = "spoken";
    more.textContent = spoken;
    byId("summary").replaceChildren(text, more);
    byId("summary").classList.toggle("bad", bad);
}

function show(body) {
    answer = body;
    drawBoxes();
    const results = found();
    byId("table").hidden = results.length === 0;
    byId("rows").replaceChildren(...results.map(row));
    byId("details").hidden = body === null;
    byId("copy").textContent = "Copy";
    if (body) {
        const plates = results.filter((result) => result.plate).map((result) => result.plate.toUpperCase());
        const others = results.length - plates.length;
        const count = plates.length === 1 ? "1 plate" : `${plates.length || "No"} plates`;
        const rest = others ? `, ${others} ${others === 1 ? "vehicle" : "vehicles"} without one,` : "";
        tell(
            `${count}${rest} in ${Math.round(body.processing_time)} ms`,
            false,
            plates.length ? `: ${plates.join(", ")}` : "",
        );
        byId("json").textContent = JSON.stringify(body, null, 2);
    }
}

/** The results in the form of those with a plate, also where vehicles and plates are parts of their own. */
function found() {
    return (answer?.results ?? []).map((result) => {
        if (typeof result.plate === "string") {
            return result;
        }
        const { plate, vehicle } = result;
        const [region] = plate?.props.region ?? [];
        const candidates = (plate?.props.plate ?? []).map(({ value, score }) => ({ plate: value, score }));
        return {
            ...candidates[0],
            candidates,
            box: plate?.box,
            dscore: plate?.score,
            region: region && { code: region.value, score: region.score },
            vehicle,
        };
    });
}

function row(result) {
    const [, ...others] = result.candidates;
    const { region, vehicle } = result;
    const line = document.createElement("tr");
    const head = cell("th", result.plate?.toUpperCase());
    head.scope = "row";
    line.append(
        head,
        cell("td", region && `${regionNames.get(region.code) ?? region.code} ${percent(region.score)}`, "Region"),
        cell("td", percent(result.score), "Reading"),
        cell("td", percent(result.dscore), "Detection"),
        cell(
            "td",
            others.map((one) => `${one.plate.toUpperCase()} ${percent(one.score)}`).join(", "),
            "Other candidates",
        ),
        cell("td", vehicle?.score ? `${vehicle.type} ${percent(vehicle.score)}` : "", "Vehicle"),
    );
    return line;
}

function cell(kind, text, name) {
    const element = document.createElement(kind);
    element.textContent = text || "–";
    if (name) {
        element.dataset.name = name;
    }
    return element;
}

function percent(score) {
    return score === undefined ? "" : `${Math.round(score * 100)}\u00a0%`;
}

/* The server's boxes count the pixels of the upright picture, as browsers do. */
function drawBoxes() {
    const { naturalWidth: width, naturalHeight: height, clientWidth } = byId("image");
    const svg = byId("boxes");
    svg.setAttribute("viewBox", `0 0 ${width || 1} ${height || 1}`);
    const size = (LABEL_PIXELS * width) / (clientWidth || width || 1);
    const results = found();
    // One vehicle may carry two plates.
    const vehicles = new Map(
        results.filter(({ vehicle }) => vehicle?.score).map(({ vehicle }) => [JSON.stringify(vehicle.box), vehicle]),
    );
    svg.replaceChildren(
        ...[...vehicles.values()].flatMap(({ type, box }) => mark("vehicle", type, box, size, width)),
        ...results
            .filter(({ plate }) => plate)
            .flatMap(({ plate, box }) => mark("plate", plate.toUpperCase(), box, size, width)),
    );
}

function mark(kind, text, { xmin, ymin, xmax, ymax }, size, width) {
    const length = (text.length + 1) * size * 0.62;
    const left = Math.max(0, Math.min(xmin, width - length));
    // A vehicle may fill the picture, so that its label has a place within it alone.
    const below = kind === "plate" ? ymax + size * 0.2 : ymin + size * 0.2;
    const top = ymin > size * 1.5 ? ymin - size * 1.5 : below;
    const label = shape("text", { class: kind, x: left + size * 0.3, y: top + size, "font-size": size });
    label.textContent = text;
    return [
        shape("rect", { class: kind, x: xmin, y: ymin, width: xmax - xmin, height: ymax - ymin }),
        shape("rect", { class: "label", x: left, y: top, width: length, height: size * 1.3 }),
        label,
    ];
}

function shape(kind, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
    for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
    }
    return element;
}

new ResizeObserver(drawBoxes).observe(byId("image"));

byId("copy").addEventListener("click", async () => {
    const text = byId("json").textContent;
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // Browsers keep the clipboard from pages that come over plain HTTP from another machine.
        getSelection().selectAllChildren(byId("json"));
        document.execCommand("copy");
    }
    byId("copy").textContent = "Copied";
});

/* The options */

async function loadRegions() {
    let regions = [];
    try {
        ({ regions } = await (await fetch("/v1/regions/")).json());
    } catch (error) {
        tell(`The list of regions did not arrive (${error.message}). Load this page again.`, true);
    }
    for (const { code, name } of regions) {
        regionNames.set(code, name);
        const option = document.createElement("option");
        option.value = code;
        option.label = name;
        byId("regions").append(option);
    }
}

function addRegion(text) {
    const wanted = text.trim().toLowerCase();
    const known = [...regionNames].find(([code, name]) => code === wanted || name.toLowerCase() === wanted);
    // A country of states has no entry of its own.
    const country = [...regionNames.keys()].some((code) => code.startsWith(`${wanted}-`)) ? wanted : undefined;
    const code = known?.[0] ?? country;
    byId("region").setCustomValidity(wanted && !code ? "No region has this code or name." : "");
    if (wanted && !code) {
        byId("region").reportValidity();
    }
    if (!code) {
        return;
    }
    byId("region").value = "";
    chosenRegions.add(code);
    showRegions();
}

function showRegions() {
    byId("chosen").replaceChildren(
        ...[...chosenRegions].map((code) => {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = `${regionNames.get(code) ?? code.toUpperCase()} ×`;
            button.setAttribute("aria-label", `Remove ${regionNames.get(code) ?? code}`);
            button.addEventListener("click", () => {
                chosenRegions.delete(code);
                showRegions();
                byId("region").focus();
            });
            const item = document.createElement("li");
            item.append(button);
            return item;
        }),
    );
    recognize();
}

byId("region").addEventListener("input", (event) => {
    event.target.setCustomValidity("");
    // Chosen from the list, not typed: some browsers then send no change event until the field loses focus.
    if (!event.inputType || event.inputType === "insertReplacementText") {
        addRegion(event.target.value);
    }
});
byId("region").addEventListener("change", (event) => {
    event.stopPropagation();
    addRegion(event.target.value);
});
byId("options").addEventListener("change", recognize);
byId("options").addEventListener("submit", (event) => event.preventDefault());

loadRegions();
