// What every page has: the theme switch, the keys, buttons that are pressed once, and words for parts that change.

const root = document.documentElement;

function isDark() {
  const chosen = root.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("dispatchsim-theme", root.dataset.theme);
  } catch {
    // Storage can be forbidden; the choice then lasts for this page.
  }
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.addEventListener("click", switchTheme);
}

const keys = document.getElementById("keys");
for (const button of document.querySelectorAll("[data-show-keys]")) {
  button.addEventListener("click", () => keys.showModal());
}

function moveInList(step) {
  const items = [...document.querySelectorAll("[data-list-item]")];
  if (items.length === 0) return;
  const at = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  const next = at === -1 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + step));
  items[next].focus();
}

function follow(selector) {
  document.querySelector(selector)?.click();
}

const shortcuts = {
  "?": () => keys.showModal(),
  "/": () => document.querySelector("[data-search], #searchbar")?.focus(), // the second one is the library's
  j: () => moveInList(1),
  k: () => moveInList(-1),
  n: () => follow(".top__nav a:first-of-type"),
  h: () => follow(".top__nav a:nth-of-type(2)"),
};

function isTyping(target) {
  return target.isContentEditable || target.matches("select, textarea, input:not([type=radio], [type=checkbox], [type=range])");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || keys.open) return;
  const run = shortcuts[event.key];
  if (!run) return;
  event.preventDefault();
  run();
});

// The idempotency key makes a double press harmless; this makes it visible that the first one counted.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    button.setAttribute("aria-disabled", "true");
    const label = button.querySelector("[data-label]");
    if (label && button.dataset.busy) label.textContent = button.dataset.busy;
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[data-once]")) location.reload(); // a page from the back cache carries a used idempotency key
});

// A live region must stay while what it tells of is exchanged, or nothing is read out.
function addRegion(className) {
  const region = document.createElement("p");
  region.className = className;
  region.setAttribute("role", "status");
  document.querySelector("main")?.append(region);
  return region;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const COUNTS = "#calls .found > .number, #calls .empty h2, #launched .found";
const counted = document.querySelector("#calls, #launched") ? addRegion("visually-hidden") : null;
const findCount = () => document.querySelector(COUNTS)?.textContent.trim() ?? "";
let lastCount = findCount(); // what the page came with is read with the page

document.body.addEventListener("htmx:afterSettle", () => {
  const count = findCount();
  if (counted && count !== lastCount) setText(counted, count);
  lastCount = count;
});

// Requests of parts of a page: a failure is told in words, in the page's own line for such things if it has one.
const POLLING = "[hx-trigger^=every]";
const trouble = document.querySelector("[data-notice]") ?? addRegion("trouble");
let told = ""; // the page's own line may say other things as well
const givenUp = new WeakSet();

function troubleWords({ elt, xhr }) {
  const isPolling = elt.matches(POLLING);
  if (xhr.status === 404) return "What was shown here is gone: it has been deleted.";
  if (xhr.status === 403) return "Your account lacks the right to do this.";
  if (xhr.status === 0) return `The server does not answer. ${isPolling ? "Trying again…" : "Try again."}`;
  return `Something broke on our side. ${isPolling ? "Trying again…" : "Try again in a moment."}`;
}

function onTrouble({ detail }) {
  told = troubleWords(detail);
  setText(trouble, told);
  if (detail.xhr.status === 404 && detail.elt.matches(POLLING)) givenUp.add(detail.elt);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, onTrouble);
}
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (givenUp.has(event.detail.elt)) event.preventDefault();
});
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && trouble.textContent === told) setText(trouble, "");
});
