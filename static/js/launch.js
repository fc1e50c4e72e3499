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

// Prompts that are shown follow the form; a scenario that was filled in by the server fires no change of its own.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "scenario") form?.dispatchEvent(new Event("change", { bubbles: true }));
});
