// Keeps the totals of an invoice up to date while it is typed. The server works them out, as it will when it saves.

(() => {
  const PAUSE = 250;
  const form = document.getElementById("invoice-entry");
  const rows = form.querySelector("[data-rows]");
  const totals = document.getElementById("totals");
  let timer = 0;
  let latest = 0;

  function show(html) {
    totals.innerHTML = html;
    const nets = [...totals.querySelector("template").content.querySelectorAll("data")];
    [...rows.querySelectorAll("[data-net]")].forEach((net, at) => {
      net.textContent = nets[at]?.textContent ?? "";
    });
  }

  async function fetched() {
    const answer = await fetch(form.dataset.totals, { method: "POST", body: new FormData(form) });
    return answer.ok && !answer.redirected ? answer.text() : null;
  }

  async function recalculate() {
    const asked = ++latest;
    const html = await fetched().catch(() => null);
    if (asked !== latest) {
      return; // what was typed meanwhile is already asked for
    }
    if (html === null) {
      totals.querySelector("h2").textContent = form.dataset.stale;
    } else {
      show(html);
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(recalculate, PAUSE);
  }

  function rowsChanged(changes) {
    for (const row of changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.("[data-row]"))) {
      row.classList.remove("bo-line-wrong");
      row.querySelector(".bo-line-errors")?.remove();
      row.querySelector("[data-net]").textContent = "";
      row.querySelector("details").open = false;
    }
    const isFull = rows.querySelectorAll("[data-row]").length >= Number(form.dataset.maxRows);
    rows.querySelector("[data-adds-row]").disabled = isFull;
    soon();
  }

  form.addEventListener("input", soon);
  new MutationObserver(rowsChanged).observe(rows, { childList: true });
})();
