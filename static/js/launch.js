// The launch form: what is about to happen stands by the button, and what was filled in counts as changed.

const form = document.querySelector("[data-launch]");
const sum = form?.querySelector("[data-sum]");
const label = form?.querySelector("[data-label]");
const isLength = (seconds) => seconds >= 15 && seconds <= 3600;

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function named(text, className) {
  const name = document.createElement("bdi");
  name.textContent = text;
  if (className) name.className = className;
  return name;
}

const picked = (name) => form.querySelector(`[name="${name}"]:checked`);
const titleOf = (radio) => radio.closest(".pick").querySelector(".pick__title").textContent.trim();

function scenarioName(radio) {
  const own = form.querySelector("#own_title");
  return own && radio.closest(".scenario").contains(own) ? own.value.trim() || "A scenario of your own" : titleOf(radio);
}

function sideName(role) {
  const persona = picked(role);
  if (!persona) return named(`no ${role} yet`);
  const isChanged = ["voice", "instructions", "model"].some((part) => form.elements[`${role}_${part}`].value.trim());
  return named(isChanged ? `${titleOf(persona)}, changed` : titleOf(persona), `order__name voice--${role}`);
}

function lengthWords(scenario) {
  const wished = Number(form.elements.max_duration_s.value);
  const seconds = isLength(wished) ? wished : Number(scenario?.dataset.longest);
  return seconds ? ` · at most ${clock(seconds)}` : "";
}

function lineWords() {
  const { value, selectedOptions } = form.elements.line;
  return value ? ` · line: ${selectedOptions[0].textContent.split(":")[0].trim().toLowerCase()}` : "";
}

function tellOrder() {
  const scenario = picked("scenario");
  const many = Number(form.elements.count.value) || 1;
  const voices = picked("provider")?.value === "openai" ? "OpenAI voices" : "rehearsal voices";
  label.textContent = many > 1 ? `Generate ${many} conversations` : "Generate conversation";
  const title = scenario ? named(scenarioName(scenario), "order__title") : named("No scenario yet", "order__title");
  const call = document.createElement("span");
  call.append(sideName("dispatcher"), " and ", sideName("driver"), ` · ${voices}${lengthWords(scenario)}${lineWords()}`);
  sum.replaceChildren(title, call);
}

if (sum && label) {
  form.addEventListener("input", tellOrder);
  form.addEventListener("change", tellOrder);
  addEventListener("pageshow", tellOrder); // a reload keeps what was picked before
  tellOrder();
}

// What is wrong stands by its field: the browser's own bubble would point at the bar that lies over the page.

const hintOf = (field) => document.getElementById(`${field.id}-hint`);
const wrongIn = (field) => (field.validity.customError ? field.validationMessage : field.dataset.wrong);

/** Text is never cut: what is too long is said to be, and stays. */
function measure(field) {
  const longest = Number(field.dataset.longest);
  if (!longest) return;
  const words = `At most ${longest.toLocaleString("en")} characters; these are ${field.value.length.toLocaleString("en")}.`;
  field.setCustomValidity(field.value.length > longest ? words : "");
}

function tellWrong(field) {
  const hint = hintOf(field);
  const words = field.validity.valid ? "" : wrongIn(field);
  if (!hint) return;
  let line = hint.querySelector("[data-wrong-here]");
  if (!words) {
    if (line) field.removeAttribute("aria-invalid");
    line?.remove();
    return;
  }
  if (!line) {
    line = document.createElement("p");
    line.className = "field__bad";
    line.dataset.wrongHere = "";
    hint.prepend(line);
  }
  line.textContent = words;
  field.setAttribute("aria-invalid", "true");
}

function onInvalid(event) {
  const field = event.target;
  if (!hintOf(field)) return;
  event.preventDefault();
  tellWrong(field);
  if (form.querySelector(":is(input, select, textarea):invalid") !== field) return;
  field.closest("details")?.setAttribute("open", "");
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
}

/** What the server said of a field is over with its next change. */
function forget(isMended) {
  const banner = document.querySelector("[data-problems]");
  for (const line of banner?.querySelectorAll("[data-field]") ?? []) {
    if (!isMended(line.dataset.field)) continue;
    const field = document.getElementById(line.dataset.field);
    field?.removeAttribute("aria-invalid");
    for (const words of (field && hintOf(field)?.querySelectorAll(".field__bad:not([data-wrong-here])")) || []) words.remove();
    line.remove();
  }
  if (banner && !banner.querySelector("li")) banner.remove();
}

const PRESS_MS = 300; // a press takes the focus first: lines that go at once would move the button from under it
const isOwn = (name) => name.startsWith("own_");

form?.addEventListener("invalid", onInvalid, true);
form?.addEventListener("input", ({ target }) => {
  if (!target.validity) return;
  measure(target);
  if (target.validity.customError || target.validity.valid) tellWrong(target);
});
form?.addEventListener("change", ({ target }) => {
  const isMended = (name) => name === target.name || (target.name === "scenario" && isOwn(name));
  setTimeout(() => forget(isMended), PRESS_MS);
});

// Prompts that are shown follow the form; a scenario that was filled in by the server fires no change of its own.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id !== "scenario") return;
  forget(isOwn);
  form?.dispatchEvent(new Event("change", { bubbles: true }));
});
