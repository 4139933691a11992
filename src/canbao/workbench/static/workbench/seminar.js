// A guest's page: counts are told and set where they stand; what is new waits behind a button, so that nothing jumps while
// somebody reads; votes are posted without a reload. Without this script every form works by itself.
(() => {
  const room = document.getElementById("seminar");
  if (!room) return;
  const list = document.getElementById("list"), button = document.getElementById("news");
  const say = room.dataset;
  const mine = new Set(), ballots = new Map();
  let fresh = null, asking = null;

  // --- what is mine: the list that all phones fetch does not say -----------------------------------------------------
  const remember = () => {
    for (const one of list.querySelectorAll(".vote button[aria-pressed=true]")) mine.add(one.closest("li").id);
    for (const one of list.querySelectorAll("[data-chosen]")) ballots.set(one.closest("[data-poll]").dataset.poll, one.id);
  };
  const mark = (within) => {
    for (const form of within.querySelectorAll("form.vote")) {
      const pressed = mine.has(form.closest("li").id), press = form.querySelector("button");
      press.setAttribute("aria-pressed", pressed);
      press.textContent = pressed ? say.noLonger : say.want;
    }
    for (const poll of within.querySelectorAll("[data-poll]")) {
      const chosen = ballots.get(poll.dataset.poll);
      if (!chosen) continue;
      for (const form of poll.querySelectorAll("form")) form.remove();
      const choice = poll.querySelector(`#${chosen}`);
      if (choice && !choice.querySelector(".may")) {
        const note = document.createElement("span");
        note.className = "may";
        note.textContent = say.yourChoice;
        choice.append(" ", note);
      }
    }
  };

  // --- voting ----------------------------------------------------------------------------------------------------------
  const complete = (form) => {
    const given = { csrfmiddlewaretoken: say.token };
    if (form.matches(".vote") && mine.has(form.closest("li").id)) given.withdraw = "1";
    for (const one of form.querySelectorAll("input[type=hidden]")) one.remove();
    for (const [name, value] of Object.entries(given)) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
  };
  const post = async (form) => {
    const body = new URLSearchParams(new FormData(form));
    // Where it is done the server sends to the page again, which need not be fetched.
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    return answer.type === "opaqueredirect" || answer.status === 409;
  };
  room.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches(".vote, .ballot")) return;
    event.preventDefault();
    const press = form.querySelector("button");
    complete(form);
    press.disabled = true;
    const done = await post(form).catch(() => false);
    press.disabled = false;
    if (!done) return form.submit(); // the server says in words what is wrong
    if (form.matches(".ballot")) ballots.set(form.closest("[data-poll]").dataset.poll, form.closest("li").id);
    else if (!mine.delete(form.closest("li").id)) mine.add(form.closest("li").id);
    mark(list);
  });

  // --- hearing of changes ----------------------------------------------------------------------------------------------
  const part = (within, name) => within.querySelector(`[data-part=${name}]`);
  const swap = (name) => {
    const open = Boolean(part(list, name).querySelector("details[open]"));
    part(list, name).replaceWith(part(fresh, name).cloneNode(true));
    for (const one of part(list, name).querySelectorAll("details")) one.open ||= open;
    mark(list);
  };
  const show = () => { swap("questions"); button.hidden = true; };
  const fetched = async () => {
    asking = null;
    const answer = await fetch(say.list, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return later();
    fresh = document.createElement("div");
    fresh.innerHTML = await answer.text();
    if (!part(list, "now").contains(document.activeElement)) swap("now");
    const here = items(list), there = items(fresh);
    // What is known changes where it stands; what is no longer shown goes; what is new waits for the button.
    for (const [name, one] of here) {
      if (!there.has(name)) one.remove();
      else if (!one.contains(document.activeElement)) one.replaceWith(there.get(name).cloneNode(true));
    }
    mark(list);
    const count = [...there.keys()].filter((name) => !here.has(name)).length;
    if (!here.size && count) return show();
    button.hidden = !count;
    button.textContent = say.news.replace("0", count);
  };
  const items = (within) => new Map([...part(within, "questions").querySelectorAll("li.question")].map((one) => [one.id, one]));
  // All phones are told at once; they do not all ask at once. The list is made anew every second. Results of a poll that
  // is going on change all the time and can wait longer.
  const SOON = 8000, WHENEVER = 20000;
  const later = (within = SOON) => {
    const due = Date.now() + 1000 + Math.random() * within;
    if (asking && asking.due <= due) return;
    if (asking) clearTimeout(asking.timer);
    asking = { due, timer: setTimeout(fetched, due - Date.now()) };
  };
  button.addEventListener("click", show);
  remember();
  mark(list);
  if (!say.events || !window.EventSource) return void setInterval(later, WHENEVER);
  const source = new EventSource(say.events);
  source.addEventListener("changed", (event) => later(event.data === "ballots" ? WHENEVER : SOON));
  source.addEventListener("votes", (event) => {
    for (const [name, votes] of Object.entries(JSON.parse(event.data))) {
      const count = document.querySelector(`#q-${name} .votes`);
      if (count) count.textContent = votes;
    }
  });
  source.addEventListener("error", () => later());
  setInterval(later, 60000, WHENEVER); // whatever was missed
})();
