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

  async function refresh() {
    if (document.hidden) {
      return;
    }
    try {
      const answer = await fetch(figures.dataset.source, { headers: { Accept: "text/html" } });
      if (answer.redirected) {
        window.location.reload(); // signed out meanwhile
      } else if (answer.ok) {
        figures.querySelector('[data-part="at"]').classList.remove("bo-stale");
        show(await answer.text());
      } else {
        warn();
      }
    } catch {
      warn();
    }
  }

  setInterval(refresh, PERIOD);
  document.addEventListener("visibilitychange", refresh);
})();
