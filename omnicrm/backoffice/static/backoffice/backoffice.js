// What every page of the back office needs beyond unfold: the time zone for the server, the keyboard for what unfold
// made for the mouse, rows of attributes, copying.

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `omnicrm_timezone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  const NATIVE = "a[href], button, input, select, textarea, summary, label";

  // unfold opens menus and filters by clicks on elements that no key reaches.
  function reachable(root) {
    for (const element of root.querySelectorAll("[x-on\\:click]")) {
      if (!element.matches(NATIVE) && !element.querySelector(NATIVE) && element.id !== "changelist-filter-close") {
        element.tabIndex = 0;
        element.setAttribute("role", "button");
      }
    }
  }

  // An icon's text is the icon's name: nothing to read aloud. Those that are buttons without a title open the menu.
  function spoken(root) {
    for (const icon of root.querySelectorAll(".material-symbols-outlined")) {
      if (icon.getAttribute("role") !== "button") {
        icon.setAttribute("aria-hidden", "true");
      } else if (!icon.title) {
        icon.setAttribute("aria-label", "Menu");
      }
    }
  }

  function pressed(event) {
    const element = event.target;
    if ((event.key === "Enter" || event.key === " ") && element.matches('[role="button"][x-on\\:click]')) {
      event.preventDefault();
      element.click();
    }
  }

  function blank(row) {
    const copy = row.cloneNode(true);
    for (const field of copy.querySelectorAll("input, textarea")) {
      field.value = field.type === "hidden" ? "no" : "";
    }
    return copy;
  }

  function clicked(event) {
    const button = event.target.closest("button");
    const rows = button?.closest("[data-rows]");
    if (button?.matches("[data-adds-row]")) {
      const fresh = blank(rows.querySelector("[data-row]"));
      button.before(fresh);
      fresh.querySelector("input").focus();
    } else if (button?.matches("[data-removes-row]")) {
      const row = button.closest("[data-row]");
      if (rows.querySelectorAll("[data-row]").length === 1) {
        row.before(blank(row));
      }
      row.remove();
      rows.querySelector("[data-adds-row]").focus();
    } else if (button?.matches("[data-copies]")) {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent).then(() => {
        button.textContent = button.dataset.done;
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    reachable(document);
    spoken(document);
    for (const button of document.querySelectorAll("[data-adds-row], [data-removes-row], [data-copies]")) {
      button.hidden = false;
    }
    document.addEventListener("keydown", pressed);
    document.addEventListener("click", clicked);
  });
})();
