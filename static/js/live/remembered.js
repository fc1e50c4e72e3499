// Runs before the first paint, so that captions that were left on are there at once and nothing moves.
(() => {
  try {
    document.documentElement.dataset.captions = localStorage.getItem("dispatchsim-captions") === "on" ? "on" : "off";
  } catch {
    document.documentElement.dataset.captions = "off"; // storage can be forbidden
  }
})();
