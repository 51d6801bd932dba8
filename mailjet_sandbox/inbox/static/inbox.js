// Enhances the page, which works without it: moves between messages without reloading, shows new ones as they arrive,
// listens to the keyboard, and tells times in the reader's own zone.

const POLL = 2500;
const TYPING_PAUSE = 250;
const root = document.documentElement;
const list = document.getElementById("list");
const reader = document.getElementById("reader");
const offline = document.getElementById("offline");
let version = null;
let latest = 0;

root.classList.add("scripted");

// Pages

async function fetchPage(address, headers = {}) {
  const answer = await fetch(address, { headers, cache: "no-store", credentials: "same-origin" });
  if (answer.status === 304) return null;
  if (answer.status !== 200 && answer.status !== 404) throw new Error(`${address}: ${answer.status}`);
  version = answer.headers.get("ETag");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function visit(address, { keepsReader = false, keepsHistory = false } = {}) {
  const mine = ++latest;
  try {
    const page = await fetchPage(address);
    if (mine !== latest) return;
    if (!keepsHistory) history.pushState(null, "", address);
    takeFrame(page);
    takeList(page);
    if (!keepsReader) takeReader(page);
  } catch {
    location.assign(address);
  }
}

function takeFrame(page) {
  document.title = page.title;
  document.body.className = page.body.className;
  for (const part of [".languages", "#delete"]) {
    const [mine, theirs] = [document.querySelector(part), page.querySelector(part)];
    if (mine && theirs && !mine.matches(":popover-open")) mine.replaceChildren(...theirs.childNodes);
  }
}

function takeList(page) {
  const search = document.getElementById("search");
  const typing = document.activeElement === search && { value: search.value, at: search.selectionStart };
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const anchor = topMessage();
  list.replaceChildren(...page.getElementById("list").childNodes);
  localiseTimes(list);
  restoreScroll(anchor);
  if (typing) {
    const again = document.getElementById("search");
    again.value = typing.value;
    again.focus({ preventScroll: true });
    again.setSelectionRange(typing.at, typing.at);
  } else if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

function takeReader(page) {
  reader.replaceChildren(...page.getElementById("reader").childNodes);
  reader.scrollTop = 0;
  settleReader();
}

function settleReader() {
  localiseTimes(reader);
  reader.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// What one looks at in the list stays where it is when messages arrive above it; at the very top they push in.
function topMessage() {
  const scroll = document.getElementById("scroll");
  if (!scroll || scroll.scrollTop === 0) return null;
  const edge = scroll.getBoundingClientRect().top;
  const item = [...scroll.querySelectorAll(".message")].find((each) => each.getBoundingClientRect().bottom > edge);
  return item && { id: item.id, offset: item.getBoundingClientRect().top - edge, scrolled: scroll.scrollTop };
}

function restoreScroll(anchor) {
  const scroll = document.getElementById("scroll");
  if (!anchor || !scroll) return;
  const item = document.getElementById(anchor.id);
  scroll.scrollTop = item
    ? item.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop - anchor.offset
    : anchor.scrolled;
}

// New messages

async function poll() {
  const mine = latest;
  try {
    const page = await fetchPage(location.href, version ? { "If-None-Match": version } : {});
    offline.hidden = true;
    if (page && mine === latest) {
      if (isEmpty(document) !== isEmpty(page)) return location.reload();
      takeFrame(page);
      takeList(page);
    }
  } catch {
    offline.hidden = false;
  }
}

const isEmpty = (page) => !page.getElementById("delete");

setInterval(() => document.hidden || poll(), POLL);
document.addEventListener("visibilitychange", () => document.hidden || poll());
for (const event of ["online", "offline"]) addEventListener(event, poll);

// Links, forms, history

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copy]");
  if (copier) return copy(copier);
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.closest(".languages") || link.matches(".skip")) return;
  event.preventDefault();
  visit(link.href).then(() => showPosition(link));
});

function showPosition(link) {
  if (link.rel === "next" || link.rel === "prev") document.getElementById("scroll").scrollTop = 0;
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".search")) return;
  event.preventDefault();
  search(event.target);
});

let pause;
document.addEventListener("input", (event) => {
  if (event.target.id !== "search") return;
  clearTimeout(pause);
  pause = setTimeout(() => search(event.target.form), TYPING_PAUSE);
});

function search(form) {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const address = new URL(location.pathname, location.origin);
  address.search = asked;
  visit(address.href, { keepsReader: true });
}

addEventListener("popstate", () => visit(location.href, { keepsHistory: true }));

async function copy(button) {
  const text = button.parentElement.querySelector("pre").textContent;
  const label = button.textContent;
  await navigator.clipboard.writeText(text);
  button.textContent = document.body.dataset.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

// Keyboard

const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector(":popover-open")) return;
  if (event.key === "Escape") return escape(event.target);
  if (isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    startSearch();
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  }
});

function move(step) {
  const items = [...list.querySelectorAll(".message")];
  const current = items.findIndex((item) => item.hasAttribute("aria-current"));
  const next = current < 0 ? items[0] : items[current + step];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  visit(next.href);
}

function escape(target) {
  if (target.id === "search") {
    if (target.value) {
      target.value = "";
      search(target.form);
    }
    target.blur();
  } else if (document.body.classList.contains("is-reading")) {
    visit(listAddress());
  }
}

async function startSearch() {
  const isHidden = getComputedStyle(list).display === "none";
  if (isHidden) await visit(listAddress());
  const field = document.getElementById("search");
  field.focus();
  field.select();
}

function listAddress() {
  const address = new URL(location.href);
  address.pathname = "/";
  address.searchParams.delete("tab");
  address.searchParams.delete("view");
  return address.href;
}

// Times

const locale = navigator.languages.find((language) => language.startsWith(root.lang)) ?? root.lang;

function localiseTimes(part) {
  const today = new Date().toDateString();
  for (const time of part.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const full = moment.toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium" });
    if (time.dataset.short === undefined) {
      time.textContent = full;
      continue;
    }
    const sameYear = moment.getFullYear() === new Date().getFullYear();
    time.title = full;
    time.textContent =
      moment.toDateString() === today
        ? moment.toLocaleTimeString(locale, { timeStyle: "short" })
        : moment.toLocaleDateString(locale, { day: "numeric", month: "short", year: sameYear ? undefined : "numeric" });
  }
}

localiseTimes(list);
settleReader();
document.querySelector(".message[aria-current]")?.scrollIntoView({ block: "nearest" });
