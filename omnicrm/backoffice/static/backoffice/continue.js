// Goes on by itself with what is done in parts. Without scripts, the button does it.

document.addEventListener("DOMContentLoaded", () => document.querySelector("form[data-continues]")?.requestSubmit());
