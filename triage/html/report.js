/* SPDX-License-Identifier: Apache-2.0
   What report.html does beside being read: the slider, and copying. */
"use strict";
(() => {
  const all = (selector, root = document) => [
    ...root.querySelectorAll(selector),
  ];
  document.documentElement.classList.add("js");

  // Each slider shows one of its steps, marks it in the finding's trace, and
  // tells those who listen.
  const slide = (steps) => {
    const figures = all(".step", steps);
    const range = steps.querySelector("input");
    const live = steps.querySelector("[aria-live]");
    const previous = steps.querySelector(".prev");
    const next = steps.querySelector(".next");
    const finding = steps.closest(".also, .bug");
    const marks = all(".op[data-op]", finding).filter(
      (op) => op.closest(".also, .bug") === finding,
    );
    const show = (tell) => {
      const now = Number(range.value);
      figures.forEach((figure, i) => {
        figure.classList.toggle("now", i === now);
      });
      for (const mark of marks) {
        mark.classList.toggle(
          "now",
          tell && mark.dataset.op === figures[now].dataset.op,
        );
      }
      const words = figures[now]
        .querySelector("figcaption")
        .innerText.replace(/\s+/g, " ");
      range.setAttribute("aria-valuetext", words);
      if (tell) live.textContent = words;
      previous.disabled = now === 0;
      next.disabled = now === figures.length - 1;
    };
    const move = (by) => () => {
      range.value = Number(range.value) + by;
      show(true);
    };
    range.addEventListener("input", () => show(true));
    previous.addEventListener("click", move(-1));
    next.addEventListener("click", move(1));
    show(false);
  };
  all(".steps").forEach(slide);

  // A page from a file may have no clipboard: then the old way.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "vh";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  const said = document.getElementById("said");
  let silence;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy).cloneNode(true);
    all(".nc", source).forEach((element) => element.remove());
    const done = await copy(source.textContent);
    button.focus();
    button.textContent = done ? "Copied" : "Select it";
    said.textContent = done ? "Copied." : "Nothing was copied.";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
    clearTimeout(silence);
    silence = setTimeout(() => {
      said.textContent = "";
    }, 1500);
  });

  // What a link leads to is open, and so is all that is printed.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const details = target && target.querySelector(":scope > details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => {
    all("details").forEach((details) => {
      details.open = true;
    });
  });
})();
