// The launch form: the button says how many calls it makes.

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
