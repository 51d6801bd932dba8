// Keeps the dashboard's figures up to date. Replaces only the parts that changed, and gives the focus back.

(() => {
  const PERIOD = 5000;
  const figures = document.getElementById("figures");

  function focusedIn(part) {
    const element = document.activeElement;
    return part.contains(element) ? element.getAttribute("href") : null;
  }

  function replace(part, fresh) {
    const href = focusedIn(part);
    part.innerHTML = fresh.innerHTML;
    if (href) {
      part.querySelector(`[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
    }
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const fresh of page.querySelectorAll("[data-part]")) {
      const part = figures.querySelector(`[data-part="${fresh.dataset.part}"]`);
      if (part && part.innerHTML !== fresh.innerHTML) {
        replace(part, fresh);
      }
    }
  }

  function warn() {
    const at = figures.querySelector('[data-part="at"]');
    at.textContent = figures.dataset.stale;
    at.classList.add("bo-stale");
  }

  async function fetched() {
    const answer = await fetch(figures.dataset.source);
    if (answer.redirected) {
      window.location.reload(); // signed out meanwhile
    }
    return answer.ok && !answer.redirected ? answer.text() : null;
  }

  async function refresh() {
    if (document.hidden) {
      return;
    }
    const html = await fetched().catch(() => null);
    if (html === null) {
      warn();
    } else {
      figures.querySelector('[data-part="at"]').classList.remove("bo-stale");
      show(html);
    }
  }

  setInterval(refresh, PERIOD);
  document.addEventListener("visibilitychange", refresh);
})();
