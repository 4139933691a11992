// Shows where a slider stands while it is dragged; the answer itself comes from the server.
document.addEventListener("input", (event) => {
  const output = event.target.parentElement.querySelector("output");
  if (event.target.type !== "range" || !output) return;
  const value = Number(event.target.value);
  const shown = { percent: { style: "percent", maximumFractionDigits: 1, minimumFractionDigits: 1 }, decimal2: { minimumFractionDigits: 2, maximumFractionDigits: 2 } };
  output.textContent = value.toLocaleString(document.documentElement.lang, shown[output.dataset.form] || {});
});
// While a lever moves, answers come now and then; where it comes to rest, one always does.
const form = document.querySelector("form.levers");
let rest;
form?.addEventListener("input", () => {
  clearTimeout(rest);
  rest = setTimeout(() => form.dispatchEvent(new Event("settled")), 250);
});
