// The launch form: the button says how many calls it makes, and what was filled in counts as changed.

const form = document.querySelector("[data-launch]");
const count = form?.querySelector("[data-count]");
const label = form?.querySelector("[data-label]");

function tellCount() {
  const many = Number(count.value) || 1;
  label.textContent = many > 1 ? `Generate ${many} conversations` : "Generate conversation";
}

if (count && label) {
  count.addEventListener("input", tellCount);
  tellCount();
}

// Prompts that are shown follow the form; a scenario that was filled in by the server fires no change of its own.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "scenario") form?.dispatchEvent(new Event("change", { bubbles: true }));
});
