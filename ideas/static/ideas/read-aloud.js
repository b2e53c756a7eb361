/* Reads the page aloud with the browser's own speech. Loaded in elder mode only; understood by Chromium 78. */
(function () {
  "use strict";
  const speech = window.speechSynthesis;
  const words = JSON.parse(document.getElementById("read-aloud-words").text);
  const main = document.querySelector("main .wrap");
  if (!speech || !window.SpeechSynthesisUtterance || !main) return;

  const SKIPPED = "script, style, svg, [hidden], [aria-hidden=true], .read-aloud";
  const LONGEST = 120; // Chromium falls silent within an utterance of more than about fifteen seconds

  /* [{lang, text}] in the order of the document: one entry per block and language. */
  function blocks(root) {
    const found = [];
    let open = null;
    function say(text, node) {
      const lang = node.closest("[lang]").lang;
      if (open && open.lang !== lang && text.trim()) open = null;
      if (!open) found.push(open = { lang: lang, text: "" });
      open.text += text;
    }
    function visit(node) {
      if (node.nodeType === Node.TEXT_NODE) return say(node.data, node.parentElement);
      if (node.nodeType !== Node.ELEMENT_NODE || node.matches(SKIPPED) || !node.getClientRects().length) return;
      const isBlock = !getComputedStyle(node).display.startsWith("inline");
      if (isBlock) open = null;
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(node.nodeName)) say(value(node), node);
      else if (node.nodeName === "BR") say(" ", node.parentElement);
      else node.childNodes.forEach(visit);
      if (node.control && node.control.checked) say(", " + words.chosen, document.documentElement);
      if (isBlock) open = null;
    }
    visit(root);
    return found;
  }

  /* What a field holds; a ticked one is said with its label, and nothing secret is said. */
  function value(field) {
    if (field.nodeName === "SELECT") return field.value && field.selectedOptions[0].text;
    return /^(text|textarea|tel|email|number|search)$/.test(field.type) ? field.value : "";
  }

  function sentences(text) {
    const whole = text.match(/[^。！？；\n]+?(?:[。！？；\n]|[.!?;:](?=\s)|$)/g) || [];
    return whole.map((part) => part.replace(/\s+/g, " ").trim()).filter(Boolean).reduce(split, []);
  }

  function lastPause(text, before) {
    return Math.max(...["，", "、", "：", ", ", " "].map((mark) => text.lastIndexOf(mark, before))) + 1;
  }

  /* Cut what is still too long, where a comma or a space allows it. */
  function split(parts, rest) {
    const longest = /[\u3400-\u9fff]/.test(rest) ? LONGEST / 2 : LONGEST;
    while (rest.length > longest) {
      const at = lastPause(rest, longest - 1);
      parts.push(rest.slice(0, at || longest).trim());
      rest = rest.slice(at || longest);
    }
    parts.push(rest);
    return parts;
  }

  let queue = [];
  let silence = 0; // a device without a voice neither begins nor says so
  let current = null; // kept, or the browser throws it away together with its events
  const button = document.createElement("button");

  function next() {
    const part = queue.shift();
    if (!part) return stop();
    const utterance = current = new SpeechSynthesisUtterance(part.text);
    utterance.lang = part.lang === "zh-Hans" ? "zh-CN" : part.lang;
    utterance.onstart = () => { clearTimeout(silence); };
    utterance.onend = utterance.onerror = () => { if (current === utterance) next(); };
    speech.speak(utterance);
  }

  function stop() {
    clearTimeout(silence);
    queue = [];
    current = null;
    speech.cancel();
    button.textContent = words.start;
  }

  button.type = "button";
  button.className = "button second read-aloud";
  button.addEventListener("click", () => {
    if (current) return stop();
    blocks(main).forEach((block) => sentences(block.text).forEach((text) => queue.push({ lang: block.lang, text: text })));
    button.textContent = words.stop;
    silence = setTimeout(() => { stop(); button.textContent = words.silent; }, 3000);
    next();
  });
  window.addEventListener("pagehide", stop);
  stop();
  main.insertBefore(button, main.firstChild);
})();
