"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const place = Object.fromEntries(data.measures.map((name, index) => [name, index]));
  const ROW = 32, SPARE = 8, PRINTED = 200;
  const value = (question, name) => question.values[place[name]];
  const told = (number) => number === null || number === undefined ? "–" : String(Math.round(number * 1000) / 1000);
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // What is searched, made once.
  const haystack = data.questions.map((question) => [
    question.id, question.text, ...question.said.map((sentence) => sentence.text), ...question.references,
    ...question.relevant, ...question.passages.map((index) => data.passages[index].document),
  ].join("\n").toLowerCase());

  const option = (select, text, name) => {
    const element = make("option", "", text);
    element.value = name;
    select.append(element);
  };
  [...new Set(data.questions.map((question) => question.outcome))].sort().forEach((name) => option(at("outcome"), name, name));
  const kinds = new Map();
  for (const question of data.questions) {
    for (const [name, kind] of Object.entries({ set: question.set, ...question.slices })) {
      if (!kinds.has(name)) kinds.set(name, new Set());
      kinds.get(name).add(kind);
    }
  }
  for (const [name, values] of kinds) {
    if (values.size > 1 && values.size <= 60) {
      [...values].sort().forEach((kind) => option(at("kind"), name + ": " + kind, JSON.stringify([name, kind])));
    }
  }
  const ORDERS = {
    "as asked": null, "least sure first": ["confidence", 1], "slowest first": ["total_ms", -1],
    "least grounded first": ["grounded", 1], "lowest F1 first": ["f1", 1], "lowest recall@5 first": ["recall@5", 1],
  };
  Object.keys(ORDERS).forEach((name) => option(at("order"), name, name));

  let shown = [], chosen = -1;
  const choose = () => {
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [outcome, right, kind] = ["outcome", "right", "kind"].map((id) => at(id).value);
    const wanted = kind && JSON.parse(kind);
    shown = [];
    data.questions.forEach((question, index) => {
      const known = value(question, "right");
      const fits = words.every((word) => haystack[index].includes(word))
        && (!outcome || question.outcome === outcome)
        && (!right || (right === "-" ? known === null : known === Number(right)))
        && (!wanted || (wanted[0] === "set" ? question.set : question.slices[wanted[0]]) === wanted[1]);
      if (fits) shown.push(index);
    });
    const order = ORDERS[at("order").value];
    if (order) {
      const key = (index) => {
        const question = data.questions[index];
        const number = order[0] === "confidence" ? question.confidence : value(question, order[0]);
        return number === null ? Infinity : number * order[1];
      };
      shown.sort((a, b) => key(a) - key(b) || a - b);
    }
    at("count").textContent = shown.length + " of " + data.questions.length;
    at("spacer").style.height = shown.length * ROW + "px";
    at("scroller").scrollTop = 0;
    draw();
  };

  const cells = (question) => {
    const right = value(question, "right");
    return [question.text, question.outcome, right === null ? "–" : right ? "yes" : "no", told(value(question, "recall@5")),
      told(value(question, "grounded")), told(question.confidence), told(Math.round(value(question, "total_ms")))];
  };
  // Only the rows in sight exist.
  const draw = () => {
    const top = at("scroller").scrollTop, height = at("scroller").clientHeight;
    const first = Math.max(0, Math.floor(top / ROW) - SPARE);
    const last = Math.min(shown.length, Math.ceil((top + height) / ROW) + SPARE);
    const rows = document.createDocumentFragment();
    for (let index = first; index < last; index++) {
      const question = data.questions[shown[index]];
      const row = make("div", shown[index] === chosen ? "row chosen" : "row");
      row.setAttribute("role", "row");
      row.style.top = index * ROW + "px";
      cells(question).forEach((text, column) => {
        const name = column === 2 && text !== "–" ? (text === "yes" ? "better" : "worse") : "";
        row.append(make("span", name, text));
      });
      row.addEventListener("click", () => open(shown[index]));
      rows.append(row);
    }
    at("spacer").replaceChildren(rows);
  };

  const passage = (question, number) => {
    const one = data.passages[question.passages[number - 1]];
    const box = make("div", "passage");
    const title = [one.title || one.document, ...one.headings].filter((part, index, all) => part !== all[index - 1]).join(" › ");
    box.append(make("b", "", "[" + number + "] " + title), make("div", "small", one.location + (one.page ? ", page " + one.page : "")));
    const ranges = question.said.flatMap((sentence) => sentence.citations)
      .filter((citation) => citation.number === number && citation.range).map((citation) => citation.range)
      .sort((a, b) => a[0] - b[0]);
    const text = make("p");
    let end = 0;
    for (const [from, to] of ranges) {
      if (to <= end) continue;
      const start = Math.max(from, end);
      text.append(one.text.slice(end, start), make("mark", "", one.text.slice(start, to)));
      end = to;
    }
    text.append(one.text.slice(end));
    box.append(text);
    return box;
  };

  const facts = (question) => {
    const box = make("div", "facts");
    const add = (name, text) => {
      const span = make("span", "", name + " ");
      span.append(make("b", "", text));
      box.append(span);
    };
    add("id", question.id);
    add("set", question.set);
    Object.entries(question.slices).forEach(([name, kind]) => add(name, kind));
    add("confidence", told(question.confidence));
    data.measures.forEach((name, index) => {
      if (question.values[index] !== null) add(name, told(question.values[index]));
    });
    return box;
  };

  const open = (index) => {
    chosen = index;
    const question = data.questions[index];
    const left = make("div"), right = make("div"), sides = make("div", "sides");
    const boxes = question.passages.map((_, number) => passage(question, number + 1));
    left.append(make("h4", "", "Answer: " + question.outcome));
    for (const sentence of question.said) {
      const line = make("p", sentence.supported ? "sentence" : "sentence unsupported", sentence.text);
      line.title = (sentence.quoted ? "quoted, " : "") + "support " + told(sentence.score);
      for (const citation of sentence.citations) {
        const link = make("button", "cite", "[" + citation.number + "]");
        link.type = "button";
        link.addEventListener("click", () => {
          boxes.forEach((box) => box.classList.remove("aimed"));
          const box = boxes[citation.number - 1];
          if (!box) return;
          box.classList.add("aimed");
          (box.querySelector("mark") || box).scrollIntoView({ block: "nearest" });
        });
        line.append(link);
      }
      left.append(line);
    }
    if (question.note) left.append(make("p", "hint", question.note));
    const list = (title, texts) => {
      if (!texts.length) return;
      left.append(make("h4", "", title));
      texts.forEach((text) => left.append(make("p", "", text)));
    };
    list("Reference answers", question.references);
    list("Must contain", question.required);
    if (question.answerable === false) list("Judgement", ["The documents do not answer this."]);
    list("Documents that answer", question.relevant.map((name) => {
      const rank = question.found.indexOf(name);
      return name + (rank < 0 ? " (not among the first " + question.found.length + ")" : " (rank " + (rank + 1) + ")");
    }));
    if (question.reason) list("What people say", [question.reason]);
    right.append(make("h4", "", "Passages"), ...boxes);
    sides.append(left, right);
    at("detail").replaceChildren(make("h3", "", question.text), sides, facts(question));
    draw();
  };

  const move = (step) => {
    const now = shown.indexOf(chosen);
    const next = Math.min(shown.length - 1, Math.max(0, now < 0 ? 0 : now + step));
    if (next < 0 || !shown.length) return;
    const scroller = at("scroller"), top = next * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW - scroller.clientHeight;
    open(shown[next]);
  };

  let waiting = 0;
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("input", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(choose); });
  at("scroller").addEventListener("scroll", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); });
  at("scroller").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); move(step); }
  });
  at("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  window.addEventListener("beforeprint", () => {
    const table = make("table"), body = make("tbody");
    shown.slice(0, PRINTED).forEach((index) => {
      const row = make("tr");
      cells(data.questions[index]).forEach((text) => row.append(make("td", "", text)));
      body.append(row);
    });
    const head = make("tr");
    document.querySelectorAll(".head span").forEach((name) => head.append(make("th", "", name.textContent)));
    body.prepend(head);
    table.append(body);
    at("print").replaceChildren(make("p", "", "The first " + Math.min(PRINTED, shown.length) + " of " + shown.length + " questions chosen:"), table);
  });
  choose();
})();
