// What every page has: the theme switch, the keys, and buttons that are pressed once.

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
