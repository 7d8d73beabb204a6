"use strict";
// Everything from outside reaches the page as text, never as HTML.
const BASE = "/_signer_mock/";
const SHOWN = 100;
const KINDS = {
  Active: "good", Succeeded: "good", Valid: "good", Failed: "bad", Revoked: "bad", Expired: "bad",
  "Not yet valid": "bad", InProgress: "wait", Canceled: "wait",
};
// Texts of any length; the others keep to one line where they can.
const LONG = ["Job", "Parameters", "Source", "Signed object", "Subject", "Tags", "Certificate"];
const byId = (id) => document.getElementById(id);

// As the Python views do: what does not print is shown as an escape.
function plain(value) {
  const text = String(value ?? "").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => {
    const code = one.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}`
      : code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length} characters)` : text;
}

function element(name, text, properties) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = plain(text);
  return Object.assign(made, properties);
}

function badge(word, kind) {
  return element("span", word, { className: `badge ${kind ?? KINDS[word] ?? ""}` });
}

function fill(cell, value) {
  const values = (Array.isArray(value) ? value : [value]).filter((one) => one != null && one !== "");
  for (const one of values) {
    const line = element("div");
    line.append(one instanceof Node ? one : plain(one));
    cell.append(line);
  }
}

const before = {};

// A table is made anew only when its rows have changed, so that a selection or a focus survives.
function table(id, data, columns, row, total = data.length) {
  const state = JSON.stringify([data, total]);
  if (before[id] === state) return;
  before[id] = state;
  const place = byId(id);
  place.replaceChildren();
  if (!data.length) {
    place.append(element("p", "None yet.", { className: "faint" }));
    return;
  }
  const shown = data.slice(-SHOWN).reverse();
  if (total > shown.length) {
    place.append(element("p", `The newest ${shown.length} of ${total}.`, { className: "faint" }));
  }
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const name of columns) head.append(element("th", name));
  const body = made.createTBody();
  for (const one of shown) {
    const line = body.insertRow();
    row(one).forEach((value, index) => {
      const cell = line.insertCell();
      cell.dataset.label = columns[index];
      if (LONG.includes(columns[index])) cell.className = "long";
      fill(cell, value);
    });
  }
  place.append(made);
}

const time = (text) => plain(text).replace("T", " ").replace(/(\.\d+)?Z$/, "");
const place = (object) => [object.bucketName, object.key].filter(Boolean).join("/");

function problem(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = plain(text);
}

async function ask(path, options) {
  const answer = await fetch(BASE + path, { cache: "no-store", ...options });
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.message ?? document.Message ?? `HTTP ${answer.status}`);
  return document;
}

async function order(path, method, body) {
  try {
    await ask(path, { method, body: body && JSON.stringify(body) });
    problem("");
  } catch (error) {
    problem(error.message);
  }
  await refresh();
}

function button(text, body) {
  const made = element("button", text, { type: "button" });
  made.addEventListener("click", () => order("jobs", "POST", body));
  return made;
}

function jobRow(job) {
  const held = element("span");
  if (job.held) {
    held.append(button("Release", { release: { job_id: job.job_id } }),
      button("Fail", { release: { job_id: job.job_id, status: "Failed", reason: "Failed on request" } }));
  }
  const reason = job.status === "Failed" ? job.status_reason : null;
  return [
    [badge(job.status), job.revoked ? badge("Revoked") : null, reason, job.held ? held : null],
    job.job_id, [job.account_id, job.region], [job.profile_name, job.platform_id],
    place(job.source) || "payload", place(job.signed_object), time(job.created_at),
  ];
}

function profilesOf(state) {
  return Object.entries(state.accounts).flatMap(([account, regions]) =>
    Object.entries(regions).flatMap(([region, found]) =>
      found.profiles.map((profile) => ({ account, region, ...profile }))));
}

function faultText(fault) {
  const what = fault.kind === "error" ? fault.error
    : fault.kind === "delay" ? `delay of ${fault.seconds} s` : fault.kind;
  return [badge("Pending", "wait"), fault.operation, what, fault.times ?? "until removed"];
}

async function refresh() {
  try {
    const [state, jobs, calls, faults, clock, certificates] = await Promise.all(
      ["state", `jobs?newest=${SHOWN}`, `calls?newest=${SHOWN}`, "faults", "clock", "certificates"]
        .map((path) => ask(path)));
    byId("now").textContent = `${time(clock.now)} UTC`;
    byId("holding").textContent = jobs.holding ? "New jobs are held" : "";
    byId("holding").className = "badge wait";
    table("faults", faults.pending, ["Status", "Operation", "What happens", "Calls"], faultText);
    table("jobs", jobs.jobs,
      ["Status", "Job", "Account", "Profile", "Source", "Signed object", "Started (UTC)"],
      jobRow, jobs.total);
    table("profiles", profilesOf(state),
      ["Status", "Profile", "Account", "Platform", "Tags"],
      (one) => [badge(one.status), [one.profileName, one.profileVersion], [one.account, one.region],
        one.platformId, Object.entries(one.tags ?? {}).map((tag) => tag.join("="))]);
    table("calls", calls.calls, ["Answer", "Operation", "Account", "Parameters", "Time (UTC)"],
      (one) => [badge(`${one.status} ${one.error ?? "OK"}`, one.status < 400 ? "good" : "bad"),
        one.operation ?? "(unknown operation)", [one.account_id, one.region],
        JSON.stringify(one.params), time(one.time)], state.calls);
    table("certificates", certificates.certificates,
      ["Status", "Certificate", "Account", "Subject", "Valid (UTC)", "File"],
      (one) => [badge(one.status), one.name, one.account_id, one.subject,
        [`from ${time(one.not_before)}`, `to ${time(one.not_after)}`],
        element("a", "Download", { href: one.href, download: one.file })]);
    byId("connection").textContent = "connected";
    byId("connection").className = "badge good";
  } catch (error) {
    byId("connection").textContent = "no answer";
    byId("connection").className = "badge bad";
    byId("connection").title = plain(error.message);
  }
}

async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, 1000);
}

document.addEventListener("click", (event) => {
  const data = event.target.dataset ?? {};
  if (data.post) order(data.post, "POST", JSON.parse(data.order));
  if (data.delete) order(data.delete, "DELETE");
});

byId("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const times = form.get("times") ? Number(form.get("times")) : null;
  const kind = form.get("kind");
  const wanted = { operation: form.get("operation"), times };
  if (kind.endsWith("Exception")) order("faults", "POST", { fail: { ...wanted, error: kind } });
  else if (kind === "delay") order("faults", "POST", { delay: { ...wanted, seconds: 2 } });
  else order("faults", "POST", { [kind]: wanted });
});

poll();
