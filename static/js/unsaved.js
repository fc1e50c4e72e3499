// Asks before a page is left on which something was written and not saved.

const form = document.querySelector("#content-main form[id$=_form]");
let isChanged = document.querySelector(".problems") !== null; // what was refused is not saved either

form?.addEventListener("input", () => {
  isChanged = true;
});
form?.addEventListener("submit", () => {
  isChanged = false;
});
addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
