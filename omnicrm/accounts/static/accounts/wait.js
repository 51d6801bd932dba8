// Counts the cool-down and opens the button again. Without scripts the server counts alone.
for (const button of document.querySelectorAll("[data-wait]")) {
  const ends = Date.now() + 1000 * Number(button.dataset.wait);
  const text = button.parentElement.querySelector("[data-wait-text]");
  const seconds = button.parentElement.querySelector("[data-wait-seconds]");
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    button.disabled = left > 0;
    if (left <= 0) {
      text?.remove();
      return;
    }
    if (seconds) seconds.textContent = left;
    setTimeout(tick, 500);
  };
  tick();
}
